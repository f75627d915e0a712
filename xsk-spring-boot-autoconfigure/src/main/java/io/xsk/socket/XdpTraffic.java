package io.xsk.socket;

/**
 * What went through a socket since it was opened, counted by us; {@link XdpStatistics} is
 * what the kernel counts.
 *
 * @param receivedPackets packets that were handed over, also when the handler threw
 * @param receivedBytes their bytes, from the Ethernet header on
 * @param sentPackets packets that were put into the TX ring. After a
 * {@link PacketSender#flush() flush} those are what the interface counts as sent
 * ({@code ip -s link}), {@code sendDrops} and
 * {@link XdpStatistics#txInvalidDescriptors()} aside
 * @param sentBytes their bytes
 * @param sendDrops how many of them the kernel dropped afterwards, in copy mode
 * ({@code sendto} gives EBUSY): the driver had no room, or the packet is longer than the
 * interface takes (see {@link PacketSender#maxPacketLength()})
 * @since 0.1.0
 */
public record XdpTraffic(long receivedPackets, long receivedBytes, long sentPackets, long sentBytes, long sendDrops) {

}
