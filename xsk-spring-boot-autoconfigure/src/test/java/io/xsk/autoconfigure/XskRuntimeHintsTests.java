package io.xsk.autoconfigure;

import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.context.annotation.ImportRuntimeHints;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XskRuntimeHints}.
 */
class XskRuntimeHintsTests {

	@Test
	void theClassThatIsBoundToTheLibraryIsReachable() throws Exception {
		RuntimeHints hints = new RuntimeHints();
		new XskRuntimeHints().registerHints(hints, getClass().getClassLoader());
		TypeReference library = TypeReference.of(Class.forName(XskRuntimeHints.LIBRARY));
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(library)
			.withMemberCategory(MemberCategory.INVOKE_DECLARED_METHODS)).accepts(hints);
		assertThat(hints.jni().getTypeHint(library)).isNotNull();
	}

	@Test
	void theNamesOfThePropertiesAreReachable() {
		RuntimeHints hints = new RuntimeHints();
		new XskRuntimeHints().registerHints(hints, getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(XskProperties.BusyPoll.class)
			.withMemberCategory(MemberCategory.ACCESS_DECLARED_FIELDS)).accepts(hints);
	}

	@Test
	void theHintsComeWithTheAutoConfiguration() {
		assertThat(XskAutoConfiguration.class.getAnnotation(ImportRuntimeHints.class).value())
			.containsExactly(XskRuntimeHints.class);
	}

}
