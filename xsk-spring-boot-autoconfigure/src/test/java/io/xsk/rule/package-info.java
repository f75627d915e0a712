/**
 * Tests of the XSKMAP, the redirect program, the link and the probe.
 */
@NullMarked
package io.xsk.rule;

import org.jspecify.annotations.NullMarked;
