package io.xsk.core;

/**
 * What an activation does with a slot of the XSKMAP that another socket holds.
 *
 * @since 0.1.0
 */
public enum ActivationPolicy {

	/** Take the slot over ({@code BPF_ANY}). */
	REPLACE,

	/** Leave the slot to the other socket and fail ({@code BPF_NOEXIST}). */
	EXCLUSIVE

}
