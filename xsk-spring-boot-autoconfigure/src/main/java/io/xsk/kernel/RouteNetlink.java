package io.xsk.kernel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Questions about interfaces over {@code rtnetlink(7)} ({@code linux/rtnetlink.h},
 * {@code linux/if_link.h}, Linux 6.18).
 */
final class RouteNetlink implements AutoCloseable {

	private static final int NETLINK_ROUTE = 0;

	private static final int NLMSG_ERROR = 2;

	private static final int NLMSG_DONE = 3;

	private static final int RTM_NEWLINK = 16;

	private static final int RTM_GETLINK = 18;

	private static final int NLM_F_REQUEST = 1;

	private static final int NLM_F_DUMP = 0x300;

	private static final int HEADER_SIZE = 16;

	private static final int HEADER_TYPE = 4;

	private static final int HEADER_FLAGS = 6;

	private static final int IFINFO_SIZE = 16;

	private static final int IFINFO_INDEX = HEADER_SIZE + 4;

	private static final int IFINFO_FLAGS = HEADER_SIZE + 8;

	private static final int ATTRIBUTES = HEADER_SIZE + IFINFO_SIZE;

	private static final int ATTRIBUTE_HEADER_SIZE = 4;

	private static final int NLA_TYPE_MASK = 0x3fff;

	private static final int IFLA_IFNAME = 3;

	private static final int IFLA_MTU = 4;

	private static final int IFLA_NUM_RX_QUEUES = 32;

	private static final int IFLA_XDP = 43;

	private static final int IFLA_ALT_IFNAME = 53;

	private static final int IFLA_XDP_ATTACHED = 2;

	private static final int IFLA_XDP_PROG_ID = 4;

	private static final int IFLA_XDP_DRV_PROG_ID = 5;

	private static final int XDP_ATTACHED_NONE = 0;

	private static final int XDP_ATTACHED_SKB = 2;

	private static final int XDP_ATTACHED_HW = 3;

	private static final int XDP_ATTACHED_MULTI = 4;

	private static final int IFF_UP = 1;

	private static final int IFF_RUNNING = 1 << 6;

	private static final int IFNAMSIZ = 16;

	/** The kernel refuses to look for a longer name. */
	private static final int ALTIFNAMSIZ = 128;

	/** More than the kernel puts into one answer. */
	private static final int BUFFER_SIZE = 64 * 1024;

	private final Kernel kernel;

	private final FileDescriptor socket;

	private RouteNetlink(Kernel kernel, FileDescriptor socket) {
		this.kernel = kernel;
		this.socket = socket;
	}

	static RouteNetlink open(Kernel kernel) {
		int fd = kernel.socket(LinuxSocket.AF_NETLINK, LinuxSocket.SOCK_RAW | LinuxSocket.SOCK_CLOEXEC, NETLINK_ROUTE);
		return new RouteNetlink(kernel,
				SystemCalls.descriptor(kernel, fd, "socket", "AF_NETLINK, SOCK_RAW, NETLINK_ROUTE"));
	}

	Optional<Link> link(int index) {
		return only(ask(this.kernel.allocate(ATTRIBUTES).putInt(IFINFO_INDEX, index), 0, "index=" + index));
	}

	Optional<Link> link(String name) {
		byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
		if (bytes.length >= ALTIFNAMSIZ) {
			return Optional.empty();
		}
		int attributeLength = ATTRIBUTE_HEADER_SIZE + bytes.length + 1;
		NativeMemory request = this.kernel.allocate(ATTRIBUTES + align(attributeLength))
			.putShort(ATTRIBUTES, attributeLength)
			.putShort(ATTRIBUTES + 2, (bytes.length < IFNAMSIZ) ? IFLA_IFNAME : IFLA_ALT_IFNAME)
			.putBytes(ATTRIBUTES + ATTRIBUTE_HEADER_SIZE, bytes);
		return only(ask(request, 0, "name=" + name));
	}

	List<String> names() {
		return ask(this.kernel.allocate(ATTRIBUTES), NLM_F_DUMP, "all").stream().map(Link::name).toList();
	}

	private static Optional<Link> only(List<Link> links) {
		return links.isEmpty() ? Optional.empty() : Optional.of(links.get(0));
	}

