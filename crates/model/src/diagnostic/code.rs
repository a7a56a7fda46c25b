//! The table of codes. A code never changes its meaning and is never used again; each has a page in `docs/errors`.

use serde::Serialize;

/// A stable code, `RC0107`; `ripcord explain RC0107` prints its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Code(&'static str);

impl Code {
    /// The text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)+) => {
        impl Code {
            $($(#[$doc])* pub const $name: Self = Self($code);)+
        }

        const TABLE: &[(Code, &str)] = &[
            $((Code::$name, include_str!(concat!("../../../../docs/errors/", $code, ".md"))),)+
        ];
    };
}

codes! {
    /// The bytes are not UTF-8.
    NOT_UTF8 = "RC0001";
    /// The file is larger than 1 MiB.
    FILE_TOO_LARGE = "RC0002";
    /// The file is not YAML.
    NOT_YAML = "RC0003";
    /// The file is nested too deeply.
    TOO_DEEP = "RC0004";
    /// Aliases or lists make the file too big.
    TOO_BIG = "RC0005";
    /// A key is written twice.
    DUPLICATE_KEY = "RC0006";
    /// The file is empty, or holds more than one document.
    ONE_DOCUMENT = "RC0007";
    /// A key nobody reads.
    UNKNOWN_KEY = "RC0101";
    /// A key that must be there.
    MISSING_KEY = "RC0102";
    /// A list where a text was expected, and the like.
    WRONG_KIND = "RC0103";
    /// A text that is not a name.
    INVALID_NAME = "RC0104";
    /// A text that is not a duration.
    INVALID_DURATION = "RC0105";
    /// A text that is not a share.
    INVALID_SHARE = "RC0106";
    /// A trigger without number or duration.
    VAGUE_TRIGGER = "RC0107";
    /// A word that is not one of the words possible here.
    UNKNOWN_WORD = "RC0108";
    /// A number that is none, or out of range.
    INVALID_NUMBER = "RC0109";
    /// An address or URL that is none.
    INVALID_ADDRESS = "RC0110";
    /// A freeze window that cannot be understood.
    INVALID_FREEZE = "RC0111";
    /// None or several where exactly one is needed.
    NOT_EXACTLY_ONE = "RC0112";
    /// The same thing listed twice.
    LISTED_TWICE = "RC0113";
    /// A selector that Prometheus would not read.
    INVALID_SELECTOR = "RC0114";
    /// No production environment.
    NO_PRODUCTION = "RC0201";
    /// A signal that no rule uses.
    UNUSED_SIGNAL = "RC0202";
    /// A freeze window that never opens, or never closes.
    FREEZE_NEVER_OPENS = "RC0203";
    /// No signal can send a release back.
    NO_ROLLBACK_RULE = "RC0204";
    /// No staging environment.
    NO_STAGING = "RC0205";
    /// A rule that does not fit what its signal measures.
    RULE_DOES_NOT_FIT = "RC0206";
    /// A limit that can never be crossed, or always is.
    DEAD_LIMIT = "RC0207";
    /// A duration shorter than two samples.
    TOO_SHORT_FOR_INTERVAL = "RC0208";
    /// A command that ignores the port or the version.
    COMMAND_IGNORES_VERSION = "RC0209";
    /// A secret written into the file.
    SECRET_IN_FILE = "RC0210";
    /// Evidence with one instance of each version.
    NO_GUARD = "RC0211";
    /// A rule against a baseline that the source does not remember.
    BASELINE_NOT_REMEMBERED = "RC0212";
    /// Evidence that tolerates no difference at all.
    NO_MARGIN = "RC0213";
    /// A capacity condition that nothing can answer.
    CAPACITY_UNANSWERABLE = "RC0214";
    /// A change without a level.
    NO_LEVEL = "RC0301";
    /// A level that the class of the change cannot have.
    IMPOSSIBLE_LEVEL = "RC0302";
    /// A one-way or partial change without containment.
    NO_CONTAINMENT = "RC0303";
    /// A stage list that skips to 100 %.
    SKIPS_TO_ALL = "RC0304";
    /// Fewer than three stages.
    TOO_FEW_STAGES = "RC0305";
    /// Shares that do not grow.
    SHARES_DO_NOT_GROW = "RC0306";
    /// A critical path without a flag.
    CRITICAL_WITHOUT_FLAG = "RC0307";
    /// A signal that does not exist.
    UNKNOWN_SIGNAL = "RC0308";
    /// The owner is the only approver.
    OWNER_APPROVES_ALONE = "RC0309";
    /// A change at level flag that names no flag.
    NO_FLAG_KEY = "RC0310";
    /// A change at level flag in an environment without flags.
    NO_FLAGS_BINDING = "RC0311";
    /// Nobody on call.
    NO_ON_CALL = "RC0312";
    /// Nothing is changed.
    NO_CHANGES = "RC0313";
    /// A step that needs approval, and nobody to approve.
    NO_APPROVER = "RC0314";
    /// The last stage is not everything.
    LAST_STAGE_NOT_ALL = "RC0315";
    /// A stage with neither dwell nor exposure.
    STAGE_PROVES_NOTHING = "RC0316";
    /// Blind deadlines that contradict each other.
    BLIND_CONTRADICTS = "RC0317";
    /// A file that is named differently from its release.
    FILE_NAME_DIFFERS = "RC0318";
    /// Last good and candidate are the same.
    SAME_VERSION = "RC0319";
    /// A migration change that does not say which migrations.
    NO_MIGRATIONS = "RC0320";
    /// Stages that wait for evidence that nothing gathers.
    ADVANCE_WITHOUT_EVIDENCE = "RC0321";
    /// A release goes back on less evidence than it is contained on.
    CONTAIN_AFTER_ROLLBACK = "RC0322";
    /// A runbook without front matter.
    NO_FRONT_MATTER = "RC0401";
    /// A fence that is not closed.
    FENCE_NOT_CLOSED = "RC0402";
    /// A marked fence that is no step.
    UNKNOWN_STEP_KIND = "RC0403";
    /// Attributes that cannot be read.
    BAD_ATTRIBUTES = "RC0404";
    /// An attribute that this kind of step does not have.
    UNKNOWN_ATTRIBUTE = "RC0405";
    /// An attribute that is written twice.
    ATTRIBUTE_TWICE = "RC0406";
    /// A step without an id.
    NO_STEP_ID = "RC0407";
    /// Two steps with the same id.
    STEP_TWICE = "RC0408";
    /// A verification of no step, or of one that has its own.
    VERIFY_WITHOUT_STEP = "RC0409";
    /// A fence whose text is not what its kind needs.
    UNREADABLE_STEP = "RC0410";
    /// A template variable that does not exist.
    UNKNOWN_VARIABLE = "RC0411";
    /// A template variable in a script.
    VARIABLE_IN_COMMAND = "RC0412";
    /// A character in a step that people do not see.
    HIDDEN_CHARACTER = "RC0413";
    /// A fence in the text of a step.
    FENCE_IN_FENCE = "RC0414";
    /// A marked fence inside a list or a quote.
    STEP_NOT_AT_MARGIN = "RC0415";
    /// HTML, which can hide what is executed.
    HTML_IN_RUNBOOK = "RC0416";
    /// Something that looks like a step and is none.
    NOT_EXECUTED = "RC0417";
    /// More steps or headings than a person can follow.
    TOO_MANY_STEPS = "RC0418";
    /// The steps may take longer than the runbook.
    STEPS_OVER_BUDGET = "RC0420";
    /// A script that nothing verifies.
    RUN_WITHOUT_VERIFY = "RC0421";
    /// A step or verification without a timeout.
    STEP_WITHOUT_TIMEOUT = "RC0422";
    /// A timeout beyond an hour.
    TIMEOUT_TOO_LONG = "RC0423";
    /// Something destructive that nobody confirms.
    DESTROYS_UNASKED = "RC0424";
    /// A runbook that does nothing.
    NO_STEPS = "RC0425";
    /// A step whose budget is longer than its timeouts.
    BUDGET_CANNOT_BE = "RC0426";
    /// A rehearsal in an environment that is none, or in production.
    REHEARSED_NOWHERE = "RC0427";
    /// A step of a deep level before one that stops the bleeding.
    DEEP_STEP_FIRST = "RC0428";
    /// A runbook whose file has another name.
    RUNBOOK_NAME_DIFFERS = "RC0429";
    /// A plan names a runbook that is not there.
    NO_SUCH_RUNBOOK = "RC0430";
    /// The way back is a flag that the runbook does not switch.
    RUNBOOK_WITHOUT_FLAG = "RC0431";
    /// The runbook of a critical path does not say what one needs access to.
    RUNBOOK_WITHOUT_ACCESS = "RC0432";
    /// A critical path without a runbook.
    CRITICAL_WITHOUT_RUNBOOK = "RC0433";
    /// A step undoes a change that the plan does not have.
    UNKNOWN_CHANGE = "RC0434";
    /// A one-way change that nobody accepts.
    ONE_WAY_NOT_ACCEPTED = "RC0501";
    /// The owner accepts the risk of a one-way change.
    RISK_ACCEPTED_BY_OWNER = "RC0502";
    /// An accepted risk where there is a way back.
    RISK_NOT_ONE_WAY = "RC0503";
    /// No change ticket where one is required.
    NO_TICKET = "RC0504";
    /// More people must approve than may.
    TOO_FEW_APPROVERS = "RC0505";
    /// A release window that never opens.
    WINDOW_NEVER_OPENS = "RC0506";
    /// Differences to be reviewed without a staging.
    NOTHING_TO_COMPARE = "RC0507";
    /// A channel that does not exist, or that cannot be used so.
    UNKNOWN_CHANNEL = "RC0601";
    /// A plan that wants people outside told, and no channel reaches them.
    NOBODY_OUTSIDE = "RC0602";
    /// A file with a text that is not there.
    NO_TEMPLATE = "RC0603";
    /// Definitions of flags that are not JSON.
    NOT_JSON = "RC0801";
    /// A text that cannot be the key of a flag.
    INVALID_FLAG_KEY = "RC0802";
    /// A flag whose variants have several types.
    MIXED_VARIANTS = "RC0803";
    /// A variant that the flag does not have.
    UNKNOWN_VARIANT = "RC0804";
    /// A flag without a default variant.
    NO_DEFAULT_VARIANT = "RC0805";
    /// An operator that does not exist.
    UNKNOWN_OPERATOR = "RC0806";
    /// Operands that an operator cannot answer.
    BAD_OPERANDS = "RC0807";
    /// Weights that divide nobody.
    BAD_WEIGHTS = "RC0808";
    /// A shared rule that does not exist.
    UNKNOWN_EVALUATOR = "RC0809";
    /// Shared rules that name each other in a circle.
    EVALUATOR_CIRCLE = "RC0810";
    /// A rule that is too large once its shared rules are put in.
    RULE_TOO_BIG = "RC0811";
    /// A version of fractional that does not exist.
    UNKNOWN_FRACTIONAL = "RC0812";
    /// A directory of migrations that is not there, or breaks its convention.
    MIGRATIONS_NOT_READ = "RC0901";
    /// A migration without a down script, or with an empty one.
    MIGRATION_WITHOUT_DOWN = "RC0902";
    /// A statement that removes or overwrites data.
    MIGRATION_LOSES_DATA = "RC0903";
    /// A statement after which code that is out now fails.
    MIGRATION_BREAKS_OLD_CODE = "RC0904";
    /// A statement that stops reads or writes.
    MIGRATION_LOCKS = "RC0905";
}

/// The page of a code: what it means, an example, how to fix it. Upper or lower case.
pub fn explain(code: &str) -> Option<&'static str> {
    TABLE.iter().find(|(known, _)| known.as_str().eq_ignore_ascii_case(code.trim())).map(|(_, page)| *page)
}

