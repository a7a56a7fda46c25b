//! Which rules are tried: those given, those of the service's file, or proposals.

use ripcord_backtest::{
    baseline::Baseline,
    candidate::{Candidate, LeadsTo, RuleError},
    trace::Trace,
};
use ripcord_model::{ServiceFile, SignalName, blueprint::Rule, service::SignalEntry, source::Spanned};

use crate::{context::Context, failure::CommandError, files};

/// What is tried, and why.
#[derive(Debug)]
pub(super) struct TriedRules {
    /// The candidates.
    pub(super) candidates: Vec<Candidate>,
    /// Nobody named any; these are proposals.
    pub(super) are_proposed: bool,
    /// Rules of the service's file that do not fit the series, with the reasons.
    pub(super) left_out: Vec<String>,
}

impl TriedRules {
    /// Whether any of them compares with what the signal was before.
    pub(super) fn needs_baseline(&self) -> bool {
        self.candidates.iter().any(Candidate::needs_baseline)
    }
}

/// The service's file, and the signal as it has it.
#[derive(Debug)]
pub(super) struct Service {
    /// `ripcord.yaml`.
    pub(super) file: ServiceFile,
    /// The signal; a recorded series may be one that it does not know.
    pub(super) entry: Option<SignalEntry>,
}

/// The service this is about. A file of blocks needs none.
pub(super) fn service(
    context: &Context,
    name: Option<&SignalName>,
    has_file: bool,
) -> Result<Option<Service>, CommandError> {
    let root = match context.root() {
        Ok(root) => root,
        Err(_) if has_file => return Ok(None),
        Err(error) => return Err(error.hinted("ripcord backtest --blocks FILE.csv   needs none")),
    };
    let file = files::service(&root)?;
    let known: Vec<&str> = file.signals.iter().map(|entry| entry.name.value.as_str()).collect();
    let known =
        if known.is_empty() { "it has none".to_owned() } else { format!("there are: {}", known.join(", ")) };
    let entry = name.and_then(|name| file.signals.iter().find(|entry| entry.name.value == *name)).cloned();
    match (name, &entry) {
        (None, _) if !has_file => Err(CommandError::usage("which signal is not said").hinted(known)),
        (Some(name), None) if !has_file => {
            let message = format!("{} has no signal `{name}`", files::SERVICE);
            Err(CommandError::refused("no-such-signal", message).hinted(known))
        }
        (_, _) => Ok(Some(Service { file, entry })),
    }
}

/// What is tried on a series.
pub(super) fn candidates(
    given: &[String],
    entry: Option<&SignalEntry>,
    trace: &Trace,
    baseline: Option<&Baseline>,
) -> Result<TriedRules, CommandError> {
    if !given.is_empty() {
        let read = |text: &String| Candidate::read(text, trace).map_err(refused);
        let candidates = given.iter().map(read).collect::<Result<_, _>>()?;
        return Ok(TriedRules { candidates, are_proposed: false, left_out: Vec::new() });
    }
    let mut left_out = Vec::new();
    if let Some(entry) = entry {
        let (candidate, misfits) = Candidate::of_signal(rules(entry), trace);
        left_out = misfits.iter().map(ToString::to_string).collect();
        if let Some(candidate) = candidate {
            return Ok(TriedRules { candidates: vec![candidate], are_proposed: false, left_out });
        }
    }
    let candidates = Candidate::proposed(trace, baseline);
    if candidates.is_empty() {
        let message = "no rule suits this series by itself: its values are not above nought";
        return Err(
            CommandError::refused("no-rules", message).hinted("name one: --rules \"below -3 for 5 rows\"")
        );
    }
    Ok(TriedRules { candidates, are_proposed: true, left_out })
}

fn rules(entry: &SignalEntry) -> Vec<(LeadsTo, Rule)> {
    let that = |leads_to: LeadsTo, rules: &[Spanned<Rule>]| {
        rules.iter().map(|rule| (leads_to, rule.value.clone())).collect::<Vec<_>>()
    };
    let mut all = that(LeadsTo::Rollback, &entry.rollback);
    all.extend(that(LeadsTo::Contain, &entry.contain));
    all.extend(that(LeadsTo::Hold, &entry.hold));
    all
}

fn refused(error: RuleError) -> CommandError {
    let code = match &error {
        RuleError::Unreadable { .. } => "not-a-rule",
        RuleError::Misfit { .. } => "rule-does-not-fit",
    };
    CommandError::refused(code, error.to_string())
}
