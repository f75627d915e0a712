package io.xsk.socket;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * The free frames that packets are written into to be sent: the UMEM's frames from a
 * number on. A stack, because the frame that came back last is the likeliest to be in the
 * cache. Whoever uses it holds the socket's lock for sending.
 */
final class FramePool {

	private final Umem umem;

	private final int firstFrame;

	/** The addresses of the free frames. */
	private final long[] free;

	private int size;

	/** The buffers of the frames, each made when it is first asked for. */
	private final @Nullable ByteBuffer[] buffers;

	FramePool(Umem umem, int firstFrame) {
		this.umem = umem;
		this.firstFrame = firstFrame;
		this.free = new long[umem.frameCount() - firstFrame];
		this.buffers = new ByteBuffer[this.free.length];
		for (int frame = umem.frameCount() - 1; frame >= firstFrame; frame--) {
			give(umem.address(frame));
		}
	}

	/** How many frames there are, free and in use. */
	int capacity() {
		return this.free.length;
	}

	/** How many frames are free. */
	int size() {
		return this.size;
	}

	/** Whether a frame is one of these, and not one that packets are received into. */
	boolean owns(int frame) {
		return frame >= this.firstFrame;
	}

	/** Take a free frame, of which there must be one. */
	long take() {
		return this.free[--this.size];
	}

	void give(long frameAddress) {
		this.free[this.size++] = frameAddress;
	}

	/** The room for a packet in a frame: the same buffer in each call. */
	ByteBuffer buffer(long frameAddress) {
		int index = this.umem.frame(frameAddress) - this.firstFrame;
		ByteBuffer buffer = this.buffers[index];
		if (buffer == null) {
			buffer = this.umem.slice(frameAddress, this.umem.headroom());
			this.buffers[index] = buffer;
		}
		return buffer;
	}

}
