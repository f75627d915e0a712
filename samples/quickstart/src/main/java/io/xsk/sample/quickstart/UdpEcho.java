package io.xsk.sample.quickstart;

import java.util.concurrent.atomic.LongAdder;

import io.xsk.listener.XskListener;
import io.xsk.send.XskTemplate;
import io.xsk.socket.XdpPacket;

import org.springframework.stereotype.Component;

/**
 * Sends each UDP packet that the socket {@code echo} receives back to where it came from.
 */
@Component
class UdpEcho {

	private final XskTemplate template;

	private final LongAdder received = new LongAdder();

	private final LongAdder answered = new LongAdder();

	UdpEcho(XskTemplate template) {
		this.template = template;
	}

	/** Called by one thread per queue of the interface, with the whole Ethernet frame. */
	@XskListener("echo")
	void onPacket(XdpPacket packet) {
		this.received.increment();
		// changed in place: the frame is ours during this call. The template sends a
		// copy and says whether there was room; packet.transmit() sends the frame itself
		if (UdpPacket.turnAround(packet.data()) && this.template.send("echo", packet.data())) {
			this.answered.increment();
		}
	}

	long received() {
		return this.received.sum();
	}

	long answered() {
		return this.answered.sum();
	}

}
