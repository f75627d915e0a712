package io.xsk.setup;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.xsk.XskException;
import io.xsk.bpf.AttachMode;
import io.xsk.bpf.RedirectCounters;
import io.xsk.kernel.Errno;
import io.xsk.rule.PortRange;
import io.xsk.rule.RedirectRule;
import io.xsk.rule.RedirectRules;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XskRedirects} where something else happens meanwhile, or fails.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class RuleReplacementTests {

	private static final RedirectRules DNS = RedirectRules.udpPorts(PortRange.of(53));

	private static final RedirectRules QUIC = RedirectRules.builder()
		.rule(RedirectRule.named("quic").udpPorts(List.of(PortRange.of(443))).build())
		.build();

	private final FaultInjectingKernel kernel = new FaultInjectingKernel();

	private VethPair veth;

	private OpenResources before;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create();
		this.before = OpenResources.snapshot();
	}

	@AfterEach
	void tearDown() {
		this.kernel.assertNothingOpen();
		this.before.assertUnchanged();
		this.veth.close();
	}

	@Test
	void rulesAreReplacedAlsoWhenTheProgramBeforeCannotBeClosed(CapturedOutput output) {
		XskSockets sockets = sockets();
		sockets.open();
		XskRedirects redirects = new XskRedirects(sockets);
		this.kernel.failing("close", Errno.EBADF);
		assertThat(redirects.replace("wan", QUIC).join()).isEqualTo(DNS);
		this.kernel.healthy();
		assertThat(output).contains("The rules of interface 'wan' are replaced, but the program before is not closed");
		assertThat(redirects.rules("wan")).isEqualTo(QUIC);
		assertThat(redirects.counters("wan").matches()).containsOnlyKeys("quic");
		sockets.close();
		this.kernel.assertNothingOpen();
		sockets.open();
		assertThat(redirects.rules("wan")).isEqualTo(QUIC);
		sockets.close();
	}

	@Test
	void nothingStaysOpenWhenSocketsAreClosedMeanwhileWhateverFails() {
		XskSockets sockets = sockets();
		XskRedirects redirects = new XskRedirects(sockets);
		sockets.open();
		int opening = this.kernel.calls().size();
		redirects.replace("wan", QUIC).join();
		int calls = this.kernel.calls().size() - opening;
		sockets.close();
		assertThat(calls).isGreaterThan(3);
		for (int call = 1; call <= calls + 1; call++) {
			for (int errno : List.of(Errno.EPERM, Errno.ENOMEM)) {
				sockets.open();
				this.kernel.failing(call, errno);
				CompletableFuture<RedirectRules> replaced = redirects.replace("wan", (call % 2 == 0) ? QUIC : DNS);
				CompletableFuture<Void> closed = CompletableFuture.runAsync(sockets::close);
				replaced.handle((rules, failure) -> {
					if (failure != null) {
						assertThat(failure.getCause()).isInstanceOf(XskException.class);
					}
					return rules;
				}).join();
				closed.join();
				this.kernel.healthy();
				this.kernel.assertNothingOpen();
				assertThat(this.veth.info().program()).isNull();
			}
		}
	}

	@Test
	void rulesAndCountersAreThoseOfOneProgram() throws Exception {
		try (XskSockets sockets = sockets()) {
			sockets.open();
			XskRedirects redirects = new XskRedirects(sockets);
			AtomicBoolean done = new AtomicBoolean();
			CompletableFuture<Integer> reading = CompletableFuture.supplyAsync(() -> {
				int answers = 0;
				while (!done.get()) {
					RedirectCounters counters = redirects.counters("wan");
					assertThat(counters.matches()).containsOnlyKeys(counters.rules().rules().get(0).name());
					answers++;
				}
				return answers;
			});
			for (int i = 0; i < 20; i++) {
				redirects.replace("wan", (i % 2 == 0) ? QUIC : DNS).join();
			}
			done.set(true);
			assertThat(reading.get(20, TimeUnit.SECONDS)).isPositive();
		}
	}

	private XskSockets sockets() {
		return new XskSockets(this.kernel,
				List.of(new XskInterfaceConfig("wan", this.veth.name(), AttachMode.AUTO, DNS, null, null, null)),
				List.of());
	}

}
