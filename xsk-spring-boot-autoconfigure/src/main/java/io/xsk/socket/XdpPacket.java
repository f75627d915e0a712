package io.xsk.socket;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.jspecify.annotations.Nullable;

/**
 * A received packet, in the frame that the kernel put it into. It is lent for the call
 * that it is handed to. Within that call it can be changed, {@linkplain #transmit() sent
 * back} as it then is, copied out, or {@linkplain #retain() retained}; who retains it
 * {@linkplain #release() releases} it once, from any thread, and until then its frame is
 * missing for the next packets.
 * <p>
 * There is one object per frame, made once: neither it nor its buffers may be touched
 * after the call, the release or the transmission, because they then belong to another
 * packet. A use that comes before that other packet fails.
 * <p>
 * The thread that receives hands a packet over to another thread by whatever publishes
 * objects safely, a queue for example. Retaining and releasing are thread-safe; the bytes
 * are for one thread at a time.
 *
 * @since 0.1.0
 */
public final class XdpPacket extends PacketState {

	/** The shortest packet that can be sent: an Ethernet header. */
	private static final int ETHERNET_HEADER = 14;

	/** The next packet in a {@link ReturnedPackets stack}, whose user owns it. */
	@Nullable XdpPacket link;

	/** Where the packet was retained first, if that is recorded. */
	PacketTracker.@Nullable Retention retention;

	private final PacketHome home;

	private final int frameAddress;

	private ByteBuffer data;

	private int offset;

	/** The length of this fragment; that to send, once transmit was called. */
	private int length;

	private @Nullable XdpPacket nextFragment;

	/** Create the packet of a frame. */
	XdpPacket(PacketHome home, int frameAddress, int offset) {
		this.home = home;
		this.frameAddress = frameAddress;
		this.offset = offset;
		this.data = home.slice(frameAddress, offset).limit(0);
	}

	/**
	 * Return which socket received the packet.
	 * @return its name, under {@code xsk.sockets} or of {@link XdpSocket#name()}
	 */
	public String socket() {
		return this.home.origin().socket();
	}

	/**
	 * Return on which RX queue the packet arrived.
	 * @return the queue id
	 */
	public int queue() {
		return this.home.origin().queueId();
	}

	/**
	 * Return on which interface the packet arrived.
	 * @return the name that it had when the socket was opened
	 */
	public String interfaceName() {
		return this.home.origin().interfaceName();
	}

	/**
	 * Return how long the packet was when it was received.
	 * @return its length in bytes, of all fragments together
	 * @throws IllegalStateException when the packet is not held any more
	 */
	public int length() {
		requireHeld();
		int total = this.length;
		for (XdpPacket fragment = this.nextFragment; fragment != null; fragment = fragment.nextFragment) {
			total += fragment.length;
		}
		return total;
	}

	/**
	 * Return the bytes of the packet, in its frame: what is written there changes the
	 * packet. The limit is the end of the packet, and may be moved up to the capacity
	 * before {@link #transmit()}.
	 * @return its bytes from the Ethernet header on, between index 0 and the limit, in
	 * network byte order; the same buffer in each call
	 * @throws IllegalStateException when the packet has several fragments, or is not held
	 * any more
	 */
	public ByteBuffer data() {
		requireHeld();
		if (this.nextFragment != null) {
			throw new IllegalStateException(
					"This packet has %d fragments. Use fragment(0) to fragment(%d), or copyTo(…)."
						.formatted(fragments(), fragments() - 1));
		}
		return this.data;
	}

	/**
	 * Return in how many frames the packet lies.
	 * @return the number, 1 unless the socket has multi-buffer
	 * @throws IllegalStateException when the packet is not held any more
	 */
	public int fragmentCount() {
		requireHeld();
		return fragments();
	}

	/**
	 * Return the bytes of a fragment, as {@link #data()} does for a packet that has one.
	 * @param index the number of the fragment, from 0 to below {@link #fragmentCount()}
	 * @return its bytes, between index 0 and the limit, in network byte order
	 * @throws IllegalStateException when the packet is not held any more
	 * @throws IndexOutOfBoundsException when there is no such fragment
	 */
	public ByteBuffer fragment(int index) {
		requireHeld();
		XdpPacket fragment = (index >= 0) ? this : null;
		for (int i = 0; i < index && fragment != null; i++) {
			fragment = fragment.nextFragment;
		}
		if (fragment == null) {
			throw new IndexOutOfBoundsException("Fragment %d of a packet in %d.".formatted(index, fragments()));
		}
		return fragment.data;
	}

	/**
	 * Append the bytes of the packet, as they now are, up to the limit of each fragment.
	 * @param target where to copy them, from its position on
	 * @throws BufferOverflowException when they do not fit; some may have been copied
	 * @throws IllegalStateException when the packet is not held any more
	 */
	public void copyTo(ByteBuffer target) {
		requireHeld();
		for (XdpPacket fragment = this; fragment != null; fragment = fragment.nextFragment) {
			int count = fragment.data.limit();
			if (count > target.remaining()) {
				throw new BufferOverflowException();
			}
			target.put(target.position(), fragment.data, 0, count);
			target.position(target.position() + count);
		}
	}

