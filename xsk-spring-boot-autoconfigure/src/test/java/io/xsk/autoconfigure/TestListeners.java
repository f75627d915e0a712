package io.xsk.autoconfigure;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.xsk.listener.XskListener;
import io.xsk.socket.XdpPacket;
import io.xsk.socket.XdpPacketBatch;

/**
 * Listeners that tests of application contexts share. Those that note what they get are
 * given the list to note it in.
 */
final class TestListeners {

	private TestListeners() {
	}

	/** What follows the UDP header. */
	static String text(ByteBuffer packet) {
		byte[] payload = new byte[packet.limit() - 42];
		packet.get(42, payload);
		return new String(payload);
	}

	static class Misspelt {

		@XskListener("dsn")
		void onPacket(XdpPacket packet) {
		}

	}

	static class Dns {

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
		}

	}

	static class DnsToo {

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
		}

	}

	static class ByPlaceholder {

		@XskListener("${name}")
		void onPacket(byte[] packet) {
		}

	}

	static class Large {

		@XskListener("large")
		void onPacket(ByteBuffer packet) {
		}

	}

	static class WrongParameter {

		@XskListener("dns")
		void onPacket(String packet) {
		}

	}

	static class WithErrorHandler {

		@XskListener(value = "dns", errorHandler = "stopping")
		void onPacket(XdpPacket packet) {
			throw new IllegalStateException("thrown");
		}

	}

	static class WithErrorHandlerByPlaceholder {

		@XskListener(value = "dns", errorHandler = "${handler}")
		void onPacket(XdpPacket packet) {
			throw new IllegalStateException("thrown");
		}

	}

	static class Throwing {

		@XskListener("dns")
		void onPacket(XdpPacket packet) throws Exception {
			throw new Exception("thrown");
		}

	}

	static class Failing {

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
			throw new LinkageError("no such class");
		}

	}

	static class TakesPacket {

		private final List<String> calls;

		TakesPacket(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
			this.calls.add(text(packet.data()));
		}

	}

	static class Retaining {

		private final List<String> calls;

		Retaining(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPacket(XdpPacket packet) {
			this.calls.add(text(packet.retain().data()));
		}

	}

	static class TakesBatch {

		private final List<String> calls;

		TakesBatch(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPackets(XdpPacketBatch packets) {
			for (int i = 0; i < packets.size(); i++) {
				this.calls.add(text(packets.get(i).data()));
			}
		}

	}

	static class NotesBatches {

		private final List<String> calls;

		NotesBatches(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPackets(XdpPacketBatch packets) throws IOException {
			String cpus = Files.readAllLines(Path.of("/proc/thread-self/status"))
				.stream()
				.filter((line) -> line.startsWith("Cpus_allowed_list:"))
				.map((line) -> line.substring(line.indexOf(':') + 1).strip())
				.findFirst()
				.orElseThrow();
			this.calls.add("%d on CPU %s".formatted(packets.size(), cpus));
		}

	}

	static class TakesBuffer {

		private final List<String> calls;

		TakesBuffer(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPacket(ByteBuffer packet) {
			this.calls.add(text(packet));
		}

	}

	static class TakesBytes {

		private final List<String> calls;

		TakesBytes(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("dns")
		void onPacket(byte[] packet) {
			this.calls.add(text(ByteBuffer.wrap(packet)));
		}

	}

	static class ByPlaceholders {

		private final List<String> calls;

		ByPlaceholders(List<String> calls) {
			this.calls = calls;
		}

		@XskListener("${names}")
		void onPacket(ByteBuffer packet) {
			this.calls.add(text(packet));
		}

	}

}
