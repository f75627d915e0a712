package io.xsk.listener;

import java.util.concurrent.CountDownLatch;

/**
 * Keeps the JVM from ending: the only thread of ours that does while all is well, and the
 * one that is there when a container has failed or was stopped by hand.
 */
final class KeepAlive extends Thread {

	private final CountDownLatch end = new CountDownLatch(1);

	KeepAlive() {
		super("xsk-keep-alive");
		setDaemon(false);
	}

	void end() {
		this.end.countDown();
	}

	@Override
	public void run() {
		while (true) {
			try {
				this.end.await();
				return;
			}
			catch (InterruptedException ex) {
				// only the registry ends it
				continue;
			}
		}
	}

}
