package io.xsk.socket;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import io.xsk.kernel.LinuxIfXdp;
import org.jspecify.annotations.Nullable;

/**
 * The sizes and policies of an {@link XdpSocket}. May hold values that break a rule:
 * {@link #violations(int)} lists them, and {@link XdpSocket#open} refuses them.
 * Immutable.
 *
 * @param name what the socket is called, {@code null} for a name made of its interface
 * and queue
 * @param direction what the socket is for
 * @param frameSize the size of a frame (a chunk of the UMEM) in bytes: a power of two
 * from 2048 to the page size
 * @param frameCount the number of frames: at least what the fill and TX rings need
 * @param headroom bytes that stay free in front of each packet, from 0 to
 * {@code frameSize - 256}; Linux 6.18 takes no more than {@code frameSize - 704}
 * @param hugePages whether the UMEM is taken from reserved huge pages of 2 MiB
 * @param rxRingSize the entries of the RX ring: a power of two up to
 * {@value #MAX_RING_SIZE}
 * @param txRingSize the entries of the TX ring, likewise
 * @param fillRingSize the entries of the fill ring, likewise; a receiving socket fills
 * all of them with frames
 * @param completionRingSize the entries of the completion ring, likewise
 * @param zeroCopy the zero-copy policy
 * @param multiBuffer whether packets that are larger than a frame are received, in
 * several frames; since Linux 6.6
 * @param bindTimeout how long to try again while the queue is taken, not negative
 * @param leakListener is told of packets that are retained and never released;
 * {@code null} for not looking for them. Where it is set, each packet is an object of its
 * own, any use of it after its release fails, and so does any use of the buffers that it
 * gave, but not of their duplicates. This costs time and garbage for each packet.
 * @since 0.1.0
 */
