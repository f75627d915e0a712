package io.xsk.kernel;

/**
 * Constants and layouts of {@code linux/bpf.h} (Linux 6.18). The offsets in
 * {@code union bpf_attr} are named after the command they belong to.
 *
 * @since 0.1.0
 */
public final class LinuxBpf {

	/** Create a map. */
	public static final int BPF_MAP_CREATE = 0;

	/** Read an element of a map. */
	public static final int BPF_MAP_LOOKUP_ELEM = 1;

	/** Write an element of a map. */
	public static final int BPF_MAP_UPDATE_ELEM = 2;

	/** Delete an element of a map. */
	public static final int BPF_MAP_DELETE_ELEM = 3;

	/** Read many elements of a map, since 5.6. */
	public static final int BPF_MAP_LOOKUP_BATCH = 24;

	/** Load a program. */
	public static final int BPF_PROG_LOAD = 5;

	/** Pin an object to a path. */
	public static final int BPF_OBJ_PIN = 6;

	/** Open a pinned object. */
	public static final int BPF_OBJ_GET = 7;

	/** Run a program on data. */
	public static final int BPF_PROG_TEST_RUN = 10;

	/** Open a program by id. */
	public static final int BPF_PROG_GET_FD_BY_ID = 13;

	/** Open a map by id. */
	public static final int BPF_MAP_GET_FD_BY_ID = 14;

	/** Read what the kernel knows of an object. */
	public static final int BPF_OBJ_GET_INFO_BY_FD = 15;

	/** Attach a program by a link, since 5.9 for XDP. */
	public static final int BPF_LINK_CREATE = 28;

	/** Open a link by id. */
	public static final int BPF_LINK_GET_FD_BY_ID = 30;

	/** Let a link attach another program, since 5.9 for XDP. */
	public static final int BPF_LINK_UPDATE = 29;

	/** Find the next id of a link. */
	public static final int BPF_LINK_GET_NEXT_ID = 31;

	/** Detach what a link attached. */
	public static final int BPF_LINK_DETACH = 34;

	/** The map type hash. */
	public static final int BPF_MAP_TYPE_HASH = 1;

	/** The map type array. */
	public static final int BPF_MAP_TYPE_ARRAY = 2;

	/** The map type array with a value for each possible CPU. */
	public static final int BPF_MAP_TYPE_PERCPU_ARRAY = 6;

	/** The map type trie of prefixes, which needs {@link #BPF_F_NO_PREALLOC}. */
	public static final int BPF_MAP_TYPE_LPM_TRIE = 11;

	/** Map flag: take memory for an element when it is written. */
	public static final int BPF_F_NO_PREALLOC = 1;

	/** The map type XSKMAP. */
	public static final int BPF_MAP_TYPE_XSKMAP = 17;

	/** The program type XDP. */
	public static final int BPF_PROG_TYPE_XDP = 6;

	/** The attach type XDP. */
	public static final int BPF_XDP = 37;

	/** The link type XDP. */
	public static final int BPF_LINK_TYPE_XDP = 6;

	/** Update: create or replace. */
	public static final int BPF_ANY = 0;

	/** Update: only where no other element is. */
	public static final int BPF_NOEXIST = 1;

	/** Update: only where an element is. */
	public static final int BPF_EXIST = 2;

	/** Program flag: the program copes with packets in several fragments, since 5.18. */
	public static final int BPF_F_XDP_HAS_FRAGS = 1 << 5;

	/**
	 * Link update flag: only when the link has the program that is named as the old one.
	 */
	public static final int BPF_F_REPLACE = 1 << 2;

	/** Attach in generic mode ({@code linux/if_link.h}). */
	public static final int XDP_FLAGS_SKB_MODE = 1 << 1;

	/** Attach in native mode ({@code linux/if_link.h}). */
	public static final int XDP_FLAGS_DRV_MODE = 1 << 2;

