package io.xsk.rule;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An IPv4 or IPv6 address, or all addresses that begin like it: {@code 192.0.2.1},
 * {@code 192.0.2.0/24}, {@code 2001:db8::/32}.
 *
 * @param ipv6 whether it is IPv6
 * @param high the upper 64 bits of an IPv6 address, else 0
 * @param low the lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address
 * @param length how many leading bits count, 0 to 32 or 128
 * @since 0.1.0
 */
public record IpPrefix(boolean ipv6, long high, long low, int length) {

	private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

	private static final Pattern LENGTH = Pattern.compile("\\d{1,3}");

	private static final int MAX_OCTET = 255;

	private static final int IPV6_BYTES = 16;

	private static final long IPV4_MASK = 0xffff_ffffL;

	/**
	 * Create a prefix.
	 * @param ipv6 whether it is IPv6
	 * @param high the upper 64 bits of an IPv6 address, else 0
	 * @param low the lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address
	 * @param length how many leading bits count, 0 to 32 or 128
	 * @throws IllegalArgumentException when the length is outside its range, or bits
	 * behind it are set
	 */
	public IpPrefix {
		int bits = ipv6 ? Long.SIZE * 2 : Integer.SIZE;
		if (length < 0 || length > bits) {
			throw new IllegalArgumentException(
					"A prefix of IPv%d has 0 to %d bits, not %d.".formatted(ipv6 ? 6 : 4, bits, length));
		}
		if ((high & ~highMask(ipv6, length)) != 0 || (low & ~lowMask(ipv6, length)) != 0) {
			throw new IllegalArgumentException(
					"The address has bits behind its first %d. Write %s, or /%d for the one address.".formatted(length,
							text(ipv6, high & highMask(ipv6, length), low & lowMask(ipv6, length), length), bits));
		}
	}

	/**
	 * Read a prefix. No name is looked up.
	 * @param text an IPv4 or IPv6 address, with {@code /} and a length or without
	 * @return the prefix
	 * @throws IllegalArgumentException when the text is something else
	 */
	public static IpPrefix parse(String text) {
		String stripped = text.strip();
		int slash = stripped.indexOf('/');
		byte[] address = address((slash < 0) ? stripped : stripped.substring(0, slash), text);
		boolean ipv6 = address.length == IPV6_BYTES;
		int length = (slash < 0) ? address.length * Byte.SIZE : length(stripped.substring(slash + 1), text);
		ByteBuffer bytes = ByteBuffer.wrap(address);
		return ipv6 ? new IpPrefix(true, bytes.getLong(), bytes.getLong(), length)
				: new IpPrefix(false, 0, Integer.toUnsignedLong(bytes.getInt()), length);
	}

	private static int length(String digits, String text) {
		if (!LENGTH.matcher(digits).matches()) {
			throw notAnAddress(text);
		}
		return Integer.parseInt(digits);
	}

	private static byte[] address(String literal, String text) {
		Matcher ipv4 = IPV4.matcher(literal);
		if (ipv4.matches()) {
			byte[] address = new byte[Integer.BYTES];
			for (int i = 0; i < address.length; i++) {
				int octet = Integer.parseInt(ipv4.group(i + 1));
				if (octet > MAX_OCTET) {
					throw notAnAddress(text);
				}
				address[i] = (byte) octet;
			}
			return address;
		}
		// With a colon in it, it is taken for a literal and nothing is looked up
		if (!literal.matches("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
			throw notAnAddress(text);
		}
		try {
			byte[] address = InetAddress.getByName(literal).getAddress();
			if (address.length == IPV6_BYTES) {
				return address;
			}
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException(notAnAddress(text).getMessage(), ex);
		}
		throw new IllegalArgumentException(
				"'%s' is an IPv4 address in the form of IPv6. Write it as 192.0.2.1.".formatted(text));
	}

	private static IllegalArgumentException notAnAddress(String text) {
		return new IllegalArgumentException(
				("'%s' is neither an IP address nor a prefix. Write for example 192.0.2.1, 192.0.2.0/24 or"
						+ " 2001:db8::/32.")
					.formatted(text));
	}

	private static long highMask(boolean ipv6, int length) {
		return ipv6 ? leading(Math.min(length, Long.SIZE)) : 0;
	}

	private static long lowMask(boolean ipv6, int length) {
		return ipv6 ? leading(Math.max(length - Long.SIZE, 0)) : leading(length + Integer.SIZE) & IPV4_MASK;
	}

	private static long leading(int bits) {
		return (bits == 0) ? 0 : -1L << (Long.SIZE - bits);
	}

	/**
	 * Return the upper half of the last address.
	 * @return the upper 64 bits of an IPv6 address, else 0
	 */
	public long lastHigh() {
		return this.ipv6 ? this.high | ~highMask(true, this.length) : 0;
	}

	/**
	 * Return the lower half of the last address.
	 * @return the lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address
	 */
	public long lastLow() {
		return this.ipv6 ? this.low | ~lowMask(true, this.length) : this.low | ~lowMask(false, this.length) & IPV4_MASK;
	}

	/**
	 * Return whether it is one address.
	 * @return {@code false} for a prefix of several
	 */
	public boolean isAddress() {
		return this.length == (this.ipv6 ? 2 * Long.SIZE : Integer.SIZE);
	}

	/**
	 * Return whether all addresses of another prefix are in this one.
	 * @param other the other one
	 * @return {@code false} also for one of the other family
	 */
	public boolean contains(IpPrefix other) {
		return this.ipv6 == other.ipv6 && this.length <= other.length
				&& (other.high & highMask(this.ipv6, this.length)) == this.high
				&& (other.low & lowMask(this.ipv6, this.length)) == this.low;
	}

	private static String text(boolean ipv6, long high, long low, int length) {
		byte[] address = ipv6 ? ByteBuffer.allocate(IPV6_BYTES).putLong(high).putLong(low).array()
				: ByteBuffer.allocate(Integer.BYTES).putInt((int) low).array();
		try {
			String host = InetAddress.getByAddress(address).getHostAddress();
			return (length == address.length * Byte.SIZE) ? host : host + "/" + length;
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public String toString() {
		return text(this.ipv6, this.high, this.low, this.length);
	}

}
