/**
 * What a generated redirect program costs, against the same filter written in C.
 */
@NullMarked
package io.xsk.sample.benchmark.filters;

import org.jspecify.annotations.NullMarked;
