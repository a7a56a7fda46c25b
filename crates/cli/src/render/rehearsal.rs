//! A rehearsal: one line for the ticket, then its steps.

use ripcord_engine::{BackStepState, RehearsalResult};
use ripcord_model::Timestamp;

use super::{
    layout::{WIDTH, table, wrap},
    look::{Look, Tone},
};

/// One line fit for a ticket.
pub fn note(result: &RehearsalResult) -> String {
    let who = format!("Ran by {}, {}", result.by, day(result.at));
    if let Some(reason) = &result.failed {
        let reason = reason.trim_end_matches(['.', '\n']);
        return format!("Rollback rehearsal failed: {reason}. {who}.");
    }
    let over = if result.is_within_budget() {
        String::new()
    } else {
        format!(", over its budget of {}", result.budget.human())
    };
    let flags = result.after.as_ref().map(|look| look.flags.keys().cloned().collect::<Vec<_>>());
    let flags = match flags.as_deref() {
        None | Some([]) => String::new(),
        Some([flag]) => format!(", flag {flag} disabled"),
        Some(flags) => format!(", flags {} disabled", flags.join(" and ")),
    };
    format!(
        "Rollback rehearsed: confirmed {} (machine {}){over}. {who}{flags}, {} back to baseline.",
        result.took.human(),
        result.machine().human(),
        result.environment
    )
}

/// The note, the steps with their times, and what was not shown.
pub fn rehearsal(result: &RehearsalResult, look: &Look) -> String {
    let tone = if result.is_within_budget() { Tone::Good } else { Tone::Bad };
    let mut text = look.paint(tone, &note(result));
    text.push_str("\n\n");
    for line in steps(result) {
        text.push_str(&format!("  {line}\n"));
    }
    if let Some(account) = account(result) {
        text.push('\n');
        push_wrapped(&mut text, &account);
    }
    for what in &result.unproven {
        push_wrapped(&mut text, &format!("not shown: {what}"));
    }
    text
}

fn push_wrapped(text: &mut String, paragraph: &str) {
    for line in wrap(paragraph, WIDTH - 2) {
        text.push_str(&format!("  {line}\n"));
    }
}

fn steps(result: &RehearsalResult) -> Vec<String> {
    if result.steps.is_empty() {
        return Vec::new();
    }
    let mut rows: Vec<Vec<String>> = result
        .steps
        .iter()
        .map(|step| {
            let waited = if step.waited.as_ms() == 0 { "–".to_owned() } else { step.waited.human() };
            vec![
                step.id.clone(),
                state(step.state).to_owned(),
                step.took.human(),
                waited,
                step.budget.human(),
            ]
        })
        .collect();
    rows.push(vec![
        "in all".to_owned(),
        String::new(),
        result.machine().human(),
        if result.waited.as_ms() == 0 { "–".to_owned() } else { result.waited.human() },
        result.budget.human(),
    ]);
    table(&["step", "", "machine", "waited", "budget"], &rows, &[2, 3, 4])
}

/// What the traffic itself saw of it.
fn account(result: &RehearsalResult) -> Option<String> {
    let traffic = result.after.as_ref()?.traffic.as_ref()?;
    let decided = result.decided?;
    let versions: Vec<String> = traffic
        .versions
        .iter()
        .map(|(version, answers)| {
            let last = answers.last.since(decided);
            let until = if last.as_ms() == 0 {
                "before the decision".to_owned()
            } else {
                format!("{} after the decision", last.human())
            };
            format!("{version} answered {} times, the last time {until}", answers.count)
        })
        .collect();
    if versions.is_empty() {
        return None;
    }
    Some(format!("by the traffic's own account: {}", versions.join("; ")))
}

const fn state(state: BackStepState) -> &'static str {
    match state {
        BackStepState::Waiting => "not begun",
        BackStepState::Approval => "needs approval",
        BackStepState::Running => "running",
        BackStepState::Done => "done",
        BackStepState::Skipped => "left out",
        BackStepState::Failed => "FAILED",
    }
}

/// `14 April 2026`.
fn day(at: Timestamp) -> String {
    at.to_jiff().strftime("%-d %B %Y").to_string()
}
