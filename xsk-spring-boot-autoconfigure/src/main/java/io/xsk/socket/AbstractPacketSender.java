package io.xsk.socket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/**
 * Sends by a {@link Sender}, if there is one.
 */
abstract sealed class AbstractPacketSender implements PacketSender permits XdpSocket {

	/** What sends; throws {@link IllegalStateException} where nothing does. */
	abstract Sender sender();

	@Override
	public final int maxPacketLength() {
		return sender().maxLength();
	}

	@Override
	public final <S> boolean send(S source, int maximumLength, PacketWriter<? super S> writer, Duration timeout) {
		return sender().send(source, maximumLength, writer, timeout);
	}

	@Override
	public final int send(List<ByteBuffer> packets, Duration timeout) {
		return sender().send(packets, timeout);
	}

	@Override
	public final boolean flush(Duration timeout) {
		return sender().flush(timeout);
	}

}
