package io.xsk.socket;

/**
 * Where the packets of a socket come from.
 *
 * @param socket the name of the socket
 * @param interfaceName the name of its interface when it was opened
 * @param queueId its RX queue
 */
record PacketOrigin(String socket, String interfaceName, int queueId) {
}
