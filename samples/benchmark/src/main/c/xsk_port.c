#include "common.h"
#include "xsk_port.h"

#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* How often a kick is repeated: older kernels send 32 packets a call in copy mode. */
#define KICKS 16
/* newer than many a linux/if_xdp.h */
#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9
#endif
#define BIND_TIMEOUT_MS 5000

/* On the stack of the program */
#define KEY (-4)
/* Adds one to the counter of MAP whose index is at KEY: eleven instructions */
#define COUNT_AT_KEY(MAP) \
	LOAD_MAP(BPF_REG_1, MAP), MOV_REG(BPF_REG_2, BPF_REG_10), ADD_IMM(BPF_REG_2, KEY), \
		CALL(BPF_FUNC_map_lookup_elem), JUMP_IMM(BPF_JEQ, BPF_REG_0, 0, 3), LOAD(BPF_DW, BPF_REG_1, BPF_REG_0, 0), \
		ADD_IMM(BPF_REG_1, 1), STORE(BPF_DW, BPF_REG_0, BPF_REG_1, 0)

void redirection_open(struct redirection *redirection, int ifindex, int slots)
{
	LIBBPF_OPTS(bpf_link_create_opts, native, .flags = XDP_FLAGS_DRV_MODE);

	redirection->map = check("bpf_map_create", bpf_map_create(BPF_MAP_TYPE_XSKMAP, "xsks", 4, 4, slots, NULL));
	redirection->matches =
		check("bpf_map_create", bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "matches", 4, 8, 1, NULL));
	redirection->empty =
		check("bpf_map_create", bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "empty", 4, 8, slots + 1, NULL));
	/* as it runs, instruction by instruction what RedirectRules.all() gives */
	struct bpf_insn program[] = {
		MOV_REG(BPF_REG_6, BPF_REG_1),
		MOV_IMM(BPF_REG_7, 0),
		STORE(BPF_W, BPF_REG_10, BPF_REG_7, KEY),
		COUNT_AT_KEY(redirection->matches),
		LOAD(BPF_W, BPF_REG_8, BPF_REG_6, offsetof(struct xdp_md, rx_queue_index)),
		LOAD_MAP(BPF_REG_1, redirection->map),
		MOV_REG(BPF_REG_2, BPF_REG_8),
		MOV_IMM(BPF_REG_3, XDP_PASS),
		CALL(BPF_FUNC_redirect_map),
		JUMP_IMM(BPF_JNE, BPF_REG_0, XDP_REDIRECT, 1),
		EXIT(),
		MOV_REG(BPF_REG_7, BPF_REG_0),
		JUMP_IMM(BPF_JLT, BPF_REG_8, slots + 1, 1),
		MOV_IMM(BPF_REG_8, slots),
		STORE(BPF_W, BPF_REG_10, BPF_REG_8, KEY),
		COUNT_AT_KEY(redirection->empty),
		MOV_REG(BPF_REG_0, BPF_REG_7),
		EXIT(),
	};
	redirection->program = check("bpf_prog_load", bpf_prog_load(BPF_PROG_TYPE_XDP, "redirect", "Dual BSD", program,
		sizeof(program) / sizeof(program[0]), NULL));
	/* a link of the interface's last user may still be on its way out */
	for (int i = 0; (redirection->link = bpf_link_create(redirection->program, ifindex, BPF_XDP, &native)) < 0; i++) {
		if (errno != EBUSY || i == BIND_TIMEOUT_MS)
			die("bpf_link_create", errno);
		sleep_ms(1);
	}
}

uint32_t redirection_program_id(const struct redirection *redirection)
{
	struct bpf_prog_info info = {0};
	uint32_t length = sizeof(info);

	check("bpf_obj_get_info_by_fd", bpf_obj_get_info_by_fd(redirection->program, &info, &length));
	return info.id;
}

void redirection_close(struct redirection *redirection)
{
	close(redirection->link);
	close(redirection->program);
	close(redirection->empty);
	close(redirection->matches);
	close(redirection->map);
}

void port_open(struct port *port, const char *interface, int queue)
{
	struct xsk_umem_config umem = {.fill_size = RING_SIZE, .comp_size = RING_SIZE, .frame_size = FRAME_SIZE};
	struct xsk_socket_config socket = {.rx_size = RING_SIZE,
		.tx_size = RING_SIZE,
		.libbpf_flags = XSK_LIBBPF_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_COPY | XDP_USE_NEED_WAKEUP};
	size_t bytes = (size_t)FRAME_SIZE * FRAME_COUNT;
	uint32_t index = 0, budget = RING_SIZE;
	int result;

	memset(port, 0, sizeof(*port));
	for (int i = 0;; i++) {
		port->frames = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (port->frames == MAP_FAILED)
			die("mmap", errno);
		result = xsk_umem__create(&port->umem, port->frames, bytes, &port->fill, &port->completion, &umem);
		if (result)
			die("xsk_umem__create", -result);
		xsk_ring_prod__reserve(&port->fill, RING_SIZE, &index);
		for (unsigned int frame = 0; frame < RING_SIZE; frame++)
			*xsk_ring_prod__fill_addr(&port->fill, index + frame) = (uint64_t)frame * FRAME_SIZE;
		xsk_ring_prod__submit(&port->fill, RING_SIZE);
		result = xsk_socket__create(&port->xsk, interface, queue, port->umem, &port->rx, &port->tx, &socket);
		if (!result)
			break;
		if (result != -EBUSY || i == BIND_TIMEOUT_MS)
			die("xsk_socket__create", -result);
		xsk_umem__delete(port->umem);
		munmap(port->frames, bytes);
		sleep_ms(1);
	}
	port->fd = xsk_socket__fd(port->xsk);
	/* as the Java side does: one call sends whatever there is, where the kernel knows that */
	if (setsockopt(port->fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &budget, sizeof(budget)) && errno != ENOPROTOOPT)
		die("setsockopt XDP_MAX_TX_SKB_BUDGET", errno);
	for (unsigned int frame = FRAME_COUNT; frame-- > RING_SIZE;)
		port->free[port->free_count++] = (uint64_t)frame * FRAME_SIZE;
}

void port_close(struct port *port)
{
	xsk_socket__delete(port->xsk);
	xsk_umem__delete(port->umem);
	munmap(port->frames, (size_t)FRAME_SIZE * FRAME_COUNT);
}

void port_reclaim(struct port *port)
{
	uint32_t index;
	unsigned int count = xsk_ring_cons__peek(&port->completion, RING_SIZE, &index);

	for (unsigned int i = 0; i < count; i++)
		port->free[port->free_count++] =
			*xsk_ring_cons__comp_addr(&port->completion, index + i) & ~(uint64_t)(FRAME_SIZE - 1);
	if (count)
		xsk_ring_cons__release(&port->completion, count);
}

void port_kick(struct port *port)
{
	for (int i = 0; i < KICKS && xsk_ring_prod__needs_wakeup(&port->tx); i++) {
		if (sendto(port->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0)
			return;
		if (errno != EAGAIN && errno != EBUSY && errno != ENOBUFS && errno != EINTR)
			die("sendto", errno);
		port_reclaim(port);
	}
}
