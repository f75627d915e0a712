/*
 * What filters cost: runs XDP programs on one packet again and again by
 * BPF_PROG_TEST_RUN, and says whether two are the same. Loads the object files that it is given, and adopts programs that
 * another process has loaded. Every command of standard input is answered with one line;
 * the end of the input ends it, and with it all that it loaded.
 */
#include "common.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_PROGRAMS 64

static int programs[MAX_PROGRAMS];
static unsigned int program_count;
static unsigned char packet[FRAME_SIZE];
static unsigned int packet_length;

static unsigned int keep(int program)
{
	if (program_count == MAX_PROGRAMS) {
		fprintf(stderr, "More than %d programs\n", MAX_PROGRAMS);
		exit(2);
	}
	programs[program_count] = program;
	return program_count++;
}

/* The program of an object file; its slot 0 gets a socket where it redirects. */
static void load(const char *file, int socket)
{
	struct bpf_object *object = bpf_object__open_file(file, NULL);
	struct bpf_program *program;
	struct bpf_map *sockets;
	uint32_t key = 0;
	int result;

	if (!object)
		die(file, errno);
	result = bpf_object__load(object);
	if (result)
		die("bpf_object__load", -result);
	program = bpf_object__next_program(object, NULL);
	if (!program)
		die("bpf_object__next_program", ENOENT);
	sockets = bpf_object__find_map_by_name(object, "sockets");
	if (sockets)
		check("bpf_map_update_elem", bpf_map_update_elem(bpf_map__fd(sockets), &key, &socket, BPF_ANY));
	keep(bpf_program__fd(program));
}

static uint64_t thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

/*
 * The kernel tells the time of one run in whole nanoseconds, which is a lot of what a
 * filter costs. The CPU time of the thread over all runs is finer; what happens around
 * them is less than a thousandth of it.
 */
static void run(unsigned int program, unsigned int repeat)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = packet_length, .repeat = (int)repeat);
	uint64_t start = thread_ns();

	check("BPF_PROG_TEST_RUN", bpf_prog_test_run_opts(programs[program], &run));
	printf("nanos=%lu reported=%u verdict=%u\n", thread_ns() - start, run.duration, run.retval);
}

/* What two programs have in common that differ in their maps alone */
static void hash(unsigned int program)
{
	static struct bpf_insn code[4096];
	struct bpf_prog_info info = {.xlated_prog_insns = (uintptr_t)code, .xlated_prog_len = sizeof(code)};
	uint32_t length = sizeof(info), count;
	/* FNV-1a */
	uint64_t sum = 14695981039346656037ull;

	check("bpf_obj_get_info_by_fd", bpf_obj_get_info_by_fd(programs[program], &info, &length));
	count = info.xlated_prog_len / sizeof(code[0]);
	for (uint32_t i = 0; i < count && i < sizeof(code) / sizeof(code[0]); i++) {
		if (code[i].code == (BPF_LD | BPF_IMM | BPF_DW))
			code[i].imm = 0;
		for (size_t byte = 0; byte < sizeof(code[0]); byte++)
			sum = (sum ^ ((unsigned char *)&code[i])[byte]) * 1099511628211ull;
	}
	printf("instructions=%u hash=%lu\n", count, sum >> 1);
}

static void read_packet(const char *hex)
{
	unsigned int value;

	for (packet_length = 0; packet_length < sizeof(packet) && sscanf(hex, "%2x", &value) == 1; hex += 2)
		packet[packet_length++] = (unsigned char)value;
}

int main(int argc, char **argv)
{
	/* bound to nothing, it occupies a slot all the same */
	int socket_fd = check("socket", socket(AF_XDP, SOCK_RAW, 0));
	char line[1024];
	unsigned int number, repeat;

	for (int i = 1; i < argc; i++)
		load(argv[i], socket_fd);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "adopt %u", &number) == 1)
			printf("program=%u\n", keep(check("bpf_prog_get_fd_by_id", bpf_prog_get_fd_by_id(number))));
		else if (!strncmp(line, "packet ", 7)) {
			read_packet(line + 7);
			printf("length=%u\n", packet_length);
		}
		else if (sscanf(line, "hash %u", &number) == 1 && number < program_count)
			hash(number);
		else if (sscanf(line, "run %u %u", &number, &repeat) == 2 && number < program_count)
			run(number, repeat);
		else
			puts("error=unknown command");
	}
	return 0;
}
