/**
 * Tests of listeners.
 */
@NullMarked
package io.xsk.listener;

import org.jspecify.annotations.NullMarked;
