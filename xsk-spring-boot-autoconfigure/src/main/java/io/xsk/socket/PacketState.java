package io.xsk.socket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The state of an {@link XdpPacket}: how many hold it, the call that it is lent for among
 * them, and three flags, in one int that is changed by compare-and-set. <pre>
 *  state                       who holds it                 may be read  transmitted
 *  0                           nobody: frame is home        no
 *  LENT                        the call                     yes
 *  LENT + n                    the call, and n others       yes
 *  n                           n others, the call is over   yes
 *  TRANSMITTED                 the call, which transmitted  no           at its end
 *  (LENT + n) | TRANSMIT ...   the call, and n others       by those     when all are done
 *  n | TRANSMIT                n others                     by those     when all are done
 *  TRANSMIT                    nobody: it is being sent     no           yes
 * </pre>
 */
abstract sealed class PacketState permits XdpPacket {

	/** The packet is to be sent; makes the state negative. */
	static final int TRANSMIT = Integer.MIN_VALUE;

	/** The call that the packet is lent for is not over. */
	static final int IN_CALL = 1 << 30;

	/** The call itself has transmitted. */
	static final int DONE = 1 << 29;

	/** The call alone holds the packet. */
	static final int LENT = IN_CALL | 1;

	/** The call alone held the packet, and has transmitted it. */
	static final int TRANSMITTED = LENT | TRANSMIT | DONE;

	private static final VarHandle STATE;

	static {
		try {
			STATE = MethodHandles.lookup().findVarHandle(PacketState.class, "state", int.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private int state;

	/** Only its call holds the packet from now on. */
	final void lend() {
		this.state = LENT;
	}

	/** One more holds the packet. */
	final void hold() {
		int current;
		do {
			current = (int) STATE.getAcquire(this);
			requireNotTransmitted(current);
		}
		while (!STATE.compareAndSet(this, current, current + 1));
	}

	/** Transmit where the call alone holds the packet; returns whether it does. */
	final boolean transmitAlone() {
		if (this.state != LENT) {
			return false;
		}
		this.state = TRANSMITTED;
		return true;
	}

	/** Take holders away and set flags. */
	final int letGo(int holders, int flags) {
		int current;
		int left;
		do {
			current = (int) STATE.getAcquire(this);
			if (flags != 0) {
				requireNotTransmitted(current);
			}
			requireHeld(current);
			if (holders > 0 && (current & ~TRANSMIT) == LENT) {
				throw new IllegalStateException("This packet was not retained: its call alone holds it, and gives it"
						+ " back at its end. Call retain() in the call, before another thread gets the packet.");
			}
			left = (current - holders) | flags;
		}
		while (!STATE.compareAndSet(this, current, left));
		return left;
	}

	/** End the call that the packet is lent for. */
	final PacketEnd endCall() {
		// acquire: the others that held it are done with its bytes
		int current = (int) STATE.getAcquire(this);
		if (current == LENT) {
			// whoever is the only holder cannot become one of several
			this.state = 0;
			return PacketEnd.RELEASED;
		}
		if (current == TRANSMITTED) {
			this.state = TRANSMIT;
			return PacketEnd.TRANSMITTED;
		}
		int left = (current - LENT) & ~DONE;
		while (!STATE.compareAndSet(this, current, left)) {
			current = (int) STATE.getAcquire(this);
			left = (current - LENT) & ~DONE;
		}
		if ((left & ~TRANSMIT) != 0) {
			return PacketEnd.HELD;
		}
		return (left == 0) ? PacketEnd.RELEASED : PacketEnd.TRANSMITTED;
	}

	/** Whether somebody holds the packet; else its frame is home, or being sent. */
	final boolean isHeld() {
		int current = (int) STATE.getAcquire(this);
		return current != 0 && current != TRANSMIT;
	}

	final boolean isLentForACall() {
		return (this.state & IN_CALL) != 0;
	}

	final void requireHeld() {
		requireHeld(this.state);
	}

	final void requireNotTransmitted() {
		requireNotTransmitted(this.state);
	}

	private static void requireHeld(int state) {
		// who has retained it may read it although another has transmitted it already
		if (state <= 0 && (state == 0 || state == TRANSMIT || state == TRANSMITTED)) {
			throw notHeld(state);
		}
	}

	private static void requireNotTransmitted(int state) {
		if (state <= 0) {
			throw notHeld(state);
		}
	}

	private static IllegalStateException notHeld(int state) {
		return new IllegalStateException((state == 0)
				? "This packet was released. Touch it neither after its call nor, once retained, after release()."
				: "This packet was transmitted. Touch it no more; who has retained it may read it until release().");
	}

}
