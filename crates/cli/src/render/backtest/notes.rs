//! What was not taken as it stands, and what to bear in mind.

use ripcord_backtest::{replay::Run, trace::Clock};
use ripcord_model::Duration;

use super::super::{layout::Rows, words};
use crate::commands::backtest::Answer;

/// Everything that was not taken as it stands, and what to bear in mind.
pub(super) fn notes(rows: &mut Rows<'_>, answer: &Answer) {
    treatment(rows, answer);
    for run in answer.runs().filter(|run| run.rules.len() == 1) {
        silence(rows, answer, run);
    }
    for text in answer.troubles.iter().chain(&answer.left_out) {
        rows.row("note", text);
    }
    if answer.rules_are_proposed {
        rows.row("note", "no rules were named, so these are proposals; try your own with --rules");
    }
    if answer.clock == Clock::Recorded {
        rows.row("note", "instants without a zone are read as UTC");
    }
    if answer.runs().any(|run| run.firings.len() > 1) {
        rows.row("note", "after a firing everything begins anew at the next block, as a new release would");
    }
    if answer.runs().any(|run| run.threshold.is_some()) {
        let chance = words::value(answer.false_rollback, true);
        rows.row("note", &format!("evidence may fire with nothing wrong with a chance of {chance} per release, each rule by itself"));
    }
}

/// Rows that were not taken as they stand.
fn treatment(rows: &mut Rows<'_>, answer: &Answer) {
    let treatment = &answer.treatment;
    let rows_of = |number: usize| words::counted(number as u64, "row");
    let mut note = |number: usize, text: String| {
        if number > 0 {
            rows.row("note", &text);
        }
    };
    note(treatment.left_out, format!("{} left out by --where, --from or --to", rows_of(treatment.left_out)));
    note(
        treatment.reordered,
        format!("{} stood before an earlier one; put in order", rows_of(treatment.reordered)),
    );
    note(
        treatment.duplicates,
        format!("{} with an instant or number seen before; ignored", rows_of(treatment.duplicates)),
    );
    note(
        treatment.missing,
        format!(
            "{} with an empty cell or no finite number; they say nothing, which is not zero",
            rows_of(treatment.missing)
        ),
    );
    note(
        treatment.gaps,
        format!(
            "{} of more than three blocks, the longest {}; a pause of {} ends a violation",
            words::counted(treatment.gaps as u64, "pause"),
            Duration::from_ms(treatment.longest_gap_ms).human(),
            Duration::from_ms(answer.patience_ms).human()
        ),
    );
    let unused = &treatment.unused_columns;
    note(unused.len(), format!("columns not looked at: {}", unused.join(", ")));
}

/// A rule that hardly ever said anything says nothing by not firing.
fn silence(rows: &mut Rows<'_>, answer: &Answer, run: &Run) {
    let looked_at = answer.blocks - answer.baseline.as_ref().map_or(0, |baseline| baseline.blocks);
    if let Some((reason, blocks)) = run.silent.iter().max_by_key(|(_, blocks)| **blocks)
        && blocks * 2 > looked_at
    {
        let blocks = words::counted(*blocks as u64, "block");
        rows.row("note", &format!("`{}` said nothing at {blocks}: {reason}", run.name));
    }
    if run.distrusted > 0 {
        let blocks = words::counted(run.distrusted as u64, "block");
        rows.row(
            "note",
            &format!(
                "`{}` was not trusted at {blocks}: the control's own instances differ from each other",
                run.name
            ),
        );
    }
}
