package io.xsk.bpf;

import io.xsk.bpf.asm.LinuxXdp;
import io.xsk.bpf.filter.MapLimits;
import io.xsk.kernel.FileDescriptor;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.test.OpenResources;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What redirect programs are tried on: an XSKMAP of four slots of which the first is
 * occupied, so that what matches there gets XDP_REDIRECT. Watches that nothing stays
 * open.
 */
final class ProgramBench implements BeforeEachCallback, AfterEachCallback {

	private final JnaKernel kernel = JnaKernel.load();

	private final TestRun run = new TestRun(this.kernel);

	private final OpenResources before = OpenResources.snapshot();

	private final XskMap map = XskMap.create(this.kernel, "bench", 4);

	private final FileDescriptor socket = this.run.xsk();

	@Override
	public void beforeEach(ExtensionContext context) {
		occupy(0);
	}

	@Override
	public void afterEach(ExtensionContext context) {
		this.socket.close();
		this.map.close();
		this.before.assertUnchanged();
	}

	JnaKernel kernel() {
		return this.kernel;
	}

	XskMap map() {
		return this.map;
	}

	TestRun run() {
		return this.run;
	}

	void occupy(int slot) {
		occupy(this.map, slot);
	}

	void occupy(XskMap target, int slot) {
		target.update(slot, this.socket.value(), UpdateMode.ANY);
	}

	RedirectProgram load(RedirectRules rules) {
		return RedirectProgram.load(this.kernel, this.map, rules);
	}

	RedirectProgram load(RedirectRules rules, MapLimits limits) {
		return RedirectProgram.load(this.kernel, this.map, rules, null, limits);
	}

	TestRun.Runner runner(RedirectProgram program) {
		return this.run.runner(program.fd());
	}

	int verdict(RedirectProgram program, byte[] packet) {
		return this.run.verdict(program.fd(), packet);
	}

	boolean isRedirected(RedirectProgram program, byte[] packet) {
		return verdict(program, packet) == LinuxXdp.XDP_REDIRECT;
	}

	boolean isRedirected(RedirectRules rules, byte[] packet) {
		try (RedirectProgram program = load(rules)) {
			return isRedirected(program, packet);
		}
	}

}
