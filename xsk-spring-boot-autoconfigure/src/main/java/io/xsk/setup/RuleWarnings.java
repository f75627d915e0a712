package io.xsk.setup;

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

	static void log(XskInterfaceConfig config, RedirectRules rules) {
		for (RuleDiagnosis.Finding finding : RuleDiagnosis.of(rules, SshPorts.read())) {
			logger.warn("Interface '%s' (%s), redirect rule '%s': %s".formatted(config.key(), config.name(),
					finding.rule(), finding.text()));
		}
	}

}
