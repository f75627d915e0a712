package io.xsk.bpf;

import io.xsk.XskSystemException;
import io.xsk.kernel.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The probe of one map, loaded when a slot is first looked at, or why there is none. For
 * an {@link XskMap}, under its lock.
 */
final class MapProbe {

	private final XskMap map;

	private @Nullable SlotProbe probe;

	private @Nullable XskSystemException refusal;

	MapProbe(XskMap map) {
		this.map = map;
	}

	Occupancy occupancy(int queueId) {
		SlotProbe loaded = (this.probe != null) ? this.probe : load();
		if (loaded == null) {
			return Occupancy.UNKNOWN;
		}
		return loaded.isOccupied(queueId) ? Occupancy.OCCUPIED : Occupancy.EMPTY;
	}

	private @Nullable SlotProbe load() {
		if (mayBeAllowed(this.refusal)) {
			try {
				this.probe = SlotProbe.load(this.map.kernel(), this.map);
				this.refusal = null;
			}
			catch (XskSystemException ex) {
				this.refusal = ex;
			}
		}
		return this.probe;
	}

	/** Rights do not come back, memory and descriptors do. */
	private static boolean mayBeAllowed(@Nullable XskSystemException refusal) {
		return refusal == null || (refusal.getErrno() != Errno.EPERM && refusal.getErrno() != Errno.EACCES);
	}

	@Nullable XskSystemException refusal() {
		return this.refusal;
	}

	void use(SlotProbe other) {
		close();
		this.probe = other;
	}

	void close() {
		if (this.probe != null) {
			this.probe.close();
			this.probe = null;
		}
	}

}
