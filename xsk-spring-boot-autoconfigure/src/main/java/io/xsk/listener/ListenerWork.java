package io.xsk.listener;

import java.util.function.Consumer;

import io.xsk.socket.XdpSocket;

/**
 * What a consumer does for a listener, as the settings of the container say.
 */
final class ListenerWork implements XskConsumer.Work {

	private final XdpSocket xsk;

	private final int number;

	private final String socket;

	private final ContainerSettings settings;

	private final Dispatcher dispatcher;

	private final Consumer<Throwable> failures;

	private final boolean busyPoll;

	/**
	 * Create the work of a consumer.
	 * @param xsk the XSK
	 * @param number the number of the consumer in its container, from 0
	 * @param socket the name of the socket
	 * @param settings the settings
	 * @param dispatcher hands the packets over
	 * @param failures is told why the thread ends
	 */
	ListenerWork(XdpSocket xsk, int number, String socket, ContainerSettings settings, Dispatcher dispatcher,
			Consumer<Throwable> failures) {
		this.xsk = xsk;
		this.number = number;
		this.socket = socket;
		this.settings = settings;
		this.dispatcher = dispatcher;
		this.failures = failures;
		this.busyPoll = settings.sockets().config(socket).busyPoll() != null;
	}

	@Override
	public XskIdleStrategy prepare() {
		CpuList cpus = this.settings.cpus().get(this.socket);
		if (cpus != null) {
			CpuAffinity.set(this.settings.kernel(), cpus.cpu(this.number));
		}
		return this.settings.idleStrategy().create(this.xsk);
	}

	@Override
	public Dispatcher dispatcher() {
		return this.dispatcher;
	}

	@Override
	public int batchSize() {
		return this.settings.batchSize();
	}

	@Override
	public void nothingReceived() {
		if (this.busyPoll) {
			this.xsk.busyPoll();
		}
	}

	@Override
	public void failed(Throwable failure) {
		this.failures.accept(failure);
	}

}
