package io.xsk.core;

import io.xsk.XskException;
import io.xsk.socket.Xsk;

/**
 * An {@link ActivationPolicy#EXCLUSIVE exclusive} activation found another socket in the
 * slot.
 *
 * @since 0.1.0
 */
public class SlotOccupiedException extends XskException {

	private final int interfaceIndex;

	private final int queueId;

	SlotOccupiedException(Xsk xsk, int mapFd) {
		super(("bpf BPF_MAP_UPDATE_ELEM(map fd=%d, key=%d, value=%d, flags=BPF_NOEXIST) failed with errno 17 (EEXIST):"
				+ " the slot of interface %d queue %d holds another socket.")
			.formatted(mapFd, xsk.queueId(), xsk.fd(), xsk.interfaceIndex(), xsk.queueId()),
				"Deactivate the socket that holds it (another application, where the map is pinned), or take the slot"
						+ " over with ActivationPolicy.REPLACE (xsk.activation.policy=replace).");
		this.interfaceIndex = xsk.interfaceIndex();
		this.queueId = xsk.queueId();
	}

	/**
	 * Return the interface of the slot.
	 * @return the interface index
	 */
	public int getInterfaceIndex() {
		return this.interfaceIndex;
	}

	/**
	 * Return the key of the slot.
	 * @return the queue id
	 */
	public int getQueueId() {
		return this.queueId;
	}

}
