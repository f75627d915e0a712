package io.xsk.setup;

import io.xsk.XskException;
import io.xsk.kernel.Kernel;
import io.xsk.kernel.NetworkInterface;
import io.xsk.rule.RedirectRules;
import io.xsk.rule.RuleDiagnosis;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Warns of rules that are probably not what was meant.
 */
final class RuleWarnings {

	private static final Log logger = LogFactory.getLog(RuleWarnings.class);

	private RuleWarnings() {
	}

	static void log(Kernel kernel, XskInterfaceConfig config, RedirectRules rules) {
		if (rules.rules().stream().anyMatch((rule) -> !rule.vlans().isEmpty()) && stripsVlanTags(kernel, config)) {
			logger.warn(("Interface '%s' (%s): a redirect rule names a VLAN, and the interface takes VLAN tags out of"
					+ " the frames before the XDP program sees them, so that the rule matches none of these. Let it"
					+ " leave them: ethtool -K %s rxvlan off")
				.formatted(config.key(), config.name(), config.name()));
		}
		for (RuleDiagnosis.Finding finding : RuleDiagnosis.of(rules, SshPorts.read())) {
			logger.warn("Interface '%s' (%s), redirect rule '%s': %s".formatted(config.key(), config.name(),
					finding.rule(), finding.text()));
		}
	}

	private static boolean stripsVlanTags(Kernel kernel, XskInterfaceConfig config) {
		try {
			return NetworkInterface.byName(kernel, config.name()).stripsVlanTags(kernel);
		}
		catch (XskException ex) {
			logger.debug("Whether %s takes VLAN tags out is not known".formatted(config.name()), ex);
			return false;
		}
	}

}
