package io.xsk.setup;

import java.nio.file.Path;

import io.xsk.bpf.AttachMode;
import io.xsk.rule.RedirectRules;
import org.jspecify.annotations.Nullable;

/**
 * What is to be made of one network interface. With a pinned path the program is somebody
 * else's, and rules, size and pin path are {@code null}.
 *
 * @param key what the configuration calls the interface
 * @param name what the kernel calls it
 * @param attachMode how our XDP program is attached
 * @param rules what our XDP program redirects, {@code null} for no program of ours
 * @param maxEntries the size of our XSKMAP, {@code null} for one entry per RX queue
 * @param pinnedPath an XSKMAP that somebody else's program feeds, {@code null} for one of
 * our own
 * @param pinPath where to pin our XSKMAP for others, {@code null} for nowhere
 * @param program somebody else's loaded program that is to be attached, {@code null} for
 * none; it redirects into the pinned map or, without a path, into the one XSKMAP that it
 * uses
 * @since 0.1.0
 */
public record XskInterfaceConfig(String key, String name, AttachMode attachMode, @Nullable RedirectRules rules,
		@Nullable Integer maxEntries, @Nullable Path pinnedPath, @Nullable Path pinPath,
		@Nullable ProgramSource program) {

	/**
	 * Configure an interface without a program of somebody else's that we attach.
	 * @param key what the configuration calls the interface
	 * @param name what the kernel calls it
	 * @param attachMode how our XDP program is attached
	 * @param rules what our XDP program redirects, {@code null} for no program of ours
	 * @param maxEntries the size of our XSKMAP, {@code null} for one entry per RX queue
	 * @param pinnedPath an XSKMAP that somebody else's program feeds, {@code null} for
	 * one of our own
	 * @param pinPath where to pin our XSKMAP for others, {@code null} for nowhere
	 */
	public XskInterfaceConfig(String key, String name, AttachMode attachMode, @Nullable RedirectRules rules,
			@Nullable Integer maxEntries, @Nullable Path pinnedPath, @Nullable Path pinPath) {
		this(key, name, attachMode, rules, maxEntries, pinnedPath, pinPath, null);
	}

	/**
	 * Configure an interface with a program and a map of our own.
	 * @param name what the kernel calls the interface; it is the key too
	 * @param rules what the XDP program redirects
	 * @return the configuration
	 */
	public static XskInterfaceConfig redirecting(String name, RedirectRules rules) {
		return new XskInterfaceConfig(name, name, AttachMode.AUTO, rules, null, null, null);
	}

	XskInterfaceConfig withRules(RedirectRules newRules) {
		return new XskInterfaceConfig(this.key, this.name, this.attachMode, newRules, this.maxEntries, this.pinnedPath,
				this.pinPath, this.program);
	}

}
