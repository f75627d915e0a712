package io.xsk.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * On which ports operators come in by SSH, as far as this process may know: the port of
 * the session that it was started from, those in the configuration of sshd, else 22.
 */
final class SshPorts {

	private static final int DEFAULT = 22;

	private static final int SERVER_PORT = 3;

	private static final Path CONFIGURATION = Path.of("/etc/ssh/sshd_config");

	private static final Pattern PORT = Pattern
		.compile("(?im)^\\s*Port\\s+(\\d{1,5})\\b|^\\s*ListenAddress\\s+\\S+:(\\d{1,5})\\s*$");

	private SshPorts() {
	}

	static Set<Integer> read() {
		return parse(System.getenv("SSH_CONNECTION"), configuration());
	}

	private static String configuration() {
		try {
			return Files.isReadable(CONFIGURATION) ? Files.readString(CONFIGURATION, StandardCharsets.ISO_8859_1) : "";
		}
		catch (IOException ex) {
			// It only serves a warning: without it, the usual port is meant
			return "";
		}
	}

	static Set<Integer> parse(@Nullable String connection, String configuration) {
		TreeSet<Integer> ports = new TreeSet<>();
		Matcher matcher = PORT.matcher(configuration);
		while (matcher.find()) {
			ports.add(Integer.valueOf((matcher.group(1) != null) ? matcher.group(1) : matcher.group(2)));
		}
		if (ports.isEmpty()) {
			ports.add(DEFAULT);
		}
		String[] words = (connection != null) ? connection.strip().split("\\s+") : new String[0];
		if (words.length > SERVER_PORT && words[SERVER_PORT].matches("\\d{1,5}")) {
			ports.add(Integer.valueOf(words[SERVER_PORT]));
		}
		return ports;
	}

}
