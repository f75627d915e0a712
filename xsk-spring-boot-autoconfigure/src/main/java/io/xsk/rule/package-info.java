/**
 * What is to be redirected: rules, ports, prefixes, and what is wrong with them. Pure
 * values.
 */
@NullMarked
package io.xsk.rule;

import org.jspecify.annotations.NullMarked;
