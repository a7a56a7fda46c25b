//! Which rules are tried: those given, those of the service's file, or proposals.

use ripcord_backtest::{
    candidate::{Candidate, LeadsTo, RuleError},
    trace::Trace,
};
use ripcord_model::{SignalName, blueprint::Rule, service::SignalEntry, source::Spanned};

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

/// The signal as `ripcord.yaml` has it. A file of blocks needs no service.
pub(super) fn service_entry(
    context: &Context,
    name: Option<&SignalName>,
    has_file: bool,
) -> Result<Option<SignalEntry>, CommandError> {
    let root = match context.root() {
        Ok(root) => root,
        Err(_) if has_file => return Ok(None),
        Err(error) => return Err(error.hinted("ripcord backtest --blocks FILE.csv   needs none")),
    };
    let Some(name) = name else { return Ok(None) };
    let service = files::service(&root)?;
    let known: Vec<&str> = service.signals.iter().map(|entry| entry.name.value.as_str()).collect();
    let entry = service.signals.iter().find(|entry| entry.name.value == *name);
    if entry.is_none() && !has_file {
        let message = format!("{} has no signal `{name}`", files::SERVICE);
        return Err(CommandError::refused("no-such-signal", message)
            .hinted(format!("there are: {}", known.join(", "))));
    }
    Ok(entry.cloned())
}

/// What is tried on a series.
pub(super) fn candidates(
    given: &[String],
    entry: Option<&SignalEntry>,
    trace: &Trace,
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
    Ok(TriedRules { candidates: Candidate::proposed(trace), are_proposed: true, left_out })
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
