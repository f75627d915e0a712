package io.xsk.listener;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks a method of a bean that takes the packets which a socket receives. It returns
 * nothing and has one parameter:
 * <ul>
 * <li>{@link io.xsk.socket.XdpPacket}: the packet, which it may change, transmit, copy or
 * retain;</li>
 * <li>{@link io.xsk.socket.XdpPacketBatch}: all packets of one look at the ring;</li>
 * <li>{@link java.nio.ByteBuffer}: the bytes of the packet from the Ethernet header on,
 * in the frame that the kernel wrote them into; not on a multi-buffer socket;</li>
 * <li>{@code byte[]}: a copy of them, the one form that allocates.</li>
 * </ul>
 * All but the copy are valid during the call alone. Each XSK of the socket, of which
 * there is one per queue, has a thread of its own that calls the method: where a socket
 * has several queues, the method is called from several threads at once.
 * <p>
 * A call that stops its container returns at once, and another thread carries it out. The
 * application context is to be closed from another thread: its close would wait for the
 * listener, and the listener for it, until the drain timeout is over.
 * <p>
 * The method may have any visibility. It is called through the proxy of a bean that has
 * one, and then must not be private, nor {@code @Async}. Its bean is a singleton, and is
 * made at startup also where it is lazy; in a child context it listens while that is
 * open. There is one listener per socket.
 * <p>
 * The annotation can be put on another one, whose attributes may be aliases of its own.
 * <p>
 * A buffer that is kept beyond the call shows other packets, and once the socket is
 * closed a read of it can end the JVM: copy what is to be kept, or retain the packet.
 *
 * @since 0.1.0
 * @see XskListenerConfigurer
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
public @interface XskListener {

	/**
	 * Return the sockets to listen to: names under {@code xsk.sockets}, or placeholders
	 * for one name or a comma-separated list of them, or SpEL expressions
	 * (<code>#{…}</code>) that give a string, an array or a collection of strings.
	 * @return one name or more
	 */
	String[] value();

	/**
	 * Return who is told of exceptions that the method throws.
	 * @return the name of a bean of type {@link XskListenerErrorHandler}, or a
	 * placeholder for it; empty for the common one
	 */
	String errorHandler() default "";

}
