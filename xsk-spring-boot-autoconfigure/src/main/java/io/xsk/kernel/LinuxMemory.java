package io.xsk.kernel;

/**
 * Constants of {@code sys/mman.h} and {@code sys/resource.h} (Linux 6.18).
 *
 * @since 0.1.0
 */
public final class LinuxMemory {

	/** Pages may be read. */
	public static final int PROT_READ = 1;

	/** Pages may be written. */
	public static final int PROT_WRITE = 2;

	/** Changes are shared with the other owners of what is mapped. */
	public static final int MAP_SHARED = 1;

	/** Changes are private. */
	public static final int MAP_PRIVATE = 2;

	/** Memory without a file. */
	public static final int MAP_ANONYMOUS = 0x20;

	/** Make all pages present at once. */
	public static final int MAP_POPULATE = 0x8000;

	/** Take huge pages. */
	public static final int MAP_HUGETLB = 0x40000;

	/** With {@link #MAP_HUGETLB}: pages of 2 MiB, whatever the default size is. */
	public static final int MAP_HUGE_2MB = 21 << 26;

	/** How many bytes a user may lock into memory. */
	public static final int RLIMIT_MEMLOCK = 8;

	/** A limit that is none. */
	public static final long RLIM_INFINITY = -1L;

	private LinuxMemory() {
	}

}
