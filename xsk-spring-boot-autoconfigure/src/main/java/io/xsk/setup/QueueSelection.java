package io.xsk.setup;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

import io.xsk.RangeList;
import io.xsk.socket.Xsk;

/**
 * Which RX queues of an interface a socket is made for: all of them, or a list.
 *
 * @since 0.1.0
 */
public final class QueueSelection {

	private static final QueueSelection ALL = new QueueSelection(List.of());

	private final List<Integer> queues;

	private QueueSelection(List<Integer> queues) {
		this.queues = queues;
	}

	/**
	 * Select every RX queue that the interface has when the sockets are opened.
	 * @return the selection
	 */
	public static QueueSelection all() {
		return ALL;
	}

	/**
	 * Select some queues.
	 * @param queues the queue ids, from 0 to {@value io.xsk.socket.Xsk#MAX_QUEUE_ID}
	 * @return the selection
	 * @throws IllegalArgumentException when there is none, or one lies outside that range
	 */
	public static QueueSelection of(int... queues) {
		return of(IntStream.of(queues).boxed().toList());
	}

	private static QueueSelection of(List<Integer> queues) {
		TreeSet<Integer> sorted = new TreeSet<>(queues);
		if (sorted.isEmpty()) {
			throw new IllegalArgumentException("at least one queue id is needed, or 'all'");
		}
		if (sorted.first() < 0 || sorted.last() > Xsk.MAX_QUEUE_ID) {
			throw new IllegalArgumentException("a queue id goes from 0 to %d, and %d does not"
				.formatted(Xsk.MAX_QUEUE_ID, (sorted.first() < 0) ? sorted.first() : sorted.last()));
		}
		return new QueueSelection(List.copyOf(sorted));
	}

	/**
	 * Read a selection as it stands in {@code application.yml}.
	 * @param text {@code all}, or queue ids and ranges such as {@code 0-3,7}
	 * @return the selection
	 * @throws IllegalArgumentException when it is neither
	 */
	public static QueueSelection parse(String text) {
		if (text.strip().equalsIgnoreCase("all")) {
			return ALL;
		}
		try {
			return of(RangeList.parse(text, "a queue id", 0, Xsk.MAX_QUEUE_ID).numbers());
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(ex.getMessage() + "; lists such as 0-3,7 and 'all' are fine", ex);
		}
	}

	/**
	 * Return whether every queue of the interface is selected.
	 * @return {@code false} for a list
	 */
	public boolean isAll() {
		return this.queues.isEmpty();
	}

	/**
	 * Return the selected queues of an interface.
	 * @param queueCount the number of RX queues of the interface
	 * @return the queue ids, ascending; those past the interface's are among them
	 */
	public List<Integer> select(int queueCount) {
		return isAll() ? IntStream.range(0, queueCount).boxed().toList() : this.queues;
	}

	/**
	 * Return the queues that two selections on one interface have in common, as far as
	 * that can be said without knowing the interface.
	 * @param other the other selection
	 * @return the queue ids, those of the list where the other one is {@link #all()}, and
	 * 0 where both are
	 */
	public List<Integer> overlap(QueueSelection other) {
		if (isAll()) {
			return other.isAll() ? List.of(0) : other.queues;
		}
		List<Integer> common = new ArrayList<>(this.queues);
		if (!other.isAll()) {
			common.retainAll(other.queues);
		}
		return common;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof QueueSelection selection && this.queues.equals(selection.queues);
	}

	@Override
	public int hashCode() {
		return this.queues.hashCode();
	}

	@Override
	public String toString() {
		if (isAll()) {
			return "all";
		}
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < this.queues.size(); i++) {
			int first = this.queues.get(i);
			while (i + 1 < this.queues.size() && this.queues.get(i + 1) == this.queues.get(i) + 1) {
				i++;
			}
			int last = this.queues.get(i);
			text.append(text.isEmpty() ? "" : ",").append((first == last) ? "" + first : first + "-" + last);
		}
		return text.toString();
	}

}
