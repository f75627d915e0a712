package io.xsk.socket;

import io.xsk.kernel.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link XdpSocket} receives and sends with, as far as it does either.
 */
final class SocketParts {

	private final String socket;

	private final Rings rings;

	private final SocketGuard guard;

	private final KernelKick kick;

	private final @Nullable Transmitter transmitter;

	private final @Nullable Sender sender;

	private final @Nullable Receiver receiver;

	SocketParts(Kernel kernel, SocketOpener.OpenSocket socket, SocketGuard guard, XdpSocketConfig config,
			PacketOrigin origin) {
		this.socket = "XDP socket '%s'".formatted(origin.socket());
		this.rings = socket.rings();
		this.guard = guard;
		this.kick = new KernelKick(kernel, socket.fd());
		ConsumerWakeUp wakeUp = socket.wakeUp();
		this.transmitter = (this.rings.tx() != null)
				? new Transmitter(this.rings, socket.umem(), this.kick, config, socket.zeroCopy()) : null;
		this.sender = (this.transmitter != null)
				? new Sender(this.transmitter, socket.umem(), guard, (wakeUp != null) ? wakeUp::ring : () -> {
				}) : null;
		this.receiver = (wakeUp != null) ? receiver(socket, wakeUp, config, origin) : null;
	}

	private Receiver receiver(SocketOpener.OpenSocket socket, ConsumerWakeUp wakeUp, XdpSocketConfig config,
			PacketOrigin origin) {
		PacketTracker tracker = (config.leakListener() != null)
				? new PacketTracker(config.leakListener(), origin.interfaceName(), origin.queueId()) : null;
		ReturnedPackets returned = new ReturnedPackets(origin, socket.umem(), this.guard, wakeUp, this.transmitter,
				tracker);
		return new Receiver(this.rings, socket.umem(), this.kick, wakeUp, this.guard, this.transmitter, returned,
				config);
	}

	KernelKick kick() {
		return this.kick;
	}

	Receiver requireReceiver() {
		if (this.receiver == null) {
			throw new IllegalStateException("%s only sends. Set its direction to both.".formatted(this.socket));
		}
		return this.receiver;
	}

	Sender requireSender() {
		if (this.sender == null) {
			throw new IllegalStateException("%s only receives. Set its direction to both.".formatted(this.socket));
		}
		return this.sender;
	}

	boolean isConsumer() {
		return this.receiver != null && this.receiver.isConsumer();
	}

	boolean isTransmitting() {
		return this.transmitter != null && this.transmitter.abroad() > 0;
	}

	XdpTraffic traffic() {
		Receiver receiving = this.receiver;
		Transmitter sending = this.transmitter;
		return new XdpTraffic((receiving != null) ? receiving.receivedPackets() : 0,
				(receiving != null) ? receiving.receivedBytes() : 0, (sending != null) ? sending.sentPackets() : 0,
				(sending != null) ? sending.sentBytes() : 0, (sending != null) ? sending.droppedPackets() : 0);
	}

	/** Whoever calls it holds the guard's part of the TX ring. */
	FrameCensus census(XdpSocketConfig config) {
		return this.rings.census(config, this.receiver, this.transmitter);
	}

	void close(SocketResources resources) {
		if (this.receiver != null) {
			this.receiver.close(resources);
		}
		else {
			this.guard.close(resources::close);
		}
	}

}
