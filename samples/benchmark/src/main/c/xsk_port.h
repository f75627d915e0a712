/* An XDP socket of libxdp with the program and the sizes that the Java side has. */
#ifndef XSK_BENCHMARK_XSK_PORT_H
#define XSK_BENCHMARK_XSK_PORT_H

#include <xdp/xsk.h>

struct port {
	struct xsk_socket *xsk;
	struct xsk_umem *umem;
	struct xsk_ring_cons rx, completion;
	struct xsk_ring_prod tx, fill;
	unsigned char *frames;
	int fd;
	/* frames that are in no ring */
	uint64_t free[FRAME_COUNT];
	unsigned int free_count;
};

struct redirection {
	/* what each rule took, and per queue what found no socket */
	int matches, empty;
	int map, program, link;
};

void redirection_open(struct redirection *redirection, int ifindex, int slots);
/* By which others find the program */
uint32_t redirection_program_id(const struct redirection *redirection);
void redirection_close(struct redirection *redirection);
/* Waits until the kernel has let go of a queue whose socket was just closed. */
void port_open(struct port *port, const char *interface, int queue);
void port_close(struct port *port);
/* Takes the frames of what was sent back. */
void port_reclaim(struct port *port);
/* Lets the kernel send, and asks again while it says "not now". */
void port_kick(struct port *port);

#endif
