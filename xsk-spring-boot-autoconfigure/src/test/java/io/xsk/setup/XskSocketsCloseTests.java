package io.xsk.setup;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.xsk.kernel.Errno;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.jna.JnaKernel;
import io.xsk.rule.RedirectRules;
import io.xsk.socket.XdpSocket;
import io.xsk.socket.XdpSocketConfig;
import io.xsk.test.FaultInjectingKernel;
import io.xsk.test.KernelTest;
import io.xsk.test.OpenResources;
import io.xsk.test.VethPair;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests of what {@link XskSockets#close()} leaves behind when sending what is left fails,
 * on the running kernel.
 */
@KernelTest
@ExtendWith(OutputCaptureExtension.class)
class XskSocketsCloseTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final FaultInjectingKernel running = new FaultInjectingKernel(JnaKernel.load());

	private final AtomicReference<@Nullable Error> onSend = new AtomicReference<>();

	private VethPair veth;

	private OpenResources before;

	private XskSockets sockets;

	@BeforeEach
	void setUp() {
		this.veth = VethPair.create(2);
		this.before = OpenResources.snapshot();
		this.sockets = new XskSockets(kernel(),
				List.of(XskInterfaceConfig.redirecting(this.veth.name(), RedirectRules.all())),
				List.of(new XskSocketConfig("dns", this.veth.name(), QueueSelection.all(),
						XdpSocketConfig.builder().build(), true)));
		this.sockets.open();
	}

	@AfterEach
	void tearDown() {
		this.before.assertUnchanged();
		this.veth.close();
	}

	/** The running one, but for an error that sending throws. */
	private Kernel kernel() {
		return (Kernel) Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] { Kernel.class },
				(proxy, method, arguments) -> {
					Error error = this.onSend.get();
					if (error != null && method.getName().startsWith("send")) {
						throw error;
					}
					try {
						return method.invoke(this.running, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

	@Test
	void anErrorWhileSendingWhatIsLeftKeepsNothingOpen() {
		this.running.failing("sendto", Errno.EAGAIN);
		assertThat(this.sockets.group("dns").orElseThrow().sockets().get(0).send(ByteBuffer.allocate(60))).isTrue();
		this.onSend.set(new LinkageError("while sending"));
		assertThatExceptionOfType(LinkageError.class).isThrownBy(this.sockets::close).withMessage("while sending");
		assertThat(this.sockets.isOpen()).isFalse();
		assertThat(this.veth.info().program()).isNull();
	}

	@Test
	void aSocketThatItsUserClosesMeanwhileHasNothingToSend(CapturedOutput output) {
		XdpSocket xsk = this.sockets.group("dns").orElseThrow().sockets().get(0);
		CountDownLatch writing = new CountDownLatch(1);
		CountDownLatch written = new CountDownLatch(1);
		CompletableFuture<Void> writer = async("writer", () -> xsk.send(60, (frame) -> {
			writing.countDown();
			awaitUninterruptibly(written);
			return 60;
		}));
		awaitUninterruptibly(writing);
		AtomicReference<@Nullable Thread> closing = new AtomicReference<>();
		CompletableFuture<Void> close = async("close", () -> {
			closing.set(Thread.currentThread());
			this.sockets.close();
		});
		await().atMost(TIMEOUT)
			.until(() -> closing.get() != null && closing.get().getState() == Thread.State.TIMED_WAITING);
		CompletableFuture<Void> user = async("user", xsk::close);
		await().atMost(TIMEOUT).until(() -> !xsk.isOpen());
		written.countDown();
		CompletableFuture.allOf(writer, close, user).orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
		assertThat(output).doesNotContain("is closed with");
		assertThat(this.veth.info().program()).isNull();
	}

	private static CompletableFuture<Void> async(String name, Runnable task) {
		return CompletableFuture.runAsync(task, (running) -> {
			Thread thread = new Thread(running, name);
			thread.setDaemon(true);
			thread.start();
		});
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			assertThat(latch.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
