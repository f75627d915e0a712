package io.xsk.bpf.filter;

import java.util.List;

/**
 * How a program finds out whether a packet is as long as its IP header says.
 *
 * @since 0.1.0
 */
public enum LengthCheck {

	/**
	 * It looks where the packet ends. The verifier lets it do so with CAP_PERFMON, and
	 * the packet has to be in one buffer.
	 */
	END,

	/**
	 * It asks the kernel, which costs a call for each packet that matches. Since Linux
	 * 5.18.
	 */
	CALL,

	/** It does not find out. */
	NONE;

	/**
	 * Return what to try until the verifier agrees.
	 * @param frags whether the packet may be in several buffers
	 * @return the cheapest first
	 */
	public static List<LengthCheck> choices(boolean frags) {
		return frags ? List.of(CALL, NONE) : List.of(values());
	}

}