	/**
	 * Return a copy of the bytes of the packet, as they now are, up to the limit of each
	 * fragment.
	 * @return a new array
	 * @throws IllegalStateException when the packet is not held any more
	 */
	public byte[] toByteArray() {
		requireHeld();
		int size = 0;
		for (XdpPacket fragment = this; fragment != null; fragment = fragment.nextFragment) {
			size += fragment.data.limit();
		}
		byte[] bytes = new byte[size];
		copyTo(ByteBuffer.wrap(bytes));
		return bytes;
	}

	/**
	 * Send the packet as it now is out of the socket it came by, without a copy: from
	 * index 0 of {@link #data()}, or of each fragment, up to the limit, wherever the
	 * position is, which {@link PacketSender#send(ByteBuffer)} would start from. It must
	 * not be touched afterwards.
	 * <p>
	 * In the call that the packet is lent for, it is sent when the batch is over, and
	 * waits while the TX ring is full, as long as its consumer goes on receiving. Called
	 * elsewhere this takes the place of {@link #release()}, and the packet is sent at
	 * once where the TX ring has room. Where somebody else has retained the packet too,
	 * he may read it still, and it is sent when the last one has released it. When the
	 * socket is closed meanwhile, the packet is given back unsent.
	 * @throws IllegalStateException when the packet is not held any more, was transmitted
	 * already, is too short to be sent, lies in more frames than can be sent together, or
	 * came by a socket that only receives or is closed; whoever held it still does
	 */
	public void transmit() {
		requireNotTransmitted();
		this.home.requireTransmitter(this);
		boolean inCall = isInCall();
		takeLengths();
		if (inCall && transmitAlone()) {
			return;
		}
		if (letGo(inCall ? 0 : 1, inCall ? TRANSMIT | DONE : TRANSMIT) == TRANSMIT) {
			this.home.transmit(this);
		}
	}

	/**
	 * Keep the packet beyond the call that it is lent for. Each retaining wants one
	 * {@link #release()}, or one {@link #transmit()} after the call. Many packets kept
	 * for long leave the kernel without frames to receive into, which it counts
	 * ({@link XdpStatistics#rxFillRingEmpty()}).
	 * @return this packet
	 * @throws IllegalStateException when the packet is not held any more
	 */
	public XdpPacket retain() {
		hold();
		this.home.retained(this);
		return this;
	}

	/**
	 * Give a retained packet back. It must not be touched afterwards. From any thread.
	 * @throws IllegalStateException when the packet is not held any more, or when the
	 * call that it is lent for alone holds it, at whose end it is given back by itself
	 */
	public void release() {
		int left = letGo(1, 0);
		if (left == 0) {
			this.home.release(this);
		}
		else if (left == TRANSMIT) {
			this.home.transmit(this);
		}
	}

	private boolean isInCall() {
		// the first answer is only right on the thread that receives
		return isLentForACall() && this.home.isConsumer();
	}

	private void takeLengths() {
		if (this.nextFragment == null && this.data.limit() < ETHERNET_HEADER) {
			throw tooShort(this.data.limit(), ETHERNET_HEADER);
		}
		for (XdpPacket fragment = this; fragment != null; fragment = fragment.nextFragment) {
			if (fragment.data.limit() == 0) {
				throw tooShort(0, 1);
			}
			fragment.length = fragment.data.limit();
		}
	}

	private static IllegalStateException tooShort(int length, int least) {
		return new IllegalStateException(
				"%d bytes cannot be transmitted, %d can. The length is the limit of data() or of each fragment(…)."
					.formatted(length, least));
	}

	/** Lend the packet that the kernel has put into this frame. */
	void lend(int offset, int length) {
		place(offset, length);
		lend();
	}

	/** Add the fragment behind this one. */
	void append(XdpPacket fragment, int offset, int length) {
		fragment.place(offset, length);
		this.nextFragment = fragment;
	}

	private void place(int offset, int length) {
		if (offset != this.offset) {
			// the XDP program moved the packet's start: not ours, so this may allocate
			this.data = this.home.slice(this.frameAddress, offset);
			this.offset = offset;
		}
		// the last reader may have left anything but the bytes changed
		this.data.clear().limit(length).order(ByteOrder.BIG_ENDIAN);
		this.length = length;
		if (this.nextFragment != null) {
			this.nextFragment = null;
		}
	}

	/** Let those fail who have kept the buffers. */
	void expire() {
		for (XdpPacket fragment = this; fragment != null; fragment = fragment.nextFragment) {
			fragment.expireFragment();
		}
	}

	/** Let those fail who have kept the buffer of this fragment. */
	void expireFragment() {
		this.data.limit(0);
	}

	/** What sends this fragment as it now is; see {@link Descriptor}. */
	long descriptor() {
		return Descriptor.of(this.frameAddress + this.offset, this.length, this.nextFragment != null);
	}

	/** The address of the frame. */
	long frameAddress() {
		return this.frameAddress;
	}

	/** The next fragment. */
	@Nullable XdpPacket nextFragment() {
		return this.nextFragment;
	}

	/** The number of fragments, also when nobody holds the packet. */
	int fragments() {
		int count = 1;
		for (XdpPacket fragment = this.nextFragment; fragment != null; fragment = fragment.nextFragment) {
			count++;
		}
		return count;
	}

}
