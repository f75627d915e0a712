package io.xsk.socket;

import java.nio.ByteBuffer;

import io.xsk.kernel.LinuxIfXdp;

/**
 * The memory that a socket shares with the kernel, cut into frames of one size. An
 * address is a distance from its start. Immutable but for its bytes.
 */
final class Umem {

	private final ByteBuffer memory;

	private final int frameSize;

	private final int frameShift;

	private final int frameCount;

	private final int headroom;

	private final int packetOffset;

	Umem(ByteBuffer memory, XdpSocketConfig config) {
		this.memory = memory;
		this.frameSize = config.frameSize();
		this.frameShift = Integer.numberOfTrailingZeros(this.frameSize);
		this.frameCount = config.frameCount();
		this.headroom = config.headroom();
		this.packetOffset = LinuxIfXdp.XDP_PACKET_HEADROOM + this.headroom;
	}

	int frameCount() {
		return this.frameCount;
	}

	/** How long a packet that we send from one frame can be. */
	int room() {
		return this.frameSize - this.headroom;
	}

	/** How many bytes stay free in front of a packet that we send. */
	int headroom() {
		return this.headroom;
	}

	/**
	 * Where in its frame the kernel puts a packet, unless the XDP program moves its
	 * start.
	 */
	int packetOffset() {
		return this.packetOffset;
	}

	/** The address of a frame by its number. */
	long address(int frame) {
		return (long) frame << this.frameShift;
	}

	/** The number of the frame in which an address lies. */
	int frame(long address) {
		return (int) (address >>> this.frameShift);
	}

	/** How far from the start of its frame an address lies. */
	int offset(long address) {
		return (int) address & (this.frameSize - 1);
	}

	/** A buffer that starts in a frame and ends with it: it cannot reach another one. */
	ByteBuffer slice(long frameAddress, int offset) {
		return this.memory.slice((int) frameAddress + offset, this.frameSize - offset);
	}

	/** Write a part of a packet that is to be sent. */
	void write(long address, ByteBuffer packet, int index, int length) {
		this.memory.put((int) address, packet, index, length);
	}

	/** Write a part of a packet that is to be sent. */
	void write(long address, byte[] packet, int index, int length) {
		this.memory.put((int) address, packet, index, length);
	}

}
