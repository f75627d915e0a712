/**
 * What the tests need of the machine: veth pairs, commands, packets, a kernel that fails
 * on demand, and child processes with fewer rights.
 */
@NullMarked
package io.xsk.test;

import org.jspecify.annotations.NullMarked;
