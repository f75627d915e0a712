package io.xsk.listener;

import java.lang.reflect.Method;
import java.util.concurrent.TimeUnit;

import io.xsk.socket.PacketHandler;
import io.xsk.socket.XdpPacket;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The call of an {@code @XskListener} method, beside a call that the compiler wrote and
 * one by reflection. The packet is nobody's business here.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DispatchBenchmark {

	private final Listener listener = new Listener();

	private final PacketHandler direct = this.listener::onPacket;

	private final ListenerMethod method = ListenerMethod.of(this.listener, Listener.method());

	private final PacketHandler compiled = this.method.handler();

	private final PacketHandler reflective = this.method.reflectiveHandler();

	/**
	 * Call what the compiler wrote.
	 * @return how often it was called
	 */
	@Benchmark
	public long direct() {
		this.direct.onPacket(null);
		return this.listener.calls;
	}

	/**
	 * Call what the container calls.
	 * @return how often it was called
	 */
	@Benchmark
	public long listener() {
		this.compiled.onPacket(null);
		return this.listener.calls;
	}

	/**
	 * Call by reflection.
	 * @return how often it was called
	 */
	@Benchmark
	public long reflection() {
		this.reflective.onPacket(null);
		return this.listener.calls;
	}

	/** A bean with a listener. */
	static class Listener {

		private long calls;

		@XskListener("bench")
		void onPacket(XdpPacket packet) {
			this.calls++;
		}

		static Method method() {
			try {
				return Listener.class.getDeclaredMethod("onPacket", XdpPacket.class);
			}
			catch (NoSuchMethodException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
