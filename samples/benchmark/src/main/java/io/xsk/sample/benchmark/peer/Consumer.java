package io.xsk.sample.benchmark.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

import com.sun.management.ThreadMXBean;

/**
 * The one thread that has the packets, what it counts, and when it is to transmit.
 * Counters have one writer, so that counting takes no locked instruction.
 */
final class Consumer {

	private static final VarHandle PACKETS = handle("packets");

	private static final VarHandle BYTES = handle("bytes");

	private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private static final long NANOS_PER_MILLI = 1_000_000;

	private long packets;

	private long bytes;

	private volatile long transmitUntil;

	private volatile long threadId;

	private static VarHandle handle(String field) {
		try {
			return MethodHandles.lookup().findVarHandle(Consumer.class, field, long.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	/** Run the work of a peer on a thread of its own, which is the consumer. */
	void start(Runnable work) {
		Thread thread = new Thread(work, "consumer");
		thread.setDaemon(true);
		this.threadId = thread.getId();
		thread.start();
	}

	/** Say that the calling thread is the consumer. */
	void isCurrentThread() {
		this.threadId = Thread.currentThread().getId();
	}

	/** Say that the one thread of a name is the consumer. */
	void isThread(String prefix) {
		Thread[] threads = new Thread[Thread.activeCount() * 2];
		int count = Thread.enumerate(threads);
		for (int i = 0; i < count; i++) {
			if (threads[i].getName().startsWith(prefix)) {
				this.threadId = threads[i].getId();
				return;
			}
		}
		throw new IllegalStateException("There is no thread '%s…'.".formatted(prefix));
	}

	/** Count packets; for the consumer thread. */
	void count(long packets, long bytes) {
		PACKETS.setRelease(this, this.packets + packets);
		BYTES.setRelease(this, this.bytes + bytes);
	}

	/** Return until when to transmit, as {@link System#nanoTime()}, 0 for not now. */
	long transmitUntil() {
		return this.transmitUntil;
	}

	/** Say that nothing is transmitted any more. */
	void endTransmission() {
		this.transmitUntil = 0;
	}

	/** Wait until it is time to transmit, and return until when. */
	long awaitTransmission() {
		long until = this.transmitUntil;
		while (until == 0) {
			pause();
			until = this.transmitUntil;
		}
		return until;
	}

	/** Let the consumer transmit, and wait until it has. */
	Map<String, Long> transmit(long millis) {
		long start = System.nanoTime();
		this.transmitUntil = start + millis * NANOS_PER_MILLI;
		while (this.transmitUntil != 0) {
			pause();
		}
		return Map.of("nanos", System.nanoTime() - start);
	}

	/** Return what was counted, and what the thread has allocated so far. */
	Map<String, Long> mark() {
		Map<String, Long> numbers = new HashMap<>();
		numbers.put("packets", (long) PACKETS.getAcquire(this));
		numbers.put("bytes", (long) BYTES.getAcquire(this));
		numbers.put("allocated", THREADS.getThreadAllocatedBytes(this.threadId));
		return numbers;
	}

	static void pause() {
		try {
			Thread.sleep(1);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
	}

}
