package io.xsk.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * On which ports operators come in by SSH, as far as this process may know: the port of
 * the session that it was started from, those in the configuration of sshd, else 22.
 */
final class SshPorts {

	private static final int DEFAULT = 22;

	private static final int SERVER_PORT = 3;

	private static final int MAX_PORT = 65535;

	private static final Path CONFIGURATION = Path.of("/etc/ssh/sshd_config");

	/** What a distribution's configuration includes first. */
	private static final Path INCLUDED = Path.of("/etc/ssh/sshd_config.d");

	private static final Pattern PORT = Pattern.compile("(?im)^\\s*Port[\\s=]+(\\d{1,5})\\b");

	/** An IPv6 address has a port behind it only when it is in brackets. */
	private static final Pattern ADDRESS = Pattern.compile(
			"(?im)^\\s*ListenAddress[\\s=]+(?:\\[[^]\\s]*]|[^\\s:]+)(?::(\\d{1,5}))?(?=\\s|$)|^\\s*ListenAddress\\b");

	private SshPorts() {
	}

	static Set<Integer> read() {
		StringBuilder configuration = new StringBuilder(contents(CONFIGURATION));
		try (DirectoryStream<Path> included = Files.newDirectoryStream(INCLUDED, "*.conf")) {
			included.forEach((path) -> configuration.append('\n').append(contents(path)));
		}
		catch (IOException | DirectoryIteratorException ex) {
			// there is no such directory, or it may not be read: the same as an empty one
			configuration.append('\n');
		}
		return parse(System.getenv("SSH_CONNECTION"), configuration.toString());
	}

	private static String contents(Path path) {
		try {
			return Files.isReadable(path) ? Files.readString(path, StandardCharsets.ISO_8859_1) : "";
		}
		catch (IOException ex) {
			// It only serves a warning: without it, the usual port is meant
			return "";
		}
	}

	static Set<Integer> parse(@Nullable String connection, String configuration) {
		TreeSet<Integer> ports = new TreeSet<>();
		PORT.matcher(configuration).results().forEach((match) -> add(ports, match.group(1)));
		boolean usual = ports.isEmpty();
		List<@Nullable String> ofAddresses = new ArrayList<>();
		ADDRESS.matcher(configuration).results().forEach((match) -> ofAddresses.add(match.group(1)));
		ofAddresses.forEach((port) -> add(ports, port));
		if (ports.isEmpty() || (usual && ofAddresses.contains(null))) {
			ports.add(DEFAULT);
		}
		String[] words = (connection != null) ? connection.strip().split("\\s+") : new String[0];
		if (words.length > SERVER_PORT) {
			add(ports, words[SERVER_PORT]);
		}
		return ports;
	}

	private static void add(Set<Integer> ports, @Nullable String port) {
		if (port != null && port.matches("\\d{1,5}")) {
			int number = Integer.parseInt(port);
			if (number > 0 && number <= MAX_PORT) {
				ports.add(number);
			}
		}
	}

}
