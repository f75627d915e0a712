package io.xsk.listener;

import io.xsk.socket.XdpSocket;
import org.jspecify.annotations.Nullable;

/**
 * The thread that receives from an XSK. A platform thread, since a native call pins the
 * carrier of a virtual one. A daemon: whether the application goes on is not up to a
 * thread that ends when its container fails, see {@link XskListenerRegistry#start()}.
 */
final class ConsumerThread extends Thread {

	private final XdpSocket socket;

	ConsumerThread(XdpSocket socket, Runnable task) {
		super(task, "xsk-%s-%d".formatted(socket.interfaceName(), socket.queueId()));
		this.socket = socket;
		setDaemon(true);
	}

	/** Ends a wait for packets, too, which the kernel would not do by itself. */
	@Override
	public void interrupt() {
		super.interrupt();
		this.socket.wakeup();
	}

	/** The socket that the calling thread receives from, if it is such a thread. */
	static @Nullable XdpSocket currentSocket() {
		return (Thread.currentThread() instanceof ConsumerThread thread) ? thread.socket : null;
	}

}
