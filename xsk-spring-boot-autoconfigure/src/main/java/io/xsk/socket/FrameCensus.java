package io.xsk.socket;

/**
 * Who owns the frames of a UMEM. Every count is taken by itself, from the indices of the
 * rings and the pool of free frames, none is a remainder: at a quiet moment, when no
 * thread receives or sends and the kernel delivers nothing, they add up to {@code total}.
 * While packets flow a frame may be counted twice or not at all.
 *
 * @param free frames in the pool for sending, and those on their way home into the fill
 * ring
 * @param fill frames in the fill ring
 * @param kernel frames that the kernel took out of the fill or TX ring and has not put
 * into the RX or completion ring yet
 * @param rx frames with received packets in the RX ring
 * @param application frames whose packet was handed to a {@link PacketHandler} and was
 * not given back, or was given back and has not been fetched by the consumer, or was
 * transmitted and waits for room in the TX ring
 * @param tx frames with packets in the TX ring
 * @param completion frames with sent packets in the completion ring
 * @param total the frames of the UMEM
 * @since 0.1.0
 */
public record FrameCensus(int free, int fill, int kernel, int rx, int application, int tx, int completion, int total) {

	/**
	 * Return whether every frame has exactly one owner.
	 * @return whether the owners' counts add up to the total
	 */
	public boolean isBalanced() {
		return this.free + this.fill + this.kernel + this.rx + this.application + this.tx
				+ this.completion == this.total;
	}

}
