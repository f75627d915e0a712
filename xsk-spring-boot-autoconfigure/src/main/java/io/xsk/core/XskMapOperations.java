package io.xsk.core;

import java.util.List;

import io.xsk.XskException;
import io.xsk.socket.Xsk;

/**
 * Activates sockets in their XSKMAP, deactivates them, and says how they stand.
 * Implementations are thread-safe.
 *
 * @since 0.1.0
 */
public interface XskMapOperations {

	/**
	 * Write the socket's descriptor into the XSKMAP of its interface, at the id of its RX
	 * queue: from now on the packets that the XDP program redirects on that queue reach
	 * the socket. What happens to another socket in that slot is the policy of the
	 * implementation.
	 * @param xsk a bound socket whose fill ring is filled
	 * @return the binding
	 * @throws XskException when the kernel refuses, or when it would accept a socket that
	 * it then drops every packet of: unbound, bound to another interface or queue, with
	 * an empty fill ring
	 */
	XskBinding activate(Xsk xsk);

	/**
	 * As {@link #activate(Xsk)}, with a policy of the caller's choice.
	 * @param xsk a bound socket whose fill ring is filled
	 * @param policy what to do with another socket in the slot
	 * @return the binding
	 * @throws SlotOccupiedException when the policy is exclusive and the slot holds
	 * another socket
	 * @throws XskException as {@link #activate(Xsk)}
	 */
	XskBinding activate(Xsk xsk, ActivationPolicy policy);

	/**
	 * Delete the slot of the socket, if the slot holds this socket: from now on the
	 * packets of that queue go on to the kernel. A slot that holds another socket is left
	 * as it is.
	 * <p>
	 * The kernel knows no compare-and-delete: between the check and the deletion another
	 * process that shares the map may put its socket into the slot, and that one would
	 * then be deleted.
	 * @param xsk the socket
	 * @throws XskException when the kernel refuses
	 */
	void deactivate(Xsk xsk);

	/**
	 * Ask the kernel how the socket and its slot stand to each other.
	 * <p>
	 * With the right to load a program the slot is only read, and asked by an update with
	 * {@code BPF_NOEXIST} whose socket it is where it is occupied. Between those two
	 * calls somebody may delete the slot; the update then restores it. Without that right
	 * the update alone is asked, for a socket that is meant to be active, and restores an
	 * empty slot. See {@link XskBinding#verifiedBy()}.
	 * @param xsk the socket
	 * @return the binding as it is now
	 * @throws XskException when the kernel does not answer
	 */
	XskBinding inspect(Xsk xsk);

	/**
	 * Inspect every socket that was activated here and is still open, whether or not it
	 * was deactivated since.
	 * @return the bindings as they are now, by interface and queue
	 * @throws XskException when the kernel does not answer
	 */
	List<XskBinding> bindings();

}
