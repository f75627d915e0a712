/**
 * Tests of {@link io.xsk.send}.
 */
@NullMarked
package io.xsk.send;

import org.jspecify.annotations.NullMarked;