public record XdpSocketConfig(@Nullable String name, Direction direction, int frameSize, int frameCount, int headroom,
		boolean hugePages, int rxRingSize, int txRingSize, int fillRingSize, int completionRingSize, ZeroCopy zeroCopy,
		boolean multiBuffer, Duration bindTimeout, @Nullable PacketLeakListener leakListener) {

	/**
	 * The largest ring, in entries. The kernel's own bound is its memory; a ring with
	 * more entries than this could never be full, because no UMEM below 2 GiB has more
	 * frames.
	 */
	public static final int MAX_RING_SIZE = 1 << 20;

	/** What huge pages a UMEM is rounded up to, in bytes. */
	static final int HUGE_PAGE_SIZE = 2 * 1024 * 1024;

	private static final int SMALL_FRAME = 2048;

	private static final int LARGE_FRAME = 4096;

	/** Ethernet header and one VLAN tag, which the MTU does not count. */
	private static final int LINK_HEADER = 18;

	/**
	 * Create a configuration, valid or not.
	 * @param name what the socket is called, or {@code null}
	 * @param direction what the socket is for
	 * @param frameSize the size of a frame in bytes
	 * @param frameCount the number of frames
	 * @param headroom bytes that stay free in front of each packet
	 * @param hugePages whether the UMEM is taken from huge pages
	 * @param rxRingSize the entries of the RX ring
	 * @param txRingSize the entries of the TX ring
	 * @param fillRingSize the entries of the fill ring
	 * @param completionRingSize the entries of the completion ring
	 * @param zeroCopy the zero-copy policy
	 * @param multiBuffer whether packets may take several frames
	 * @param bindTimeout how long to try again while the queue is taken
	 * @param leakListener is told of packets that are never released, or {@code null}
	 */
	public XdpSocketConfig {
		Objects.requireNonNull(direction, "'direction' must not be null");
		Objects.requireNonNull(zeroCopy, "'zeroCopy' must not be null");
		Objects.requireNonNull(bindTimeout, "'bindTimeout' must not be null");
	}

	/**
	 * Return a builder that starts with the defaults: both directions, 2048 frames of
	 * 2048 bytes without headroom, rings of 1024 entries, zero-copy where it works, one
	 * frame a packet, two seconds for a queue to become free, no search for leaks.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Return the frame size that takes every packet of an interface.
	 * @param mtu the MTU in bytes
	 * @return 2048 where the MTU and 18 bytes of link header fit into that less the 256
	 * bytes that the kernel keeps, else 4096
	 */
	public static int defaultFrameSize(int mtu) {
		return (mtu + LINK_HEADER <= SMALL_FRAME - LinuxIfXdp.XDP_PACKET_HEADROOM) ? SMALL_FRAME : LARGE_FRAME;
	}

	/**
	 * Return the same configuration with another frame size.
	 * @param frameSize the size in bytes
	 * @return a copy
	 */
	public XdpSocketConfig withFrameSize(int frameSize) {
		return new XdpSocketConfig(this.name, this.direction, frameSize, this.frameCount, this.headroom, this.hugePages,
				this.rxRingSize, this.txRingSize, this.fillRingSize, this.completionRingSize, this.zeroCopy,
				this.multiBuffer, this.bindTimeout, this.leakListener);
	}

	/**
	 * Call the socket something.
	 * @param name what it is called
	 * @return a copy with that name
	 */
	public XdpSocketConfig withName(String name) {
		return new XdpSocketConfig(name, this.direction, this.frameSize, this.frameCount, this.headroom, this.hugePages,
				this.rxRingSize, this.txRingSize, this.fillRingSize, this.completionRingSize, this.zeroCopy,
				this.multiBuffer, this.bindTimeout, this.leakListener);
	}

	/**
	 * Return the size of the UMEM, which counts against RLIMIT_MEMLOCK.
	 * @return the bytes, rounded up to whole huge pages where they are asked for
	 */
	public long umemBytes() {
		long bytes = (long) this.frameSize * this.frameCount;
		return this.hugePages ? (bytes + HUGE_PAGE_SIZE - 1) / HUGE_PAGE_SIZE * HUGE_PAGE_SIZE : bytes;
	}

	/**
	 * Return every rule that the values break.
	 * @param pageSize the size of a memory page in bytes
	 * @return the violations, empty when there is none
	 */
	public List<Violation> violations(int pageSize) {
		return new ConfigRules(this, pageSize).violations();
	}

	/**
	 * Return the frames that go into the fill ring when the socket is opened. A socket
	 * that receives fills the whole ring. One that only sends puts in what the TX ring
	 * leaves over: some drivers take frames for their receiving side all the same and
	 * misbehave where they find none.
	 */
	int fillFrames() {
		return this.direction.receives() ? this.fillRingSize
				: Math.min(this.fillRingSize, this.frameCount - this.txRingSize);
	}

	/**
	 * Builds a {@link XdpSocketConfig}. Not thread-safe.
	 */
	public static final class Builder {

		private static final int DEFAULT_FRAME_COUNT = 2048;

		private static final int DEFAULT_RING_SIZE = 1024;

		private Direction direction = Direction.BOTH;

		private int frameSize = SMALL_FRAME;

		private int frameCount = DEFAULT_FRAME_COUNT;

		private int headroom;

		private boolean hugePages;

		private int rxRingSize = DEFAULT_RING_SIZE;

		private int txRingSize = DEFAULT_RING_SIZE;

		private int fillRingSize = DEFAULT_RING_SIZE;

		private int completionRingSize = DEFAULT_RING_SIZE;

		private ZeroCopy zeroCopy = ZeroCopy.PREFER;

		private boolean multiBuffer;

		private Duration bindTimeout = Duration.ofSeconds(2);

		private @Nullable String name;

		private @Nullable PacketLeakListener leakListener;

		private Builder() {
		}

		/**
		 * Set what the socket is called, which its packets tell.
		 * @param name the name, {@code null} for one made of its interface and queue
		 * @return this
		 */
		public Builder name(@Nullable String name) {
			this.name = name;
			return this;
		}

		/**
		 * Set what the socket is for.
		 * @param direction the direction
		 * @return this builder
		 */
		public Builder direction(Direction direction) {
			this.direction = direction;
			return this;
		}

		/**
		 * Set the size of a frame.
		 * @param frameSize the size in bytes
		 * @return this builder
		 */
		public Builder frameSize(int frameSize) {
			this.frameSize = frameSize;
			return this;
		}

		/**
		 * Set the number of frames.
		 * @param frameCount the number
		 * @return this builder
		 */
		public Builder frameCount(int frameCount) {
			this.frameCount = frameCount;
			return this;
		}

		/**
		 * Set the room in front of each packet.
		 * @param headroom the bytes
		 * @return this builder
		 */
		public Builder headroom(int headroom) {
			this.headroom = headroom;
			return this;
		}

		/**
		 * Set whether the UMEM is taken from huge pages.
		 * @param hugePages whether it is
		 * @return this builder
		 */
		public Builder hugePages(boolean hugePages) {
			this.hugePages = hugePages;
			return this;
		}

		/**
		 * Set the size of the RX ring.
		 * @param rxRingSize the entries
		 * @return this builder
		 */
		public Builder rxRingSize(int rxRingSize) {
			this.rxRingSize = rxRingSize;
			return this;
		}

		/**
		 * Set the size of the TX ring.
		 * @param txRingSize the entries
		 * @return this builder
		 */
		public Builder txRingSize(int txRingSize) {
			this.txRingSize = txRingSize;
			return this;
		}

		/**
		 * Set the size of the fill ring.
		 * @param fillRingSize the entries
		 * @return this builder
		 */
		public Builder fillRingSize(int fillRingSize) {
			this.fillRingSize = fillRingSize;
			return this;
		}

		/**
		 * Set the size of the completion ring.
		 * @param completionRingSize the entries
		 * @return this builder
		 */
		public Builder completionRingSize(int completionRingSize) {
			this.completionRingSize = completionRingSize;
			return this;
		}

		/**
		 * Set the zero-copy policy.
		 * @param zeroCopy the policy
		 * @return this builder
		 */
		public Builder zeroCopy(ZeroCopy zeroCopy) {
			this.zeroCopy = zeroCopy;
			return this;
		}

		/**
		 * Set whether packets may take several frames.
		 * @param multiBuffer whether they may
		 * @return this builder
		 */
		public Builder multiBuffer(boolean multiBuffer) {
			this.multiBuffer = multiBuffer;
			return this;
		}

		/**
		 * Set how long to wait for the queue.
		 * @param bindTimeout the time
		 * @return this builder
		 */
		public Builder bindTimeout(Duration bindTimeout) {
			this.bindTimeout = bindTimeout;
			return this;
		}

		/**
		 * Set who is told of packets that are retained and never released.
		 * @param leakListener the listener, {@code null} for not looking for them
		 * @return this builder
		 */
		public Builder leakListener(@Nullable PacketLeakListener leakListener) {
			this.leakListener = leakListener;
			return this;
		}

		/**
		 * Build the configuration.
		 * @return it, valid or not
		 */
		public XdpSocketConfig build() {
			return new XdpSocketConfig(this.name, this.direction, this.frameSize, this.frameCount, this.headroom,
					this.hugePages, this.rxRingSize, this.txRingSize, this.fillRingSize, this.completionRingSize,
					this.zeroCopy, this.multiBuffer, this.bindTimeout, this.leakListener);
		}

	}

}
