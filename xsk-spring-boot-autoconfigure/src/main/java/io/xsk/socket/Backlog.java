package io.xsk.socket;

/**
 * The {@link Descriptor}s of received packets that were transmitted and wait for room in
 * the TX ring, in their order. Whoever uses it holds the socket's lock for sending.
 */
final class Backlog {

	/** A ring. */
	private final long[] descriptors;

	private int first;

	private int size;

	/** Create an empty one with room for the frames that packets are received into. */
	Backlog(int capacity) {
		this.descriptors = new long[capacity];
	}

	/** How many frames wait; without the lock a guess. */
	int size() {
		return this.size;
	}

	boolean isEmpty() {
		return this.size == 0;
	}

	void add(long descriptor) {
		this.descriptors[index(this.size)] = descriptor;
		this.size++;
	}

	/** In how many frames the packet lies that waits first, 0 where none does. */
	int fragmentsOfFirst() {
		if (isEmpty()) {
			return 0;
		}
		int fragments = 1;
		while (Descriptor.isContinued(this.descriptors[index(fragments - 1)])) {
			fragments++;
		}
		return fragments;
	}

	long take() {
		long descriptor = this.descriptors[this.first];
		this.first = index(1);
		this.size--;
		return descriptor;
	}

	private int index(int distance) {
		return (this.first + distance) % this.descriptors.length;
	}

}
