package io.xsk.core;

import java.util.List;

import io.xsk.XskException;
import io.xsk.socket.Xsk;

/**
 * Activates sockets in their XSKMAP, deactivates them, and says how they stand.
 * <p>
 * Two facts decide whether a socket is in its slot: whether it is <em>wanted</em>, by
 * {@link #activate} and {@link #deactivate}, and whether it is <em>served</em>, which
 * those say by {@link #serve} and {@link #unserve} who take its packets. It is active
 * while both hold. A socket is served until somebody says that it is not.
 * <p>
 * Implementations are thread-safe.
 *
 * @since 0.1.0
 */
public interface XskMapOperations {

	/**
	 * Want a socket: write its descriptor into the XSKMAP of its interface, at the id of
	 * its RX queue. From now on the packets that the XDP program redirects on that queue
	 * reach the socket. What happens to another socket in that slot is the policy of the
	 * implementation.
	 * <p>
	 * While nobody serves the socket its slot is left as it is, and {@link #serve}
	 * activates it.
	 * @param xsk a bound socket whose fill ring is filled
	 * @return the binding
	 * @throws XskException when the kernel refuses, or when it would accept a socket that
	 * it then drops every packet of: unbound, bound to another interface or queue, with
	 * an empty fill ring. The socket is wanted no more than before
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
	 * Want a socket no more: delete its slot, if the slot holds this socket. From now on
	 * the packets of that queue go on to the kernel. A slot that holds another socket is
	 * left as it is.
	 * <p>
	 * The kernel knows no compare-and-delete: between the check and the deletion another
	 * process that shares the map may put its socket into the slot, and that one would
	 * then be deleted.
	 * @param xsk the socket
	 * @throws XskException when the kernel refuses; the socket is not wanted all the
	 * same, and the next change of it tries again
	 */
	void deactivate(Xsk xsk);

	/**
	 * Say that somebody takes the packets of a socket from now on: activate it, if it is
	 * wanted.
	 * @param xsk the socket
	 * @throws XskException as {@link #activate(Xsk)}; nobody serves the socket then
	 */
	void serve(Xsk xsk);

	/**
	 * Say that nobody takes the packets of a socket from now on: delete its slot, as
	 * {@link #deactivate} does, and want it as much as before.
	 * @param xsk the socket
	 * @param reason why, for those who ask for the binding; a clause such as "its
	 * listener is paused"
	 * @throws XskException when the kernel refuses; nobody serves the socket all the
	 * same, and the next change of it tries again
	 */
	void unserve(Xsk xsk, String reason);

	/**
	 * Ask the kernel how the socket and its slot stand to each other.
	 * <p>
	 * With the right to load a program the slot is only read, and asked by an update with
	 * {@code BPF_NOEXIST} whose socket it is where it is occupied. Between those two
	 * calls somebody may delete the slot; the update then restores it. Without that right
	 * the update alone is asked, for a socket that is meant to be active, and restores an
	 * empty slot. See {@link XskBinding#verifiedBy()}. Where the kernel does not answer,
	 * the state is what was last done, verified by nothing, and the reason says why.
	 * @param xsk the socket
	 * @return the binding as it is now
	 */
	XskBinding inspect(Xsk xsk);

	/**
	 * Inspect every socket that this object was told about and that is still open.
	 * @return the bindings as they are now, by interface and queue
	 */
	List<XskBinding> bindings();

	/**
	 * Return the sockets that {@link #bindings()} would inspect. Where it is overridden,
	 * the kernel is not asked.
	 * @return the sockets that were activated here and are still open
	 */
	default List<Xsk> xsks() {
		return bindings().stream().map(XskBinding::xsk).toList();
	}

}
