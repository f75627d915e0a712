package io.xsk.socket;

import io.xsk.kernel.LinuxIfXdp;
import io.xsk.kernel.NativeMemory;

/**
 * What the kernel counts for a socket since it was opened ({@code struct xdp_statistics}
 * in {@code linux/if_xdp.h}). Linux before 5.9 knows the first three alone and leaves the
 * others 0.
 *
 * @param rxDropped packets dropped for another reason than those below, among them
 * packets that are longer than a frame
 * @param rxInvalidDescriptors invalid entries in the fill ring
 * @param txInvalidDescriptors invalid entries in the TX ring
 * @param rxRingFull packets dropped because the RX ring was full
 * @param rxFillRingEmpty how often the kernel wanted a frame and the fill ring had none
 * @param txRingEmpty how often the kernel looked for a packet and the TX ring had none;
 * it rises with every idle poll and is no fault
 * @since 0.1.0
 */
public record XdpStatistics(long rxDropped, long rxInvalidDescriptors, long txInvalidDescriptors, long rxRingFull,
		long rxFillRingEmpty, long txRingEmpty) {

	static XdpStatistics read(NativeMemory answer) {
		return new XdpStatistics(answer.getLong(LinuxIfXdp.XDP_STATISTICS_RX_DROPPED),
				answer.getLong(LinuxIfXdp.XDP_STATISTICS_RX_INVALID_DESCS),
				answer.getLong(LinuxIfXdp.XDP_STATISTICS_TX_INVALID_DESCS),
				answer.getLong(LinuxIfXdp.XDP_STATISTICS_RX_RING_FULL),
				answer.getLong(LinuxIfXdp.XDP_STATISTICS_RX_FILL_RING_EMPTY_DESCS),
				answer.getLong(LinuxIfXdp.XDP_STATISTICS_TX_RING_EMPTY_DESCS));
	}

}
