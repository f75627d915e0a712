package io.xsk.core;

import java.time.Instant;

import io.xsk.socket.Xsk;
import org.jspecify.annotations.Nullable;

/**
 * What is meant of a socket, what was done with its slot, and what was last seen of it.
 * For an {@link XskMapTemplate}, under its lock.
 */
final class Intent {

	final Xsk xsk;

	boolean wanted;

	/** Whether it was wanted once. */
	boolean deactivated;

	@Nullable String unservedBecause;

	ActivationPolicy policy = ActivationPolicy.REPLACE;

	/** Whether it was put into its slot, and not taken out again. */
	boolean inSlot;

	private @Nullable XskBinding last;

	Intent(Xsk xsk) {
		this.xsk = xsk;
	}

	/** Sorts by interface and queue: an interface has one map, a queue one key in it. */
	static Long key(Xsk xsk) {
		return ((long) xsk.interfaceIndex() << Integer.SIZE) + xsk.queueId();
	}

	boolean isOf(Xsk other) {
		return this.xsk.equals(other) || (this.xsk.isOpen() && other.isOpen() && this.xsk.fd() == other.fd());
	}

	boolean served() {
		return this.unservedBecause == null;
	}

	boolean isMeantToBeActive() {
		return this.wanted && served();
	}

	String whyInactive() {
		String unwanted = this.deactivated ? "It was deactivated" : "It was not activated";
		if (served()) {
			return unwanted + ".";
		}
		return (this.wanted ? "It is wanted, but " : unwanted + ", and ") + this.unservedBecause + ".";
	}

	XskBinding observe(BindingState state, Verification verifiedBy, @Nullable String reason) {
		Instant since = (this.last != null && this.last.state() == state) ? this.last.since() : Instant.now();
		this.last = new XskBinding(this.xsk, this.wanted, served(), state, verifiedBy, since, reason);
		return this.last;
	}

}
