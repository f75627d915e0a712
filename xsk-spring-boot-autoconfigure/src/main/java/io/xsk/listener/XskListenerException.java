package io.xsk.listener;

import io.xsk.XskException;
import org.jspecify.annotations.Nullable;

/**
 * A listener cannot be registered or started as it is.
 *
 * @since 0.1.0
 */
public class XskListenerException extends XskException {

	XskListenerException(String description, String action) {
		super(description, action);
	}

	XskListenerException(String description, String action, @Nullable Throwable cause) {
		super(description, action, cause);
	}

}
