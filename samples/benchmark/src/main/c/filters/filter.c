/*
 * The filter of the redirect rules "UDP to these ports" and "UDP to this port of these
 * IPv4 addresses", written by hand: what the generated program is measured against. It
 * reads what that one reads: two VLAN tags, IPv4 options, 128 bytes of IPv6 extension
 * headers; fragments, packets that are shorter than their IP header says, and those whose
 * UDP length is less than a header or more than the IP packet holds go on to the kernel;
 * matches are counted, and per queue what found no socket.
 *
 * It leaves as early as it can: lengths are compared last, since those of nearly all
 * packets are right, while addresses and ports are often others.
 *
 * entries.h has the entries, as lists of case labels, out of which clang makes
 * comparisons by halving: PORTS, and ADDRESSES where only some IPv4 destinations are
 * wanted, and so no IPv6.
 *
 * clang -O2 -g -target bpf -mcpu=v3 -I DIRECTORY-OF-entries.h -c filter.c -o filter.o
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "entries.h"

#define QUEUES 64
#define MAX_TAGS 2
#define MAX_EXTENSIONS 128
#define MAX_HEADERS 16

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, QUEUES);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} matches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, QUEUES + 1);
	__type(key, __u32);
	__type(value, __u64);
} empty SEC(".maps");

struct tag {
	__be16 tci;
	__be16 type;
};

struct extension {
	__u8 next;
	__u8 length;
	__be16 offset;
	__be32 rest;
};

static __always_inline void count(void *map, __u32 key)
{
	__u64 *counter = bpf_map_lookup_elem(map, &key);

	if (counter)
		*counter += 1;
}

static __always_inline int wanted(__u16 port)
{
	switch (port) {
	PORTS
		return 1;
	}
	return 0;
}

#ifdef ADDRESSES
static __always_inline int wanted_destination(__u32 address)
{
	switch (address) {
	ADDRESSES
		return 1;
	}
	return 0;
}
#endif

/* Returns the UDP header, or null; *ip_end is where the IP packet says that it ends. */
static __always_inline struct udphdr *ipv4(void *at, void *end, void **ip_end)
{
	struct iphdr *ip = at;

	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return 0;
	if (ip->protocol != IPPROTO_UDP || ip->frag_off & bpf_htons(0x3fff))
		return 0;
#ifdef ADDRESSES
	if (!wanted_destination(bpf_ntohl(ip->daddr)))
		return 0;
#endif
	*ip_end = at + bpf_ntohs(ip->tot_len);
	return at + ip->ihl * 4;
}

#ifndef ADDRESSES
static __always_inline struct udphdr *ipv6(void *at, void *end, void **ip_end)
{
	struct ipv6hdr *ip = at;
	__u32 skipped = 0;
	__u32 length;
	__u8 next;

	if ((void *)(ip + 1) > end || ip->version != 6)
		return 0;
	next = ip->nexthdr;
	length = bpf_ntohs(ip->payload_len);
	at = ip + 1;
	*ip_end = at + length;
	for (int i = 0; i <= MAX_HEADERS && next != IPPROTO_UDP; i++) {
		struct extension *header = at + skipped;
		__u32 size;

		if (skipped + sizeof(*header) > MAX_EXTENSIONS || skipped + sizeof(*header) > length
				|| (void *)(header + 1) > end)
			return 0;
		switch (next) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			size = 8 + header->length * 8;
			break;
		case IPPROTO_AH:
			if (!header->length || header->length & 1)
				return 0;
			size = (header->length + 2) * 4;
			break;
		case IPPROTO_FRAGMENT:
			if (header->offset & bpf_htons(0xfff9))
				return 0;
			size = 8;
			break;
		default:
			return 0;
		}
		next = header->next;
		skipped += size;
		if (skipped > MAX_EXTENSIONS)
			return 0;
	}
	if (next != IPPROTO_UDP)
		return 0;
	return at + skipped;
}
#endif

SEC("xdp")
int filter(struct xdp_md *context)
{
	void *at = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct ethhdr *ethernet = at;
	struct udphdr *udp;
	void *ip_end;
	__u32 length;
	__u32 queue;
	__be16 type;
	int verdict;

	if ((void *)(ethernet + 1) > end)
		return XDP_PASS;
	type = ethernet->h_proto;
	at = ethernet + 1;
#pragma unroll
	for (int i = 0; i < MAX_TAGS; i++) {
		struct tag *tag = at;

		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return XDP_PASS;
		type = tag->type;
		at = tag + 1;
	}
	if (type == bpf_htons(ETH_P_IP))
		udp = ipv4(at, end, &ip_end);
#ifndef ADDRESSES
	else if (type == bpf_htons(ETH_P_IPV6))
		udp = ipv6(at, end, &ip_end);
#endif
	else
		return XDP_PASS;
	if (!udp || (void *)(udp + 1) > end || !wanted(bpf_ntohs(udp->dest)))
		return XDP_PASS;
	length = bpf_ntohs(udp->len);
	/* the IP packet holds a whole UDP header then, too */
	if (ip_end > end || length < sizeof(*udp) || (void *)udp + length > ip_end)
		return XDP_PASS;
	count(&matches, 0);
	queue = context->rx_queue_index;
	verdict = bpf_redirect_map(&sockets, queue, XDP_PASS);
	if (verdict != XDP_REDIRECT)
		count(&empty, queue < QUEUES ? queue : QUEUES);
	return verdict;
}

char _license[] SEC("license") = "Dual BSD/GPL";
