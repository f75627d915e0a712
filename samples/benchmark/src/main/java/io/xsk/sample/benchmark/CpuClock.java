package io.xsk.sample.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import io.xsk.XskException;

/**
 * The CPU time that a process has used, all its threads together. The sum is exact; the
 * kernel knows how it splits into user and kernel space only from samples.
 *
 * @param nanos all of it
 * @param userTicks what was in user space, in hundredths of a second
 * @param systemTicks what was in the kernel, in hundredths of a second
 */
record CpuClock(long nanos, long userTicks, long systemTicks) {

	private static final long NANOS_PER_SECOND = 1_000_000_000;

	/**
	 * In {@code /proc/PID/stat} behind the name in parentheses, which may hold spaces.
	 */
	private static final int USER_FIELD = 12;

	private static final int SYSTEM_FIELD = 13;

	/**
	 * Read the clock of a process.
	 * @param pid the process
	 * @return the clock
	 */
	static CpuClock of(long pid) {
		long[] time = new long[2];
		// the clock of a process has its id inverted, and the kind of clock below:
		// clock_getcpuclockid(3)
		try {
			LibC.clock_gettime((int) (~pid << 3 | 2), time);
			String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
			String[] fields = stat.substring(stat.lastIndexOf(')')).split(" ");
			return new CpuClock(time[0] * NANOS_PER_SECOND + time[1], Long.parseLong(fields[USER_FIELD]),
					Long.parseLong(fields[SYSTEM_FIELD]));
		}
		catch (IOException | LastErrorException ex) {
			throw new XskException("There is no clock of process %d: %s".formatted(pid, ex.getMessage()),
					"It has ended: see what it wrote before this message.", ex);
		}
	}

	/** What was used since an earlier reading. */
	CpuClock since(CpuClock earlier) {
		return new CpuClock(this.nanos - earlier.nanos, this.userTicks - earlier.userTicks,
				this.systemTicks - earlier.systemTicks);
	}

	/** The part of the time that was spent in user space, from 0 to 1. */
	double userPart() {
		long ticks = this.userTicks + this.systemTicks;
		return (ticks > 0) ? (double) this.userTicks / ticks : 0;
	}

	/** What the JDK does not have. */
	private static final class LibC {

		static {
			Native.register(LibC.class, "c");
		}

		static native int clock_gettime(int clock, long[] time) throws LastErrorException;

	}

}