	/** Length of a name, its zero byte included. */
	public static final int BPF_OBJ_NAME_LEN = 16;

	/** Length of a program's tag. */
	public static final int BPF_TAG_SIZE = 8;

	/**
	 * Size of {@code union bpf_attr} that is passed: all fields used here lie within it.
	 */
	public static final int BPF_ATTR_SIZE = 152;

	/** Offset of the map type. */
	public static final int MAP_CREATE_TYPE = 0;

	/** Offset of the key size. */
	public static final int MAP_CREATE_KEY_SIZE = 4;

	/** Offset of the value size. */
	public static final int MAP_CREATE_VALUE_SIZE = 8;

	/** Offset of the number of elements. */
	public static final int MAP_CREATE_MAX_ENTRIES = 12;

	/** Offset of the map flags. */
	public static final int MAP_CREATE_FLAGS = 16;

	/** Offset of the name, since 4.15. */
	public static final int MAP_CREATE_NAME = 28;

	/** Offset of the map descriptor. */
	public static final int MAP_ELEM_MAP_FD = 0;

	/** Offset of the address of the key. */
	public static final int MAP_ELEM_KEY = 8;

	/** Offset of the address of the value. */
	public static final int MAP_ELEM_VALUE = 16;

	/** Offset of the flags, eight bytes. */
	public static final int MAP_ELEM_FLAGS = 24;

	/** Size of {@code union bpf_attr} that element commands need. */
	public static final int MAP_ELEM_SIZE = 32;

	/** Offset of the address of where to go on, 0 for the start. */
	public static final int MAP_BATCH_IN_BATCH = 0;

	/** Offset of the address that receives where to go on. */
	public static final int MAP_BATCH_OUT_BATCH = 8;

	/** Offset of the address of the keys. */
	public static final int MAP_BATCH_KEYS = 16;

	/** Offset of the address of the values. */
	public static final int MAP_BATCH_VALUES = 24;

	/** Offset of the number of elements, changed by the kernel. */
	public static final int MAP_BATCH_COUNT = 32;

	/** Offset of the map descriptor. */
	public static final int MAP_BATCH_MAP_FD = 36;

	/** Size of {@code union bpf_attr} that batch commands need. */
	public static final int MAP_BATCH_SIZE = 56;

	/** Offset of the program type. */
	public static final int PROG_LOAD_TYPE = 0;

	/** Offset of the number of instructions. */
	public static final int PROG_LOAD_INSN_CNT = 4;

	/** Offset of the address of the instructions. */
	public static final int PROG_LOAD_INSNS = 8;

	/** Offset of the address of the licence. */
	public static final int PROG_LOAD_LICENSE = 16;

	/** Offset of the detail of the verifier's log. */
	public static final int PROG_LOAD_LOG_LEVEL = 24;

	/** Offset of the size of the log. */
	public static final int PROG_LOAD_LOG_SIZE = 28;

	/** Offset of the address of the log. */
	public static final int PROG_LOAD_LOG_BUF = 32;

	/** Offset of the program flags. */
	public static final int PROG_LOAD_FLAGS = 44;

	/** Offset of the name. */
	public static final int PROG_LOAD_NAME = 48;

	/** Offset of the attach type that is expected. */
	public static final int PROG_LOAD_EXPECTED_ATTACH_TYPE = 68;

	/** Offset of the address of the path. */
	public static final int OBJ_PATH = 0;

	/** Offset of the descriptor to pin. */
	public static final int OBJ_FD = 8;

	/** Offset of the id to open, or to start from. */
	public static final int ID = 0;

	/** Offset of the next id. */
	public static final int NEXT_ID = 4;

	/** Offset of the descriptor to ask about. */
	public static final int INFO_FD = 0;

	/** Offset of the length of the info. */
	public static final int INFO_LEN = 4;

	/** Offset of the address of the info. */
	public static final int INFO_ADDRESS = 8;

