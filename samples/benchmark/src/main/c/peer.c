/*
 * The C peer on libxdp, to compare the Java side with: receives and drops, echoes,
 * transmits, activates, and starts, on a command by standard input, as the Java peers do.
 * Every command is answered with one line of name=value pairs; the end of the input ends
 * it.
 */
#include "common.h"
#include "xsk_port.h"

#include <bpf/bpf.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#define POLL_MS 100
#define MAX_QUEUES 64

static const char *interface;
static struct port port;
static atomic_ulong packets;
static atomic_ulong bytes;
static atomic_ulong transmit_until;
static uint64_t checksum;
static unsigned char packet[FRAME_SIZE];
static unsigned int packet_length;

static void wait_for_packets(void)
{
	struct pollfd pollfd = {.fd = port.fd, .events = POLLIN};

	if (poll(&pollfd, 1, POLL_MS) < 0 && errno != EINTR)
		die("poll", errno);
}

static void count(unsigned long count, unsigned long length)
{
	/* one writer: no locked instruction, as on the Java side */
	atomic_store_explicit(&packets, atomic_load_explicit(&packets, memory_order_relaxed) + count,
		memory_order_release);
	atomic_store_explicit(&bytes, atomic_load_explicit(&bytes, memory_order_relaxed) + length, memory_order_release);
}

