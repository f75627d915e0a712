/**
 * Receiving with annotated methods: containers that run one thread per XSK, and the
 * registry that starts and stops them.
 */
@NullMarked
package io.xsk.listener;

import org.jspecify.annotations.NullMarked;
