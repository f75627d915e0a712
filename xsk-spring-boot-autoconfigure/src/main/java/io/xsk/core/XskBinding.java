package io.xsk.core;

import java.time.Instant;

import io.xsk.socket.Xsk;
import org.jspecify.annotations.Nullable;

/**
 * A socket and its slot in the XSKMAP: what is meant to be, and how they stood to each
 * other when the kernel was asked.
 *
 * @param xsk the socket
 * @param wanted whether the application or the operator wants the socket to be active
 * @param served whether somebody takes its packets; true where nobody said otherwise
 * @param state how they stand
 * @param verifiedBy how that is known
 * @param since when this state was first seen, {@code null} where nobody watches for it
 * @param reason why the state is not {@link BindingState#ACTIVE}, or why it could not be
 * verified; {@code null} when there is nothing to say
 * @since 0.1.0
 */
public record XskBinding(Xsk xsk, boolean wanted, boolean served, BindingState state, Verification verifiedBy,
		@Nullable Instant since, @Nullable String reason) {

	/**
	 * Return the interface of the socket.
	 * @return the interface index
	 */
	public int interfaceIndex() {
		return this.xsk.interfaceIndex();
	}

	/**
	 * Return the RX queue of the socket, which is its key in the XSKMAP.
	 * @return the queue id
	 */
	public int queueId() {
		return this.xsk.queueId();
	}

	XskBinding withoutSince() {
		return new XskBinding(this.xsk, this.wanted, this.served, this.state, this.verifiedBy, null, this.reason);
	}

	@Override
	public String toString() {
		return "interface %d queue %d is %s (verified by %s)".formatted(interfaceIndex(), queueId(), this.state,
				this.verifiedBy) + ((this.reason != null) ? ": " + this.reason : "");
	}

}
