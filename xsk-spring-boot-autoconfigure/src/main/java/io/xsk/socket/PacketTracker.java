package io.xsk.socket;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps account of retained packets, without keeping them reachable. Thread-safe.
 */
final class PacketTracker {

	private final PacketLeakListener listener;

	private final String interfaceName;

	private final int queueId;

	private final ReferenceQueue<XdpPacket> forgotten = new ReferenceQueue<>();

	private final Set<Retention> retentions = ConcurrentHashMap.newKeySet();

	PacketTracker(PacketLeakListener listener, String interfaceName, int queueId) {
		this.listener = listener;
		this.interfaceName = interfaceName;
		this.queueId = queueId;
	}

	/** A packet is retained for the first time. */
	Retention retained(XdpPacket packet) {
		Retention retention = new Retention(packet, this.forgotten);
		this.retentions.add(retention);
		return retention;
	}

	/** A packet is not retained any more. */
	void released(Retention retention) {
		this.retentions.remove(retention);
	}

	/** Report packets that nobody can release any more. */
	void reportForgotten() {
		for (Reference<?> found = this.forgotten.poll(); found != null; found = this.forgotten.poll()) {
			if (found instanceof Retention retention && this.retentions.remove(retention)) {
				report(retention, PacketLeak.Reason.FORGOTTEN);
			}
		}
	}

	/** Report packets that are retained while their socket is closed. */
	void reportAll() {
		reportForgotten();
		for (Retention retention : this.retentions) {
			if (this.retentions.remove(retention)) {
				report(retention, PacketLeak.Reason.CLOSED);
			}
		}
	}

	private void report(Retention retention, PacketLeak.Reason reason) {
		try {
			this.listener.onLeak(new PacketLeak(this.interfaceName, this.queueId, reason, retention.place));
		}
		catch (RuntimeException ex) {
			// whoever looks for leaks must not end what receives
			Thread thread = Thread.currentThread();
			thread.getUncaughtExceptionHandler().uncaughtException(thread, ex);
		}
	}

	/** A retained packet and where that happened. */
	static final class Retention extends WeakReference<XdpPacket> {

		private final Throwable place;

		private Retention(XdpPacket packet, ReferenceQueue<XdpPacket> queue) {
			super(packet, queue);
			this.place = new Throwable("retained here");
			StackTraceElement[] trace = this.place.getStackTrace();
			int caller = 0;
			while (caller < trace.length && !trace[caller].getClassName().equals(XdpPacket.class.getName())) {
				caller++;
			}
			this.place.setStackTrace(Arrays.copyOfRange(trace, Math.min(caller + 1, trace.length), trace.length));
		}

	}

}
