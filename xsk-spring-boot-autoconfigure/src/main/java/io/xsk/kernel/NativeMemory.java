package io.xsk.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Memory outside the heap that a system call reads or writes. Where one piece of memory
 * holds the address of another ({@link #putAddress}), it keeps that other one reachable:
 * the garbage collector cannot free what the kernel is about to read.
 * <p>
 * Not thread-safe: its user guards it.
 *
 * @since 0.1.0
 */
public final class NativeMemory {

	private final ByteBuffer buffer;

	private final long address;

	private @Nullable Map<Integer, NativeMemory> referents;

	/**
	 * Wrap a direct buffer. For implementations of {@link Kernel}.
	 * @param buffer a direct buffer that owns its memory
	 * @param address the address of its first byte
	 */
	public NativeMemory(ByteBuffer buffer, long address) {
		this.buffer = buffer.order(ByteOrder.nativeOrder());
		this.address = address;
	}

	/**
	 * Return where the memory starts. The address is of use only as long as this object
	 * is reachable.
	 * @return the address
	 */
	public long address() {
		return this.address;
	}

	/**
	 * Return the size.
	 * @return the size in bytes
	 */
	public int size() {
		return this.buffer.capacity();
	}

	/**
	 * Return the whole memory as a buffer with a position of its own.
	 * @return a direct buffer in native byte order
	 */
	public ByteBuffer buffer() {
		return this.buffer.duplicate().order(ByteOrder.nativeOrder()).clear();
	}

	/**
	 * Write a byte.
	 * @param offset where, in bytes
	 * @param value the value
	 * @return this memory
	 */
	public NativeMemory putByte(int offset, int value) {
		this.buffer.put(offset, (byte) value);
		return this;
	}

	/**
	 * Write two bytes in native order.
	 * @param offset where, in bytes
	 * @param value the value
	 * @return this memory
	 */
	public NativeMemory putShort(int offset, int value) {
		this.buffer.putShort(offset, (short) value);
		return this;
	}

	/**
	 * Write four bytes in native order.
	 * @param offset where, in bytes
	 * @param value the value
	 * @return this memory
	 */
	public NativeMemory putInt(int offset, int value) {
		this.buffer.putInt(offset, value);
		return this;
	}

	/**
	 * Write eight bytes in native order.
	 * @param offset where, in bytes
	 * @param value the value
	 * @return this memory
	 */
	public NativeMemory putLong(int offset, long value) {
		this.buffer.putLong(offset, value);
		return this;
	}

	/**
	 * Write the address of other memory and keep that reachable as long as this one is.
	 * @param offset where, in bytes
	 * @param referent the other memory
	 * @return this memory
	 */
	public NativeMemory putAddress(int offset, NativeMemory referent) {
		if (this.referents == null) {
			this.referents = new HashMap<>();
		}
		this.referents.put(offset, referent);
		return putLong(offset, referent.address);
	}

	/**
	 * Write bytes.
	 * @param offset where, in bytes
	 * @param bytes the bytes
	 * @return this memory
	 */
	public NativeMemory putBytes(int offset, byte[] bytes) {
		this.buffer.put(offset, bytes);
		return this;
	}

	/**
	 * Write a name that ends with a zero byte, cut where it is too long.
	 * @param offset where, in bytes
	 * @param value the name
	 * @param fieldSize the size of the field, the zero byte included
	 * @return this memory
	 */
	public NativeMemory putName(int offset, String value, int fieldSize) {
		byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
		int length = Math.min(bytes.length, fieldSize - 1);
		this.buffer.put(offset, bytes, 0, length);
		this.buffer.put(offset + length, (byte) 0);
		return this;
	}

	/**
	 * Read a byte.
	 * @param offset where, in bytes
	 * @return the value, unsigned
	 */
	public int getByte(int offset) {
		return Byte.toUnsignedInt(this.buffer.get(offset));
	}

	/**
	 * Read two bytes in native order.
	 * @param offset where, in bytes
	 * @return the value, unsigned
	 */
	public int getShort(int offset) {
		return Short.toUnsignedInt(this.buffer.getShort(offset));
	}

	/**
	 * Read four bytes in native order.
	 * @param offset where, in bytes
	 * @return the value
	 */
	public int getInt(int offset) {
		return this.buffer.getInt(offset);
	}

	/**
	 * Read eight bytes in native order.
	 * @param offset where, in bytes
	 * @return the value
	 */
	public long getLong(int offset) {
		return this.buffer.getLong(offset);
	}

	/**
	 * Read a name up to its zero byte or the end of its field.
	 * @param offset where, in bytes
	 * @param fieldSize the size of the field
	 * @return the name
	 */
	public String getName(int offset, int fieldSize) {
		byte[] bytes = new byte[fieldSize];
		this.buffer.get(offset, bytes);
		int length = 0;
		while (length < fieldSize && bytes[length] != 0) {
			length++;
		}
		return new String(bytes, 0, length, StandardCharsets.UTF_8);
	}

}