static void wake_receiving(void)
{
	if (xsk_ring_prod__needs_wakeup(&port.fill))
		recvfrom(port.fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

static void receive_and_drop(void)
{
	for (;;) {
		uint32_t rx, fill;
		unsigned long length = 0;
		unsigned int received = xsk_ring_cons__peek(&port.rx, BATCH, &rx);

		if (!received) {
			wait_for_packets();
			continue;
		}
		for (unsigned int i = 0; i < received; i++) {
			const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&port.rx, rx + i);
			uint64_t word;

			/* the packet work: read its first eight bytes */
			memcpy(&word, port.frames + desc->addr, sizeof(word));
			checksum += word;
			length += desc->len;
		}
		while (xsk_ring_prod__reserve(&port.fill, received, &fill) != received)
			wake_receiving();
		for (unsigned int i = 0; i < received; i++)
			*xsk_ring_prod__fill_addr(&port.fill, fill + i) =
				xsk_ring_cons__rx_desc(&port.rx, rx + i)->addr & ~(uint64_t)(FRAME_SIZE - 1);
		xsk_ring_prod__submit(&port.fill, received);
		xsk_ring_cons__release(&port.rx, received);
		wake_receiving();
		count(received, length);
	}
}

/* Frames that were sent go back to where they came from: the fill ring. */
static void refill(void)
{
	uint32_t completion, fill;
	unsigned int sent = xsk_ring_cons__peek(&port.completion, RING_SIZE, &completion);

	if (!sent)
		return;
	while (xsk_ring_prod__reserve(&port.fill, sent, &fill) != sent)
		wake_receiving();
	for (unsigned int i = 0; i < sent; i++)
		*xsk_ring_prod__fill_addr(&port.fill, fill + i) =
			*xsk_ring_cons__comp_addr(&port.completion, completion + i) & ~(uint64_t)(FRAME_SIZE - 1);
	xsk_ring_prod__submit(&port.fill, sent);
	xsk_ring_cons__release(&port.completion, sent);
}

static void kick_and_refill(void)
{
	for (int i = 0; i < 16 && xsk_ring_prod__needs_wakeup(&port.tx); i++) {
		if (sendto(port.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0)
			break;
		if (errno != EAGAIN && errno != EBUSY && errno != ENOBUFS && errno != EINTR)
			die("sendto", errno);
		refill();
	}
	refill();
}

static void echo(void)
{
	for (;;) {
		uint32_t rx, tx;
		unsigned long length = 0;
		unsigned int received = xsk_ring_cons__peek(&port.rx, BATCH, &rx);

		if (!received) {
			wait_for_packets();
			continue;
		}
		while (xsk_ring_prod__reserve(&port.tx, received, &tx) != received)
			kick_and_refill();
		for (unsigned int i = 0; i < received; i++) {
			const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&port.rx, rx + i);
			unsigned char *data = port.frames + desc->addr;
			unsigned char mac[6];

			/* the packet work: back to the sender */
			memcpy(mac, data, 6);
			memcpy(data, data + 6, 6);
			memcpy(data + 6, mac, 6);
			*xsk_ring_prod__tx_desc(&port.tx, tx + i) =
				(struct xdp_desc){.addr = desc->addr, .len = desc->len};
			length += desc->len;
		}
		xsk_ring_cons__release(&port.rx, received);
		xsk_ring_prod__submit(&port.tx, received);
		kick_and_refill();
		wake_receiving();
		count(received, length);
	}
}

static void transmit(void)
{
	for (;;) {
		uint64_t until = atomic_load(&transmit_until);
		uint64_t sequence = 0;

		if (!until) {
			sleep_ms(1);
			continue;
		}
		while (now_ns() < until) {
			uint32_t tx;

			port_reclaim(&port);
			if (port.free_count < BATCH || xsk_ring_prod__reserve(&port.tx, BATCH, &tx) != BATCH) {
				port_kick(&port);
				continue;
			}
			for (unsigned int i = 0; i < BATCH; i++) {
				uint64_t frame = port.free[--port.free_count];

				/* the packet work: the whole packet, with a number in it */
				memcpy(packet + HEADERS, &sequence, sizeof(sequence));
				sequence++;
				memcpy(port.frames + frame, packet, packet_length);
				*xsk_ring_prod__tx_desc(&port.tx, tx + i) =
					(struct xdp_desc){.addr = frame, .len = packet_length};
			}
			xsk_ring_prod__submit(&port.tx, BATCH);
			port_kick(&port);
			count(BATCH, (unsigned long)BATCH * packet_length);
		}
		while (port.free_count < FRAME_COUNT - RING_SIZE) {
			port_kick(&port);
			port_reclaim(&port);
		}
		atomic_store(&transmit_until, 0);
	}
}

static void answer_transmit(unsigned long millis)
{
	uint64_t start = now_ns();

	atomic_store(&transmit_until, start + millis * 1000000);
	while (atomic_load(&transmit_until))
		sleep_ms(1);
	printf("nanos=%lu\n", now_ns() - start);
}

static void answer_activation(struct redirection *redirection, unsigned long pairs)
{
	uint32_t key = 0;
	uint64_t start = now_ns();

	for (unsigned long i = 0; i < pairs; i++) {
		check("bpf_map_update_elem", bpf_map_update_elem(redirection->map, &key, &port.fd, BPF_ANY));
		check("bpf_map_delete_elem", bpf_map_delete_elem(redirection->map, &key));
	}
	printf("nanos=%lu\n", now_ns() - start);
}

static unsigned long resident_kib(void)
{
	unsigned long kib = 0;
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmRSS: %lu", &kib) == 1)
			break;
	if (status)
		fclose(status);
	return kib;
}

/* Everything from nothing to active sockets, and back. */
static void answer_start(unsigned long queues)
{
	static struct port ports[MAX_QUEUES];
	struct redirection redirection;
	unsigned long resident;
	uint64_t start = now_ns();

	redirection_open(&redirection, (int)if_nametoindex(interface), MAX_QUEUES);
	for (uint32_t queue = 0; queue < queues; queue++)
		port_open(&ports[queue], interface, (int)queue);
	for (uint32_t queue = 0; queue < queues; queue++)
		check("bpf_map_update_elem", bpf_map_update_elem(redirection.map, &queue, &ports[queue].fd, BPF_ANY));
	start = now_ns() - start;
	resident = resident_kib();
	for (uint32_t queue = 0; queue < queues; queue++)
		check("bpf_map_delete_elem", bpf_map_delete_elem(redirection.map, &queue));
	redirection_close(&redirection);
	for (uint32_t queue = 0; queue < queues; queue++)
		port_close(&ports[queue]);
	printf("nanos=%lu resident=%lu\n", start, resident * 1024);
}

static void answer_statistics(void)
{
	struct xdp_statistics statistics = {0};
	socklen_t length = sizeof(statistics);

	check("getsockopt", getsockopt(port.fd, SOL_XDP, XDP_STATISTICS, &statistics, &length));
	printf("packets=%lu bytes=%lu rxDropped=%llu rxRingFull=%llu rxFillRingEmpty=%llu\n", atomic_load(&packets),
		atomic_load(&bytes), statistics.rx_dropped, statistics.rx_ring_full, statistics.rx_fill_ring_empty_descs);
}

static void *consume(void *mode)
{
	if (!strcmp(mode, "receive"))
		receive_and_drop();
	else if (!strcmp(mode, "echo"))
		echo();
	else
		transmit();
	return NULL;
}

static void read_packet(const char *hex)
{
	unsigned int value;

	for (; packet_length < sizeof(packet) && sscanf(hex, "%2x", &value) == 1; hex += 2)
		packet[packet_length++] = (unsigned char)value;
}

int main(int argc, char **argv)
{
	const char *mode = (argc > 1) ? argv[1] : "";
	bool starts = !strcmp(mode, "start");
	struct redirection redirection;
	char line[128];
	unsigned long number;

	interface = option(argc, argv, "--interface", "");
	if (strcmp(mode, "receive") && strcmp(mode, "echo") && strcmp(mode, "transmit") && strcmp(mode, "activation") &&
		!starts) {
		fprintf(stderr, "Usage: %s receive|echo|transmit|activation|start --interface NAME [--packet HEX]\n", argv[0]);
		return 2;
	}
	read_packet(option(argc, argv, "--packet", ""));
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!starts) {
		uint32_t key = 0;

		redirection_open(&redirection, (int)if_nametoindex(interface), 1);
		port_open(&port, interface, 0);
		if (strcmp(mode, "activation")) {
			pthread_t thread;

			check("bpf_map_update_elem", bpf_map_update_elem(redirection.map, &key, &port.fd, BPF_ANY));
			if ((errno = pthread_create(&thread, NULL, consume, (void *)mode)))
				die("pthread_create", errno);
			pthread_setname_np(thread, "consumer");
		}
	}
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "mark\n"))
			answer_statistics();
		else if (!strcmp(line, "program\n") && !starts)
			printf("id=%u\n", redirection_program_id(&redirection));
		else if (sscanf(line, "transmit %lu", &number) == 1)
			answer_transmit(number);
		else if (sscanf(line, "activation %lu", &number) == 1)
			answer_activation(&redirection, number);
		else if (sscanf(line, "start %lu", &number) == 1 && number <= MAX_QUEUES)
			answer_start(number);
		else
			puts("error=unknown command");
	}
	/* also keeps the compiler from leaving the packet work out */
	return checksum == 1;
}
