package io.xsk.kernel;

import io.xsk.bpf.asm.LinuxXdp;
import org.junit.jupiter.api.Test;

/**
 * Tests for {@link LinuxBpf} and {@link LinuxXdp} against the kernel's header.
 */
class LinuxBpfTests {

	private static final String ATTR = "union bpf_attr";

	private final Layout layout = new Layout(LinuxBpf.class, CHeaders.of("linux/bpf.h", "linux/if_link.h"));

	private final Layout xdp = new Layout(LinuxXdp.class, CHeaders.of("linux/bpf.h"));

	@Test
	void mapCreate() {
		this.layout.struct("MAP_CREATE", ATTR)
			.field("TYPE", "map_type")
			.field("KEY_SIZE", "key_size")
			.field("VALUE_SIZE", "value_size")
			.field("MAX_ENTRIES", "max_entries")
			.field("FLAGS", "map_flags")
			.field("NAME", "map_name")
			.check();
	}

	@Test
	void elementCommands() {
		this.layout.struct("MAP_ELEM", ATTR)
			.field("MAP_FD", "map_fd")
			.field("KEY", "key")
			.field("VALUE", "value")
			.field("FLAGS", "flags")
			.end("SIZE", "flags")
			.check();
	}

	@Test
	void batchCommands() {
		this.layout.struct("MAP_BATCH", ATTR)
			.field("IN_BATCH", "batch.in_batch")
			.field("OUT_BATCH", "batch.out_batch")
			.field("KEYS", "batch.keys")
			.field("VALUES", "batch.values")
			.field("COUNT", "batch.count")
			.field("MAP_FD", "batch.map_fd")
			.end("SIZE", "batch.flags")
			.check();
	}

	@Test
	void progLoad() {
		this.layout.struct("PROG_LOAD", ATTR)
			.field("TYPE", "prog_type")
			.field("INSN_CNT", "insn_cnt")
			.field("INSNS", "insns")
			.field("LICENSE", "license")
			.field("LOG_LEVEL", "log_level")
			.field("LOG_SIZE", "log_size")
			.field("LOG_BUF", "log_buf")
			.field("FLAGS", "prog_flags")
			.field("NAME", "prog_name")
			.field("EXPECTED_ATTACH_TYPE", "expected_attach_type")
			.check();
	}

	@Test
	void linkUpdate() {
		this.layout.struct("LINK_UPDATE", ATTR)
			.field("FD", "link_update.link_fd")
			.field("NEW_PROG_FD", "link_update.new_prog_fd")
			.field("FLAGS", "link_update.flags")
			.field("OLD_PROG_FD", "link_update.old_prog_fd")
			.check();
	}

	@Test
	void objectCommands() {
		this.layout.struct("OBJ", ATTR).field("PATH", "pathname").field("FD", "bpf_fd").check();
		this.layout.struct("INFO", ATTR)
			.field("FD", "info.bpf_fd")
			.field("LEN", "info.info_len")
			.field("ADDRESS", "info.info")
			.check();
	}

	@Test
	void linkCommands() {
		this.layout.struct("LINK_CREATE", ATTR)
			.field("PROG_FD", "link_create.prog_fd")
			.field("IFINDEX", "link_create.target_ifindex")
			.field("ATTACH_TYPE", "link_create.attach_type")
			.field("FLAGS", "link_create.flags")
			.check();
		this.layout.struct("LINK_DETACH", ATTR).field("FD", "link_detach.link_fd").check();
	}

	@Test
	void testRun() {
		this.layout.struct("TEST_RUN", ATTR)
			.field("PROG_FD", "test.prog_fd")
			.field("RETVAL", "test.retval")
			.field("DATA_SIZE_IN", "test.data_size_in")
			.field("DATA_SIZE_OUT", "test.data_size_out")
			.field("DATA_IN", "test.data_in")
			.field("DATA_OUT", "test.data_out")
			.field("REPEAT", "test.repeat")
			.field("DURATION", "test.duration")
			.field("CTX_SIZE_IN", "test.ctx_size_in")
			.field("CTX_IN", "test.ctx_in")
			.check();
	}

	@Test
	void mapInfo() {
		this.layout.struct("MAP_INFO", "struct bpf_map_info")
			.grows()
			.field("TYPE", "type")
			.field("ID", "id")
			.field("KEY_SIZE", "key_size")
			.field("VALUE_SIZE", "value_size")
			.field("MAX_ENTRIES", "max_entries")
			.field("NAME", "name")
			.check();
	}

	@Test
	void progInfo() {
		this.layout.struct("PROG_INFO", "struct bpf_prog_info")
			.grows()
			.field("TYPE", "type")
			.field("ID", "id")
			.field("TAG", "tag")
			.field("NR_MAP_IDS", "nr_map_ids")
			.field("MAP_IDS", "map_ids")
			.field("NAME", "name")
			.check();
	}

	@Test
	void linkInfo() {
		this.layout.struct("LINK_INFO", "struct bpf_link_info")
			.grows()
			.field("TYPE", "type")
			.field("ID", "id")
			.field("PROG_ID", "prog_id")
			.field("XDP_IFINDEX", "xdp.ifindex")
			.check();
	}

	@Test
	void context() {
		this.xdp.struct("XDP_MD", "struct xdp_md")
			.field("DATA", "data")
			.field("DATA_END", "data_end")
			.field("RX_QUEUE_INDEX", "rx_queue_index")
			.check();
	}

	@Test
	void constants() {
		this.layout.alias("ID", "offsetof(union bpf_attr, prog_id)")
			.alias("NEXT_ID", "offsetof(union bpf_attr, next_id)")
			.everyOtherConstantIsOfTheSameName();
		this.xdp.alias("BPF_FUNC_MAP_LOOKUP_ELEM", "BPF_FUNC_map_lookup_elem")
			.alias("BPF_FUNC_REDIRECT_MAP", "BPF_FUNC_redirect_map")
			.alias("BPF_FUNC_XDP_GET_BUFF_LEN", "BPF_FUNC_xdp_get_buff_len")
			.everyOtherConstantIsOfTheSameName();
	}

}
