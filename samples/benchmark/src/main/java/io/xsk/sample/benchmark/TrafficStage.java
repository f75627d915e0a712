package io.xsk.sample.benchmark;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.xsk.sample.benchmark.Measure.Run;
import io.xsk.sample.benchmark.Measure.Stage;

/**
 * A veth pair with or without the traffic tool at its other end, where one peer runs at a
 * time.
 */
final class TrafficStage implements Stage {

	private final Network network;

	private final Child traffic;

	private final Function<Peer, Run> work;

	private TrafficStage(Network network, Child traffic, Function<Peer, Run> work) {
		this.network = network;
		this.traffic = traffic;
		this.work = work;
	}

	/** A stage without traffic. */
	static Stage of(int queues, Work work) {
		Network network = Network.create(queues);
		return new TrafficStage(network, null, (peer) -> work.run(network, peer));
	}

	/** A stage with one queue, and the traffic tool in a mode. */
	static Stage of(Settings settings, String mode, TrafficWork work) {
		Network network = Network.create(1);
		try {
			Child traffic = Child.start("traffic", settings.trafficCommand(mode, network, Throughput.PACKET_LENGTH));
			return new TrafficStage(network, traffic, (peer) -> work.run(network, traffic, peer));
		}
		catch (RuntimeException ex) {
			network.close();
			throw ex;
		}
	}

	@Override
	public Map<Peer, Run> run(List<Peer> peers) {
		Peer peer = peers.get(0);
		return Map.of(peer, this.work.apply(peer));
	}

	@Override
	public void close() {
		try (this.network) {
			if (this.traffic != null) {
				this.traffic.close();
			}
		}
	}

	/** Runs a peer. */
	interface Work {

		Run run(Network network, Peer peer);

	}

	/** Runs a peer against the traffic. */
	interface TrafficWork {

		Run run(Network network, Child traffic, Peer peer);

	}

}
