/**
 * The seam to Linux: its system calls behind one interface, its error numbers, constants
 * and struct layouts, owned descriptors and mappings, and its network interfaces.
 */
@NullMarked
package io.xsk.kernel;

import org.jspecify.annotations.NullMarked;
