package io.xsk.core;

/**
 * How it is known what a slot of the XSKMAP holds. User space cannot read an XSKMAP, so
 * the rights of the process decide.
 *
 * @since 0.1.0
 */
public enum Verification {

	/**
	 * A program that only reads told whether the slot is occupied. Whether by our socket
	 * was then asked by an update that changes nothing in an occupied slot.
	 */
	PROBE,

	/**
	 * An update with {@code BPF_NOEXIST} told that no other socket holds the slot. Had it
	 * been empty, this has put our socket back: the kernel does not tell the two apart.
	 */
	UPDATE,

	/**
	 * The slot was not asked: the state is what we last did, or the socket itself is
	 * dead.
	 */
	NONE

}
