package io.xsk.sample.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

import io.xsk.XskException;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The part that needs no kernel: JMH runs ring operations, dispatch and access to
 * packets.
 */
final class Micro {

	private static final double SHORT_ESTIMATE = 35;

	private static final double ESTIMATE = 160;

	private Micro() {
	}

	/** About how many seconds it takes. */
	static double estimate(Settings settings) {
		return settings.isShort() ? SHORT_ESTIMATE : ESTIMATE;
	}

	static void run(Settings settings) {
		try {
			Files.createDirectories(settings.output());
			OptionsBuilder options = new OptionsBuilder();
			options.include("io\\.xsk\\..*Benchmark\\..*")
				.resultFormat(ResultFormatType.JSON)
				.result(settings.output().resolve("jmh.json").toString());
			if (settings.isShort()) {
				options.forks(1).warmupIterations(1).measurementIterations(2);
			}
			new Runner(options.build()).run();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (RunnerException ex) {
			throw new XskException("JMH failed: " + ex.getMessage(), "See what it wrote before this message.", ex);
		}
	}

}
