package io.xsk.socket;

import java.nio.ByteBuffer;

/**
 * Where a packet goes when nobody holds it any more. Asked by the packet when it is not
 * the end of the handler's call that lets go of it.
 */
interface PacketHome {

	/** The socket that receives. */
	PacketOrigin origin();

	/** A buffer that starts in a frame and ends with it. */
	ByteBuffer slice(long frameAddress, int offset);

	/** Whether the current thread is the one that receives. */
	boolean isConsumer();

	/** Take notice that a packet is retained, by the thread that does it. */
	void retained(XdpPacket packet);

	/** Take back the frames of a packet, from any thread. */
	void release(XdpPacket packet);

	/** Send a packet and take its frames back afterwards, from any thread. */
	void transmit(XdpPacket packet);

	/** Refuse to transmit a packet where that cannot be done. */
	void requireTransmitter(XdpPacket packet);

}
