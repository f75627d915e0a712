/**
 * Tests of listeners and the template.
 */
@NullMarked
package io.xsk.listener;

import org.jspecify.annotations.NullMarked;
