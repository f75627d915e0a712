/* What the C peer and the traffic tool share. */
#ifndef XSK_BENCHMARK_COMMON_H
#define XSK_BENCHMARK_COMMON_H

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRAME_SIZE 2048
#define FRAME_COUNT 2048
#define RING_SIZE 1024
#define BATCH 64
/* Ethernet, IPv4 and UDP header */
#define HEADERS 42
#define MIN_PACKET 60

#define INSN(CODE, DST, SRC, OFF, IMM) \
	((struct bpf_insn){.code = (CODE), .dst_reg = (DST), .src_reg = (SRC), .off = (OFF), .imm = (IMM)})
#define MOV_REG(DST, SRC) INSN(BPF_ALU64 | BPF_MOV | BPF_X, DST, SRC, 0, 0)
#define MOV_IMM(DST, IMM) INSN(BPF_ALU64 | BPF_MOV | BPF_K, DST, 0, 0, IMM)
#define ADD_IMM(DST, IMM) INSN(BPF_ALU64 | BPF_ADD | BPF_K, DST, 0, 0, IMM)
#define LOAD(SIZE, DST, SRC, OFF) INSN(BPF_LDX | BPF_MEM | (SIZE), DST, SRC, OFF, 0)
#define STORE(SIZE, DST, SRC, OFF) INSN(BPF_STX | BPF_MEM | (SIZE), DST, SRC, OFF, 0)
#define JUMP_IMM(OP, DST, IMM, OFF) INSN(BPF_JMP | (OP) | BPF_K, DST, 0, OFF, IMM)
#define CALL(FUNCTION) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, FUNCTION)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
/* Two slots each */
#define LOAD_MAP(DST, FD) INSN(BPF_LD | BPF_IMM | BPF_DW, DST, BPF_PSEUDO_MAP_FD, 0, FD), INSN(0, 0, 0, 0, 0)
#define LOAD_MAP_VALUE(DST, FD) \
	INSN(BPF_LD | BPF_IMM | BPF_DW, DST, BPF_PSEUDO_MAP_VALUE, 0, FD), INSN(0, 0, 0, 0, 0)

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static inline void sleep_ms(long ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* libbpf and libxdp give the error number negated or in errno: the caller says which. */
static inline void die(const char *call, int error)
{
	fprintf(stderr, "%s failed: %s (errno %d)\n", call, strerror(error), error);
	exit(1);
}

/* Give up when a call failed that reports by errno. */
static inline int check(const char *call, int result)
{
	if (result < 0)
		die(call, errno);
	return result;
}

static inline const char *option(int argc, char **argv, const char *name, const char *fallback)
{
	for (int i = 2; i + 1 < argc; i += 2)
		if (!strcmp(argv[i], name))
			return argv[i + 1];
	return fallback;
}

#endif