	/** Offset of the program descriptor. */
	public static final int LINK_CREATE_PROG_FD = 0;

	/** Offset of the interface index. */
	public static final int LINK_CREATE_IFINDEX = 4;

	/** Offset of the attach type. */
	public static final int LINK_CREATE_ATTACH_TYPE = 8;

	/** Offset of the attach flags. */
	public static final int LINK_CREATE_FLAGS = 12;

	/** Offset of the link descriptor. */
	public static final int LINK_UPDATE_FD = 0;

	/** Offset of the descriptor of the new program. */
	public static final int LINK_UPDATE_NEW_PROG_FD = 4;

	/** Offset of the flags. */
	public static final int LINK_UPDATE_FLAGS = 8;

	/** Offset of the descriptor of the program that is to be replaced. */
	public static final int LINK_UPDATE_OLD_PROG_FD = 12;

	/** Offset of the link descriptor. */
	public static final int LINK_DETACH_FD = 0;

	/** Offset of the program descriptor. */
	public static final int TEST_RUN_PROG_FD = 0;

	/** Offset of the verdict that comes back. */
	public static final int TEST_RUN_RETVAL = 4;

	/** Offset of the size of the input. */
	public static final int TEST_RUN_DATA_SIZE_IN = 8;

	/** Offset of the size of the output. */
	public static final int TEST_RUN_DATA_SIZE_OUT = 12;

	/** Offset of the address of the input. */
	public static final int TEST_RUN_DATA_IN = 16;

	/** Offset of the address of the output. */
	public static final int TEST_RUN_DATA_OUT = 24;

	/** Offset of the number of runs. */
	public static final int TEST_RUN_REPEAT = 32;

	/** Offset of the mean time of a run that comes back, in nanoseconds. */
	public static final int TEST_RUN_DURATION = 36;

	/** Offset of the size of the context. */
	public static final int TEST_RUN_CTX_SIZE_IN = 40;

	/** Offset of the address of the context. */
	public static final int TEST_RUN_CTX_IN = 48;

	/** Size of {@code struct bpf_map_info} up to what is read. */
	public static final int MAP_INFO_SIZE = 80;

	/** Offset of the type. */
	public static final int MAP_INFO_TYPE = 0;

	/** Offset of the id. */
	public static final int MAP_INFO_ID = 4;

	/** Offset of the key size. */
	public static final int MAP_INFO_KEY_SIZE = 8;

	/** Offset of the value size. */
	public static final int MAP_INFO_VALUE_SIZE = 12;

	/** Offset of the number of elements. */
	public static final int MAP_INFO_MAX_ENTRIES = 16;

	/** Offset of the name. */
	public static final int MAP_INFO_NAME = 24;

	/** Size of {@code struct bpf_prog_info} up to what is read. */
	public static final int PROG_INFO_SIZE = 208;

	/** Offset of the type. */
	public static final int PROG_INFO_TYPE = 0;

	/** Offset of the id. */
	public static final int PROG_INFO_ID = 4;

	/** Offset of the tag. */
	public static final int PROG_INFO_TAG = 8;

	/** Offset of the number of maps that the program uses. */
	public static final int PROG_INFO_NR_MAP_IDS = 52;

	/** Offset of the address of their ids. */
	public static final int PROG_INFO_MAP_IDS = 56;

	/** Offset of the name. */
	public static final int PROG_INFO_NAME = 64;

	/** Size of {@code struct bpf_link_info} up to what is read. */
	public static final int LINK_INFO_SIZE = 64;

	/** Offset of the type. */
	public static final int LINK_INFO_TYPE = 0;

	/** Offset of the id. */
	public static final int LINK_INFO_ID = 4;

	/** Offset of the program's id. */
	public static final int LINK_INFO_PROG_ID = 8;

	/** Offset of the interface index, 0 when the interface is gone. */
	public static final int LINK_INFO_XDP_IFINDEX = 16;

	private LinuxBpf() {
	}

}
