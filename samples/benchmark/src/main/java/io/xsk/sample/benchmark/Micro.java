package io.xsk.sample.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The part that needs no kernel: JMH runs ring operations, dispatch and access to
 * packets.
 */
final class Micro {

	private Micro() {
	}

	static void run(Settings settings) {
		try {
			Files.createDirectories(settings.output());
			OptionsBuilder options = new OptionsBuilder();
			options.include("io\\.xsk\\..*Benchmark\\..*")
				.resultFormat(ResultFormatType.JSON)
				.result(settings.output().resolve("jmh.json").toString());
			if (settings.rounds() < 9) {
				options.forks(1);
			}
			new Runner(options.build()).run();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (RunnerException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