/// Every code, in order.
pub fn all_codes() -> impl ExactSizeIterator<Item = Code> {
    TABLE.iter().map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let codes: BTreeSet<String> = all_codes().map(|code| code.to_string()).collect();
        assert_eq!(codes.len(), all_codes().len(), "a code is used twice");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
        let pages: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| {
                entry.unwrap().file_name().into_string().unwrap().strip_suffix(".md").map(str::to_owned)
            })
            .filter(|name| name.starts_with("RC"))
            .collect();
        assert_eq!(codes, pages);
    }

    #[test]
    fn every_page_says_what_it_means_and_how_to_fix_it() {
        for code in all_codes() {
            let page = explain(code.as_str()).unwrap();
            assert!(page.starts_with(&format!("# {code}: ")), "{code}: {page}");
            for part in ["## Example\n", "## Fix\n"] {
                assert!(page.contains(part), "{code} lacks {part}");
            }
        }
        let index = include_str!("../../../../docs/errors/README.md");
        for code in all_codes() {
            let title = explain(code.as_str()).unwrap().lines().next().unwrap().split_once(": ").unwrap().1;
            assert!(
                index.contains(&format!("| [{code}]({code}.md) | {title} |")),
                "{code} is not in the index"
            );
        }
        assert!(explain("rc0107").is_some());
        assert!(explain("RC0000").is_none());
    }
}
