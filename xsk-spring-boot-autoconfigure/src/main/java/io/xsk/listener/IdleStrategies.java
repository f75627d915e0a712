package io.xsk.listener;

import java.time.Duration;

import io.xsk.socket.XdpSocket;

/**
 * The idle strategies that come with the library.
 *
 * @since 0.1.0
 */
public enum IdleStrategies implements XskIdleStrategyFactory {

	/**
	 * Blocks in the kernel until there are packets: hardly any CPU time without traffic,
	 * for some ten looks per second and thread.
	 */
	POLL {

		@Override
		public XskIdleStrategy create(XdpSocket socket) {
			return (work) -> {
				if (work == 0) {
					socket.await(WAIT);
				}
			};
		}

	},

	/** Looks again at once: the lowest latency, for a whole CPU per thread. */
	SPIN {

		@Override
		public XskIdleStrategy create(XdpSocket socket) {
			return (work) -> {
				if (work == 0) {
					Thread.onSpinWait();
				}
			};
		}

	},

	/** Looks again for a while, some 50 µs, and then blocks in the kernel. */
	ADAPTIVE {

		@Override
		public XskIdleStrategy create(XdpSocket socket) {
			return new Adaptive(socket);
		}

	};

	/** Traffic and {@link XdpSocket#wakeup()} end it at once. */
	private static final Duration WAIT = Duration.ofSeconds(1);

	private static final long SPIN_NANOS = 50_000;

	private static final class Adaptive implements XskIdleStrategy {

		private final XdpSocket socket;

		private boolean spinning;

		private long end;

		private Adaptive(XdpSocket socket) {
			this.socket = socket;
		}

		@Override
		public void idle(int work) {
			if (work > 0) {
				this.spinning = false;
			}
			else if (!this.spinning) {
				this.spinning = true;
				this.end = System.nanoTime() + SPIN_NANOS;
			}
			else if (System.nanoTime() - this.end < 0) {
				Thread.onSpinWait();
			}
			else {
				this.socket.await(WAIT);
				this.spinning = false;
			}
		}

	}

}