	private List<Link> ask(NativeMemory request, int flags, String arguments) {
		request.putInt(0, request.size())
			.putShort(HEADER_TYPE, RTM_GETLINK)
			.putShort(HEADER_FLAGS, NLM_F_REQUEST | flags);
		SystemCalls.check(this.kernel.sendto(this.socket.value(), request, request.size(), 0), "sendto RTM_GETLINK",
				arguments);
		List<Link> links = new ArrayList<>();
		NativeMemory answer = this.kernel.allocate(BUFFER_SIZE);
		boolean more = true;
		while (more) {
			int length = SystemCalls.check(this.kernel.recvfrom(this.socket.value(), answer, 0), "recvfrom RTM_GETLINK",
					arguments);
			more = read(answer, length, links, arguments) && (flags & NLM_F_DUMP) != 0;
		}
		return links;
	}

	private boolean read(NativeMemory answer, int length, List<Link> links, String arguments) {
		int message = 0;
		while (message + HEADER_SIZE <= length) {
			int messageLength = answer.getInt(message);
			switch (answer.getShort(message + HEADER_TYPE)) {
				case NLMSG_DONE -> {
					return false;
				}
				case NLMSG_ERROR -> {
					int error = answer.getInt(message + HEADER_SIZE);
					if (error != -Errno.ENODEV) {
						SystemCalls.check(error, "RTM_GETLINK", arguments);
					}
					return false;
				}
				case RTM_NEWLINK -> links.add(Link.read(answer, message, messageLength));
				default -> {
				}
			}
			message += align(messageLength);
		}
		return true;
	}

	private static int align(int length) {
		return (length + 3) & ~3;
	}

	@Override
	public void close() {
		this.socket.close();
	}

	/** What one RTM_NEWLINK message says. */
	record Link(int index, String name, int mtu, int rxQueues, boolean up, boolean linkUp,
			@Nullable AttachedProgram program) {

		private static Link read(NativeMemory answer, int message, int length) {
			int flags = answer.getInt(message + IFINFO_FLAGS);
			Attributes attributes = new Attributes(answer, message + ATTRIBUTES, message + length);
			return new Link(answer.getInt(message + IFINFO_INDEX), attributes.name(IFLA_IFNAME),
					attributes.integer(IFLA_MTU), Math.max(1, attributes.integer(IFLA_NUM_RX_QUEUES)),
					(flags & IFF_UP) != 0, (flags & IFF_UP) != 0 && (flags & IFF_RUNNING) != 0,
					attributes.nested(IFLA_XDP).program());
		}

	}

	/** The attributes between two offsets of an answer. */
	private record Attributes(NativeMemory answer, int from, int to) {

		private static final int NOT_FOUND = -1;

		private int integer(int type) {
			int value = value(type);
			return (value != NOT_FOUND) ? this.answer.getInt(value) : 0;
		}

		private int unsignedByte(int type) {
			int value = value(type);
			return (value != NOT_FOUND) ? this.answer.getByte(value) : 0;
		}

		private String name(int type) {
			int value = value(type);
			return (value != NOT_FOUND) ? this.answer.getName(value, end(value) - value) : "";
		}

		private Attributes nested(int type) {
			int value = value(type);
			return (value != NOT_FOUND) ? new Attributes(this.answer, value, end(value))
					: new Attributes(this.answer, 0, 0);
		}

		private @Nullable AttachedProgram program() {
			int attached = unsignedByte(IFLA_XDP_ATTACHED);
			return switch (attached) {
				case XDP_ATTACHED_NONE -> null;
				case XDP_ATTACHED_MULTI -> new AttachedProgram(XdpMode.NATIVE, integer(IFLA_XDP_DRV_PROG_ID));
				case XDP_ATTACHED_SKB -> new AttachedProgram(XdpMode.GENERIC, integer(IFLA_XDP_PROG_ID));
				case XDP_ATTACHED_HW -> new AttachedProgram(XdpMode.OFFLOADED, integer(IFLA_XDP_PROG_ID));
				default -> new AttachedProgram(XdpMode.NATIVE, integer(IFLA_XDP_PROG_ID));
			};
		}

		/** Where the value of an attribute starts. */
		private int value(int type) {
			int offset = this.from;
			while (offset + ATTRIBUTE_HEADER_SIZE <= this.to) {
				if ((this.answer.getShort(offset + 2) & NLA_TYPE_MASK) == type) {
					return offset + ATTRIBUTE_HEADER_SIZE;
				}
				offset += align(Math.max(this.answer.getShort(offset), ATTRIBUTE_HEADER_SIZE));
			}
			return NOT_FOUND;
		}

		/** Where the value that starts there ends. */
		private int end(int value) {
			int header = value - ATTRIBUTE_HEADER_SIZE;
			return header + this.answer.getShort(header);
		}

	}

}
