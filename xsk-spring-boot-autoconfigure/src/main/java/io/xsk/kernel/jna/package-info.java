/**
 * The seam to Linux over JNA; nothing else uses JNA.
 */
@NullMarked
package io.xsk.kernel.jna;

import org.jspecify.annotations.NullMarked;
