package io.xsk;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.CanBeAnnotated;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The floors of the project, and the habits of its code, as rules that fail the build.
 * Where a rule may find nothing to hold for, since its package can be empty or its case
 * absent, it says {@code allowEmptyShould}.
 */
@AnalyzeClasses(packages = "io.xsk", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String[] PLAIN = { "io.xsk", "io.xsk.kernel", "io.xsk.kernel.jna", "io.xsk.rule",
			"io.xsk.bpf..", "io.xsk.socket" };

	private static final String IMPORTS = "META-INF/spring/"
			+ "org.springframework.boot.autoconfigure.AutoConfiguration.imports";

	@ArchTest
	static final ArchRule floorsAreOnlyEnteredFromAbove = Architectures.layeredArchitecture()
		.consideringOnlyDependenciesInLayers()
		.layer("root")
		.definedBy("io.xsk")
		.layer("kernel")
		.definedBy("io.xsk.kernel")
		.layer("jna")
		.definedBy("io.xsk.kernel.jna")
		.layer("rule")
		.definedBy("io.xsk.rule")
		.layer("asm")
		.definedBy("io.xsk.bpf.asm")
		.layer("filter")
		.definedBy("io.xsk.bpf.filter")
		.layer("bpf")
		.definedBy("io.xsk.bpf")
		.optionalLayer("socket")
		.definedBy("io.xsk.socket..")
		.optionalLayer("core")
		.definedBy("io.xsk.core..")
		.optionalLayer("setup")
		.definedBy("io.xsk.setup..")
		.optionalLayer("send")
		.definedBy("io.xsk.send..")
		.optionalLayer("lifecycle")
		.definedBy("io.xsk.lifecycle..")
		.optionalLayer("listener")
		.definedBy("io.xsk.listener..")
		.optionalLayer("actuate")
		.definedBy("io.xsk.actuate..")
		.optionalLayer("autoconfigure")
		.definedBy("io.xsk.autoconfigure..")
		.whereLayer("root")
		.mayNotAccessAnyLayer()
		.whereLayer("kernel")
		.mayOnlyAccessLayers("root")
		.whereLayer("jna")
		.mayOnlyAccessLayers("root", "kernel")
		.whereLayer("rule")
		.mayOnlyAccessLayers("root")
		.whereLayer("asm")
		.mayOnlyAccessLayers("root")
		.whereLayer("filter")
		.mayOnlyAccessLayers("root", "rule", "asm")
		.whereLayer("bpf")
		.mayOnlyAccessLayers("root", "kernel", "rule", "asm", "filter")
		.whereLayer("socket")
		.mayOnlyAccessLayers("root", "kernel")
		.whereLayer("core")
		.mayOnlyAccessLayers("root", "kernel", "bpf", "socket")
		.whereLayer("setup")
		.mayOnlyAccessLayers("root", "kernel", "rule", "bpf", "socket", "core")
		.whereLayer("send")
		.mayOnlyAccessLayers("root", "kernel", "bpf", "socket", "core", "setup")
		.whereLayer("listener")
		.mayOnlyAccessLayers("root", "kernel", "bpf", "socket", "core", "setup")
		.whereLayer("lifecycle")
		.mayOnlyAccessLayers("root", "core", "setup", "socket", "listener")
		.whereLayer("actuate")
		.mayOnlyAccessLayers("root", "kernel", "rule", "bpf", "socket", "core", "setup", "send", "listener",
				"lifecycle")
		.whereLayer("autoconfigure")
		.mayNotBeAccessedByAnyLayer()
		.because("each floor can then be understood, tested and lifted out without those above it; bpf (which packets)"
				+ " and socket (the packets) meet in core only");

	@ArchTest
	static final ArchRule everyClassStandsOnAFloor = ArchRuleDefinition.classes()
		.should()
		.resideInAnyPackage("io.xsk", "io.xsk.kernel", "io.xsk.kernel.jna", "io.xsk.rule", "io.xsk.bpf..",
				"io.xsk.socket..", "io.xsk.core..", "io.xsk.setup..", "io.xsk.send..", "io.xsk.lifecycle..",
				"io.xsk.listener..", "io.xsk.actuate..", "io.xsk.autoconfigure..")
		.because("a package without a floor is under none of the rules");

	@ArchTest
	static final ArchRule packagesAreFreeOfCycles = SlicesRuleDefinition.slices()
		.matching("io.xsk.(**)")
		.should()
		.beFreeOfCycles()
		.because("packages in a cycle are one package");

	@ArchTest
	static final ArchRule onlyOnePackageUsesJna = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackage("io.xsk.kernel.jna")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("com.sun.jna..")
		.because("the Foreign Function interface of later JDKs must be able to take its place");

	@ArchTest
	static final ArchRule jnaIsUsedForDirectMappingAlone = ArchRuleDefinition.noClasses()
		.should()
		.dependOnClassesThat()
		.haveNameMatching("com\\.sun\\.jna\\.(Structure|Callback|Library|Memory|PointerType|NativeLong)(\\$.*)?")
		.because("they allocate and reflect on every call, and need reflection hints in a native image");

	@ArchTest
	static final ArchRule lowerFloorsArePlainJava = ArchRuleDefinition.noClasses()
		.that()
		.resideInAnyPackage(PLAIN)
		.should()
		.dependOnClassesThat()
		.resideOutsideOfPackages("java..", "org.jspecify..", "com.sun.jna..", "io.xsk..")
		.because("the seam, BPF and the sockets are of use without Spring, and must not log or meter: a caller is"
				+ " told by exceptions and return values");

	@ArchTest
	static final ArchRule coreLogsAndNothingElse = ArchRuleDefinition.noClasses()
		.that()
		.resideInAnyPackage("io.xsk.core..", "io.xsk.setup..")
		.should()
		.dependOnClassesThat()
		.resideOutsideOfPackages("java..", "org.jspecify..", "org.apache.commons.logging..", "io.xsk..")
		.allowEmptyShould(true)
		.because("activating a socket works without Spring");

	@ArchTest
	static final ArchRule springBootIsForTheUppermostFloors = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackages("io.xsk.actuate..", "io.xsk.autoconfigure..")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.boot..")
		.because("an application of Spring Framework without Boot can use the rest");

	@ArchTest
	static final ArchRule micrometerIsForTheMetersAlone = ArchRuleDefinition.noClasses()
		.that()
		.haveNameNotMatching(".*Metrics.*")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("io.micrometer..", "org.springframework.boot.micrometer..")
		.because("Micrometer is optional, and a class that names it cannot be loaded without it");

	@ArchTest
	static final ArchRule actuatorIsForItsOwnFloor = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackages("io.xsk.actuate..", "io.xsk.autoconfigure..")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.boot.actuate..", "org.springframework.boot.health..")
		.because("the starter works without the actuator");

	@ArchTest
	static final ArchRule logsGoThroughCommonsLogging = ArchRuleDefinition.noClasses()
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.apache.logging..", "ch.qos.logback..")
		.because("Spring's own logging facade is the one that every application has");

	@ArchTest
	static final ArchRule nullnessIsSaidInJSpecifyAlone = ArchRuleDefinition.noClasses()
		.should()
		.dependOnClassesThat()
		.haveNameMatching("(?!org\\.jspecify\\.).*\\.(Nullable|NonNull|NotNull|Nonnull|NonNullApi|NullMarked)")
		.because("NullAway reads JSpecify");

	@ArchTest
	static final ArchRule noAnnotatedLifecycleCallbacks = ArchRuleDefinition.noClasses()
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("jakarta.annotation..", "javax.annotation..")
		.because("a lifecycle that can be restarted is a SmartLifecycle");

	/** Javac itself calls the form without a message, for method references. */
	@ArchTest
	static final ArchRule argumentsAreCheckedBySpringsAssert = ArchRuleDefinition.noClasses()
		.that()
		.resideInAnyPackage("io.xsk.lifecycle..", "io.xsk.listener..", "io.xsk.actuate..", "io.xsk.autoconfigure..")
		.should()
		.callMethod(Objects.class, "requireNonNull", Object.class, String.class)
		.orShould()
		.callMethod(Objects.class, "requireNonNull", Object.class, Supplier.class)
		.allowEmptyShould(true)
		.because("a wrong argument is an IllegalArgumentException wherever Spring is");

	@ArchTest
	static final ArchRule listsAreNotCollectedByCollectors = ArchRuleDefinition.noClasses()
		.should()
		.callMethod(Collectors.class, "toList")
		.because("Stream.toList() is shorter and gives an unmodifiable list");

	@ArchTest
	static final ArchRule caseIsChangedInARootLocale = ArchRuleDefinition.noClasses()
		.should()
		.callMethod(String.class, "toLowerCase")
		.orShould()
		.callMethod(String.class, "toUpperCase")
		.because("the user's locale changes letters: pass Locale.ROOT");

	@ArchTest
	static final ArchRule nobodyPrints = ArchRuleDefinition.noClasses()
		.should()
		.accessField(System.class, "out")
		.orShould()
		.accessField(System.class, "err")
		.orShould()
		.callMethod(Throwable.class, "printStackTrace")
		.because("a library writes to the log");

	@ArchTest
	static final ArchRule exceptionsHaveOneRoot = ArchRuleDefinition.classes()
		.that()
		.areAssignableTo(Throwable.class)
		.and()
		.doNotHaveFullyQualifiedName(XskException.class.getName())
		.should()
		.beAssignableTo(XskException.class)
		.because("every message has a description and an action, which the failure analyzers show");

	@ArchTest
	static final ArchRule packagesAreNullMarked = ArchRuleDefinition.classes()
		.that()
		.resideInAPackage("io.xsk..")
		.should(beInAPackageAnnotatedWith(NullMarked.class))
		.because("NullAway leaves other packages out");

	@ArchTest
	static final ArchRule autoConfigurationsArePublicFinalAndNamedSo = ArchRuleDefinition.classes()
		.that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic()
		.andShould()
		.haveModifier(JavaModifier.FINAL)
		.andShould()
		.haveSimpleNameEndingWith("AutoConfiguration")
		.andShould()
		.resideInAPackage("io.xsk.autoconfigure..")
		.allowEmptyShould(true)
		.because("users exclude them by their class, and do not extend them");

	@ArchTest
	static final ArchRule autoConfigurationsHaveNoPublicMembers = ArchRuleDefinition.members()
		.that()
		.areDeclaredInClassesThat(areAnnotatedWith(AutoConfiguration.class))
		.and(areNotDefaultConstructors())
		.should()
		.notBePublic()
		.allowEmptyShould(true)
		.because("their beans are the interface, not their methods");

	@ArchTest
	static final ArchRule beanMethodsAreNotPublic = ArchRuleDefinition.methods()
		.that()
		.areAnnotatedWith(Bean.class)
		.should()
		.notBePublic()
		.andShould()
		.notBePrivate()
		.allowEmptyShould(true)
		.because("beans are the interface, not the methods that make them");

	@ArchTest
	static final ArchRule beanMethodsHaveNoClassCondition = ArchRuleDefinition.methods()
		.that()
		.areAnnotatedWith(Bean.class)
		.should()
		.notBeAnnotatedWith(ConditionalOnClass.class)
		.allowEmptyShould(true)
		.because("the class that declares the method would not load: use a configuration class of its own");

	@ArchTest
	static final ArchRule postProcessorsAreMadeByStaticMethods = ArchRuleDefinition.methods()
		.that()
		.areAnnotatedWith(Bean.class)
		.and()
		.haveRawReturnType(isPostProcessor())
		.should()
		.beStatic()
		.allowEmptyShould(true)
		.because("they are made before the configuration class can be");

	@ArchTest
	static final ArchRule conditionsAreNotPublic = ArchRuleDefinition.classes()
		.that()
		.areAssignableTo(Condition.class)
		.should()
		.notBePublic()
		.allowEmptyShould(true)
		.because("they are details of the auto-configuration");

	@ArchTest
	void autoConfigurationsAreListed(JavaClasses classes) throws Exception {
		TreeSet<String> annotated = classes.stream()
			.filter((candidate) -> candidate.isAnnotatedWith(AutoConfiguration.class))
			.map(JavaClass::getName)
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(imports()).as(IMPORTS).isEqualTo(annotated);
	}

	/** The file as it was built; those of other jars are not ours. */
	private static TreeSet<String> imports() throws Exception {
		TreeSet<String> imports = new TreeSet<>();
		for (URL url : Collections.list(ArchitectureTests.class.getClassLoader().getResources(IMPORTS))) {
			if (url.getProtocol().equals("file")) {
				try (Stream<String> lines = Files.lines(Path.of(url.toURI()), StandardCharsets.UTF_8)) {
					lines.map(String::strip).filter((line) -> line.startsWith("io.xsk.")).forEach(imports::add);
				}
			}
		}
		return imports;
	}

	private static DescribedPredicate<CanBeAnnotated> areAnnotatedWith(Class<?> annotation) {
		return DescribedPredicate.describe("annotated with @" + annotation.getSimpleName(),
				(candidate) -> candidate.isAnnotatedWith(annotation.getName()));
	}

	private static DescribedPredicate<JavaMember> areNotDefaultConstructors() {
		return DescribedPredicate.describe("are not default constructors",
				(member) -> !member.getFullName().endsWith("<init>()"));
	}

	private static DescribedPredicate<JavaClass> isPostProcessor() {
		return DescribedPredicate.describe("is a post-processor", (type) -> type.isAssignableTo(BeanPostProcessor.class)
				|| type.isAssignableTo(BeanFactoryPostProcessor.class));
	}

	private static ArchCondition<JavaClass> beInAPackageAnnotatedWith(Class<?> annotation) {
		return new ArchCondition<>("be in a package annotated with @" + annotation.getSimpleName()) {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				boolean annotated = type.getPackage().isAnnotatedWith(annotation.getName());
				events.add(new SimpleConditionEvent(type, annotated,
						"%s %s in such a package".formatted(type.getName(), annotated ? "is" : "is not")));
			}

		};
	}

}
