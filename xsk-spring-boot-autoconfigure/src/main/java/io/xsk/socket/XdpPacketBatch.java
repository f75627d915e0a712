package io.xsk.socket;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * Packets that were received together, in their order. Valid during the call that it is
 * handed to, on the thread of that call; the same object comes again with the next ones.
 *
 * @since 0.1.0
 */
public final class XdpPacketBatch {

	private final @Nullable XdpPacket[] packets;

	private int size;

	XdpPacketBatch(int capacity) {
		this.packets = new XdpPacket[capacity];
	}

	/**
	 * Return how many packets there are.
	 * @return the number, from 1 on; 0 after the call
	 */
	public int size() {
		return this.size;
	}

	/**
	 * Return a packet.
	 * @param index its number, from 0 to below {@link #size()}
	 * @return the packet
	 * @throws IndexOutOfBoundsException when there is no such packet
	 */
	public XdpPacket get(int index) {
		XdpPacket packet = (index >= 0 && index < this.size) ? this.packets[index] : null;
		if (packet == null) {
			throw new IndexOutOfBoundsException(
					"Packet %d of a batch of %d. A batch is empty after its call.".formatted(index, this.size));
		}
		return packet;
	}

	void add(XdpPacket packet) {
		this.packets[this.size++] = packet;
	}

	/** Forget the packets, so that nothing is kept reachable by a batch that is over. */
	void clear() {
		Arrays.fill(this.packets, 0, this.size, null);
		this.size = 0;
	}

}
