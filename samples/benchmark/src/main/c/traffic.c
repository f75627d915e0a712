/*
 * The other end of the veth pair, for all peers alike; runs in its network namespace. It
 * floods for a bounded time, counts what comes back or in, and measures round trips. Every
 * command of standard input is answered with one line; the end of the input ends it.
 */
#include "common.h"
#include "xsk_port.h"

#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* A bound on one flood, whatever its time: about five minutes at full speed */
#define MAX_FLOOD 200000000u
/* How long a packet of the round trips may take before it counts as lost */
#define LATE_NS 200000000ull

static unsigned char packet[FRAME_SIZE];
static unsigned int packet_length;
static int ifindex;

static int counter_create(void)
{
	return check("bpf_map_create", bpf_map_create(BPF_MAP_TYPE_ARRAY, "counter", 4, 8, 1, NULL));
}

static uint64_t counter_read(int map)
{
	uint32_t key = 0;
	uint64_t value = 0;

	check("bpf_map_lookup_elem", bpf_map_lookup_elem(map, &key, &value));
	return value;
}

static int load(struct bpf_insn *insns, size_t count)
{
	return check("bpf_prog_load", bpf_prog_load(BPF_PROG_TYPE_XDP, "traffic", "Dual BSD", insns, count, NULL));
}

#define COUNT(MAP) \
	LOAD_MAP_VALUE(BPF_REG_1, MAP), LOAD(BPF_DW, BPF_REG_2, BPF_REG_1, 0), ADD_IMM(BPF_REG_2, 1), \
		STORE(BPF_DW, BPF_REG_1, BPF_REG_2, 0)

/* Counts each packet and sends it out of our end of the veth pair */
static int load_flood(int counter)
{
	struct bpf_insn program[] = {
		COUNT(counter),
		MOV_IMM(BPF_REG_1, ifindex),
		MOV_IMM(BPF_REG_2, 0),
		CALL(BPF_FUNC_redirect),
		EXIT(),
	};

	return load(program, sizeof(program) / sizeof(program[0]));
}

/* Counts each packet that comes in, and drops it */
static int load_sink(int counter)
{
	struct bpf_insn program[] = {
		COUNT(counter),
		MOV_IMM(BPF_REG_0, XDP_DROP),
		EXIT(),
	};

	return load(program, sizeof(program) / sizeof(program[0]));
}

static int attach(int program)
{
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);

	return check("bpf_link_create", bpf_link_create(program, ifindex, BPF_XDP, &native));
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void flood(int program, int counter, unsigned long millis)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = packet_length, .repeat = MAX_FLOOD,
		.flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	struct itimerval timer = {.it_value = {.tv_sec = millis / 1000, .tv_usec = millis % 1000 * 1000}};
	uint64_t before = counter_read(counter);
	uint64_t start = now_ns();
	int result;

	setitimer(ITIMER_REAL, &timer, NULL);
	/* the alarm ends it */
	result = bpf_prog_test_run_opts(program, &run);
	if (result < 0 && errno != EINTR)
		die("BPF_PROG_TEST_RUN with live frames", errno);
	printf("sent=%lu nanos=%lu\n", counter_read(counter) - before, now_ns() - start);
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static uint64_t percentile(const uint64_t *sorted, unsigned long count, double part)
{
	unsigned long index = (unsigned long)((double)count * part);

	return count ? sorted[(index < count) ? index : count - 1] : 0;
}

/* Take what came back */
static unsigned long take_replies(struct port *port, uint64_t *times, unsigned long limit)
{
	uint32_t rx, fill;
	unsigned int received = xsk_ring_cons__peek(&port->rx, BATCH, &rx);
	unsigned long taken = 0;
	uint64_t now;

	if (!received)
		return 0;
	now = now_ns();
	while (xsk_ring_prod__reserve(&port->fill, received, &fill) != received)
		;
	for (unsigned int i = 0; i < received; i++) {
		const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&port->rx, rx + i);
		uint64_t sent;

		/* anything else than our packets has another length */
		if (desc->len == packet_length && taken < limit) {
			memcpy(&sent, port->frames + desc->addr + HEADERS, sizeof(sent));
			times[taken++] = now - sent;
		}
		*xsk_ring_prod__fill_addr(&port->fill, fill + i) = desc->addr & ~(uint64_t)(FRAME_SIZE - 1);
	}
	xsk_ring_prod__submit(&port->fill, received);
	xsk_ring_cons__release(&port->rx, received);
	return taken;
}

static void send_one(struct port *port)
{
	uint32_t tx;
	uint64_t frame, now;

	port_reclaim(port);
	if (!port->free_count || xsk_ring_prod__reserve(&port->tx, 1, &tx) != 1)
		return;
	frame = port->free[--port->free_count];
	now = now_ns();
	memcpy(packet + HEADERS, &now, sizeof(now));
	memcpy(port->frames + frame, packet, packet_length);
	*xsk_ring_prod__tx_desc(&port->tx, tx) = (struct xdp_desc){.addr = frame, .len = packet_length};
	xsk_ring_prod__submit(&port->tx, 1);
	port_kick(port);
}

/* One packet every so often, whatever became of the one before; spins in between */
static void round_trips(struct port *port, unsigned long count, unsigned long rate)
{
	uint64_t *times = calloc(count, sizeof(*times));
	uint64_t interval = 1000000000ull / rate;
	uint64_t next = now_ns(), last = next;
	unsigned long sent = 0, returned = 0;

	if (!times)
		die("calloc", ENOMEM);
	/* what a former round left behind */
	while (take_replies(port, times, count))
		;
	while (returned < count && (sent < count || now_ns() - last < LATE_NS)) {
		if (sent < count && now_ns() >= next) {
			send_one(port);
			sent++;
			next += interval;
			last = now_ns();
		}
		returned += take_replies(port, times + returned, count - returned);
	}
	qsort(times, returned, sizeof(*times), compare);
	printf("sent=%lu returned=%lu p50=%lu p99=%lu p999=%lu\n", sent, returned, percentile(times, returned, 0.5),
		percentile(times, returned, 0.99), percentile(times, returned, 0.999));
	free(times);
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
	const char *interface = option(argc, argv, "--interface", "");
	struct sigaction action = {.sa_handler = on_alarm};
	struct redirection redirection;
	static struct port port;
	char line[128];
	unsigned long number, rate;
	int sent = counter_create(), received = counter_create(), program = 0;

	read_packet(option(argc, argv, "--packet", ""));
	ifindex = (int)if_nametoindex(interface);
	if ((strcmp(mode, "flood") && strcmp(mode, "round-trips")) || !ifindex || packet_length < MIN_PACKET) {
		fprintf(stderr, "Usage: %s flood|round-trips --interface NAME --packet HEX\n", argv[0]);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGALRM, &action, NULL);
	if (!strcmp(mode, "flood")) {
		program = load_flood(sent);
		attach(load_sink(received));
	}
	else {
		uint32_t key = 0;

		redirection_open(&redirection, ifindex, 1);
		port_open(&port, interface, 0);
		check("bpf_map_update_elem", bpf_map_update_elem(redirection.map, &key, &port.fd, BPF_ANY));
	}
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (program && sscanf(line, "flood %lu", &number) == 1)
			flood(program, sent, number);
		else if (program && !strcmp(line, "mark\n"))
			printf("sent=%lu received=%lu\n", counter_read(sent), counter_read(received));
		else if (!program && sscanf(line, "round-trips %lu %lu", &number, &rate) == 2 && rate)
			round_trips(&port, number, rate);
		else
			puts("error=unknown command");
	}
	return 0;
}
