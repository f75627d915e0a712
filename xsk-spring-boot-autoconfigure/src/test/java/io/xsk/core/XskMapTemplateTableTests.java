package io.xsk.core;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.xsk.XskException;
import io.xsk.bpf.Occupancy;
import io.xsk.bpf.UpdateMode;
import io.xsk.bpf.XskMap;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The table in the Javadoc of {@link XskMapTemplate}, cell by cell, on the running
 * kernel.
 */
@KernelTest
class XskMapTemplateTableTests {

	/**
	 * The columns are those of the Javadoc; a binding's state stands for what inspect
	 * says, and all other words for what is in the slot afterwards.
	 */
	private static final String TABLE = """
			meant slot  | replace exclusive deactivate serve unserve inspect  close
			WS    -     | ours    ours      -          -     -       MISSING  -
			WS    ours  | ours    ours      -          ours  -       ACTIVE   -
			WS    other | ours    fails     other      other other   FOREIGN  other
			W     -     | -       -         -          ours  -       INACTIVE -
			W     ours  | ours    ours      -          ours  -       INACTIVE -
			W     other | other   other     other      ours  other   INACTIVE other
			S     -     | ours    ours      -          -     -       INACTIVE -
			S     ours  | ours    ours      -          ours  -       INACTIVE -
			S     other | ours    fails     other      other other   INACTIVE other
			none  -     | -       -         -          -     -       INACTIVE -
			none  ours  | ours    ours      -          ours  -       INACTIVE -
			none  other | other   other     other      other other   INACTIVE other
			""";

	private static final XdpSocketConfig SMALL = XdpSocketConfig.builder()
		.frameCount(128)
		.rxRingSize(64)
		.txRingSize(64)
		.fillRingSize(64)
		.completionRingSize(64)
		.build();

	private final Kernel kernel = JnaKernel.load();

	private final OpenResources before = OpenResources.snapshot();

	private VethPair veth;

	private XskMap map;

	private XskMapTemplate template;

	private XdpSocket socket;

	private XdpSocket other;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(2);
		this.map = XskMap.create(this.kernel, "xsks", 2);
		this.template = new XskMapTemplate(this.map);
		this.socket = XdpSocket.open(this.kernel, this.veth.info(), 0, SMALL);
		this.other = XdpSocket.open(this.kernel, this.veth.info(), 1, SMALL);
	}

	@AfterEach
	void tearDown() {
		this.socket.close();
		this.other.close();
		this.map.close();
		this.veth.close();
		this.before.assertUnchanged();
	}

	static Stream<Cell> cells() {
		List<String> lines = TABLE.lines().toList();
		List<String> operations = List.of(lines.get(0).split("\\|")[1].strip().split("\\s+"));
		List<Cell> cells = new ArrayList<>();
		for (String line : lines.subList(1, lines.size())) {
			String[] halves = line.split("\\|");
			String[] from = halves[0].strip().split("\\s+");
			String[] results = halves[1].strip().split("\\s+");
			for (int i = 0; i < operations.size(); i++) {
				cells.add(new Cell(from[0], from[1], operations.get(i), results[i]));
			}
		}
		return cells.stream();
	}

	@ParameterizedTest
	@MethodSource("cells")
	void aCellHolds(Cell cell) {
		mean(cell);
		fill(cell.slot());
		@Nullable XskBinding binding = operate(cell);
		if (cell.operation().equals("inspect")) {
			assertThat(binding.state()).hasToString(cell.result());
			assertThat(slot()).as("looking changes nothing").isEqualTo(cell.slot());
		}
		else {
			assertThat(slot()).isEqualTo(cell.result().equals("fails") ? cell.slot() : cell.result());
		}
		if (this.socket.isOpen()) {
			XskBinding now = this.template.inspect(this.socket);
			assertThat(now.wanted()).as("wanted").isEqualTo(cell.wantedAfter());
			assertThat(now.served()).as("served").isEqualTo(cell.servedAfter());
			assertThat(now.state() == BindingState.INACTIVE).as("%s", now)
				.isEqualTo(!cell.wantedAfter() || !cell.servedAfter());
		}
		else {
			assertThat(this.template.bindings()).isEmpty();
		}
	}

	/** Whatever the slot is to be, it is empty or ours by then. */
	private void mean(Cell cell) {
		if (cell.wanted()) {
			this.template.activate(this.socket);
		}
		if (!cell.served()) {
			this.template.unserve(this.socket, "the test rests");
		}
		if (!cell.wanted() && cell.served()) {
			this.template.activate(this.socket);
			this.template.deactivate(this.socket);
		}
	}

	private void fill(String slot) {
		switch (slot) {
			case "-" -> this.map.delete(0);
			case "ours" -> this.map.update(0, this.socket.fd(), UpdateMode.ANY);
			default -> this.map.update(0, this.other.fd(), UpdateMode.ANY);
		}
	}

	private @Nullable XskBinding operate(Cell cell) {
		switch (cell.operation()) {
			case "replace" -> {
				return this.template.activate(this.socket, ActivationPolicy.REPLACE);
			}
			case "exclusive" -> {
				if (cell.result().equals("fails")) {
					assertThatExceptionOfType(SlotOccupiedException.class)
						.isThrownBy(() -> this.template.activate(this.socket, ActivationPolicy.EXCLUSIVE));
					return null;
				}
				return this.template.activate(this.socket, ActivationPolicy.EXCLUSIVE);
			}
			case "deactivate" -> this.template.deactivate(this.socket);
			case "serve" -> this.template.serve(this.socket);
			case "unserve" -> this.template.unserve(this.socket, "the test rests");
			case "inspect" -> {
				return this.template.inspect(this.socket);
			}
			case "close" -> this.socket.close();
			default -> throw new IllegalArgumentException(cell.operation());
		}
		return null;
	}

	private String slot() {
		if (this.map.occupancy(0) == Occupancy.EMPTY) {
			return "-";
		}
		try {
			this.map.update(0, this.other.fd(), UpdateMode.NO_EXIST);
			return "other";
		}
		catch (XskException ex) {
			return "ours";
		}
	}

	/** A cell of the table. */
	record Cell(String meant, String slot, String operation, String result) {

		boolean wanted() {
			return this.meant.contains("W");
		}

		boolean served() {
			return this.meant.contains("S");
		}

		boolean wantedAfter() {
			return switch (this.operation) {
				case "replace", "exclusive" -> wanted() || !this.result.equals("fails");
				case "deactivate" -> false;
				default -> wanted();
			};
		}

		boolean servedAfter() {
			return switch (this.operation) {
				case "serve" -> true;
				case "unserve" -> false;
				default -> served();
			};
		}

	}

}
