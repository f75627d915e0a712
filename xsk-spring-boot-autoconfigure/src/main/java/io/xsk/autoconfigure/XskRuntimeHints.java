package io.xsk.autoconfigure;

import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/**
 * What a native image has to know: the class whose native methods JNA binds to the C
 * library, and the names of the properties. JNA's own types come from the reachability
 * metadata repository.
 */
class XskRuntimeHints implements RuntimeHintsRegistrar {

	static final String LIBRARY = "io.xsk.kernel.jna.LibC";

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		TypeReference library = TypeReference.of(LIBRARY);
		hints.jni().registerType(library, MemberCategory.INVOKE_DECLARED_METHODS);
		hints.reflection().registerType(library, MemberCategory.INVOKE_DECLARED_METHODS);
		// the names of the properties are read from their fields
		Stream.concat(Stream.of(XskProperties.class), Stream.of(XskProperties.class.getDeclaredClasses()))
			.forEach((type) -> hints.reflection().registerType(type, MemberCategory.ACCESS_DECLARED_FIELDS));
	}

}
