package io.xsk.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.xsk.kernel.LinuxIfXdp;

/**
 * The memory that a socket shares with the kernel, cut into frames of one size. An
 * address is a distance from its start. Each frame has a buffer of its own, made once,
 * that cannot reach its neighbours.
 */
final class Umem {

	private final ByteBuffer memory;

	private final int frameSize;

	private final int frameShift;

	private final int frameCount;

	private final int headroom;

	/**
	 * Where in its frame the kernel puts a packet, unless the XDP program moves its
	 * start.
	 */
	private final int packetOffset;

	private final ByteBuffer[] packets;

	Umem(ByteBuffer memory, XdpSocketConfig config) {
		this.memory = memory;
		this.frameSize = config.frameSize();
		this.frameShift = Integer.numberOfTrailingZeros(this.frameSize);
		this.frameCount = config.frameCount();
		this.headroom = config.headroom();
		this.packetOffset = LinuxIfXdp.XDP_PACKET_HEADROOM + this.headroom;
		this.packets = new ByteBuffer[this.frameCount];
		for (int frame = 0; frame < this.frameCount; frame++) {
			this.packets[frame] = memory.slice((frame << this.frameShift) + this.packetOffset,
					this.frameSize - this.packetOffset);
		}
	}

	int frameCount() {
		return this.frameCount;
	}

	/** How long a packet that we send can be. */
	int room() {
		return this.frameSize - this.headroom;
	}

	/** The address of a frame by its number. */
	long address(int frame) {
		return (long) frame << this.frameShift;
	}

	/** The address of the frame in which an address lies. */
	long frameOf(long address) {
		return address & -this.frameSize;
	}

	/**
	 * The received packet at an address. The same buffer is given again for the same
	 * frame.
	 */
	ByteBuffer packet(long address, int length) {
		int frame = (int) (address >>> this.frameShift);
		if ((address & (this.frameSize - 1)) != this.packetOffset) {
			// the XDP program moved the packet's start: not ours, so this may allocate
			return this.memory.slice((int) address, length);
		}
		// the last reader may have left anything but the bytes changed
		return this.packets[frame].clear().limit(length).order(ByteOrder.BIG_ENDIAN);
	}

	/** Append the received bytes at an address to a buffer. */
	void copyTo(long address, int length, ByteBuffer target) {
		int position = target.position();
		target.put(position, this.memory, (int) address, length);
		target.position(position + length);
	}

	/**
	 * Write a packet that is to be sent into a frame.
	 * @return the address of the packet
	 */
	long write(long frameAddress, ByteBuffer packet) {
		long address = frameAddress + this.headroom;
		this.memory.put((int) address, packet, packet.position(), packet.remaining());
		return address;
	}

}
