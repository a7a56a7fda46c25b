//! Numbers over many releases, as people read them: the answer first, then each number with what it is made of.

use ripcord_model::Duration;
use ripcord_report::metrics::{ChangeType, Metrics, Rate, RehearsedActual, Times};

use super::{
    layout::{Rows, table, wrap},
    look::{Look, Tone},
    words,
};

/// More values than that are not listed.
const LISTED: usize = 12;

/// All numbers.
pub fn metrics(metrics: &Metrics, look: &Look) -> String {
    if metrics.releases == 0 {
        return "No release is on record for what was asked.\n\n  next       ripcord status\n".to_owned();
    }
    let mut text = format!("{}\n\n", look.paint(Tone::Strong, &headline(metrics)));
    let mut rows = Rows::new(look);
    if let (Some(from), Some(until)) = (metrics.from, metrics.until) {
        rows.row("period", &format!("{} to {}", look.full(from), look.full(until)));
    }
    times(
        &mut rows,
        "stopped",
        "from the decision to the end of the bleeding",
        &metrics.time_to_stop_bleeding,
    );
    times(
        &mut rows,
        "back",
        "from the decision to the end: back, or contained",
        &metrics.time_to_roll_back_or_contain,
    );
    success(&mut rows, metrics);
    hesitation(&mut rows, metrics);
    dora(&mut rows, metrics);
    text.push_str(&rows.finish());
    push_table(&mut text, look, "Changes with a rehearsed way back", changes(&metrics.change_types));
    push_table(&mut text, look, "Rehearsed against actual", compared(&metrics.rehearsed_against_actual));
    text.push_str("\n  next       ripcord metrics --json   every value with its entries\n");
    text
}

fn headline(metrics: &Metrics) -> String {
    let failed = &metrics.change_fail_rate;
    let moving = match metrics.under_way {
        0 => String::new(),
        number => format!(", {} under way", words::thousands(number)),
    };
    format!(
        "{}, {} of them deployed, {} failed{moving}",
        words::counted(metrics.releases, "release"),
        words::thousands(metrics.deployments),
        words::thousands(failed.count)
    )
}

fn human(ms: u64) -> String {
    if ms == 0 { "0 s".to_owned() } else { Duration::from_ms(ms).human() }
}

fn times(rows: &mut Rows<'_>, label: &str, what: &str, times: &Times) {
    let Some(median) = times.median_ms else {
        rows.row(label, &format!("{what}: none yet"));
        return;
    };
    let count = words::counted(times.values.len() as u64, "value");
    rows.row(label, &format!("{what}: median {} of {count}", human(median)));
    let raw = times.values.iter();
    if times.values.len() <= LISTED {
        let raw: Vec<String> = raw.map(|took| format!("{} {}", took.release, human(took.ms))).collect();
        rows.painted(label, &raw.join("; "), Some(Tone::Quiet));
        return;
    }
    let (least, most) = (raw.clone().map(|took| took.ms).min(), raw.map(|took| took.ms).max());
    let text = format!("from {} to {}", human(least.unwrap_or_default()), human(most.unwrap_or_default()));
    rows.painted(label, &text, Some(Tone::Quiet));
}

fn rate(rate: &Rate) -> String {
    match rate.rate {
        Some(value) => format!("{} ({} of {})", words::value(value, true), rate.count, rate.of),
        None => "none yet".to_owned(),
    }
}

fn success(rows: &mut Rows<'_>, metrics: &Metrics) {
    let success = &metrics.rollback_success;
    let text = format!("ways back that ended well without help: {}", rate(&success.rate));
    rows.row("success", &text);
    let others =
        [(success.with_help, "with help"), (success.stuck, "stuck"), (success.under_way, "under way")];
    let others: Vec<String> = others
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", words::thousands(*count)))
        .collect();
    if !others.is_empty() {
        rows.painted("success", &others.join(", "), Some(Tone::Warning));
    }
}

fn hesitation(rows: &mut Rows<'_>, metrics: &Metrics) {
    let hesitation = &metrics.hesitation;
    times(rows, "hesitated", "from a signal beyond its limits to the decision", &hesitation.times);
    let limit = human(hesitation.limit_ms);
    if hesitation.exceeded.is_empty() {
        rows.row("hesitated", &format!("nobody hesitated longer than {limit}"));
    } else {
        let names: Vec<&str> = hesitation.exceeded.iter().map(|release| release.as_str()).collect();
        let text = format!("longer than {limit}: {}", names.join(", "));
        rows.painted("hesitated", &text, Some(Tone::Warning));
    }
    if hesitation.without_a_signal > 0 {
        let count = words::counted(hesitation.without_a_signal, "decision");
        rows.painted("hesitated", &format!("{count} without a signal beyond its limits"), Some(Tone::Quiet));
    }
}

fn dora(rows: &mut Rows<'_>, metrics: &Metrics) {
    rows.row("DORA", &format!("change fail rate: {}", rate(&metrics.change_fail_rate)));
    times(rows, "DORA", "failed deployment recovery time", &metrics.failed_deployment_recovery_time);
    let frequency = &metrics.deployment_frequency;
    let count = words::counted(frequency.deployments, "deployment");
    rows.row("DORA", &format!("deployment frequency: {count} in {}", human(frequency.period_ms)));
    if let Some(median) = frequency.between.median_ms {
        rows.row("DORA", &format!("median from one to the next: {}", human(median)));
    }
    rows.painted(
        "DORA",
        &format!("no change lead time: {}", metrics.change_lead_time.why),
        Some(Tone::Quiet),
    );
}

fn push_table(text: &mut String, look: &Look, title: &str, lines: Vec<String>) {
    if lines.len() < 2 {
        return;
    }
    text.push_str(&format!("\n  {}\n", look.paint(Tone::Strong, title)));
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
}

fn changes(types: &[ChangeType]) -> Vec<String> {
    let rows: Vec<Vec<String>> = types
        .iter()
        .map(|kind| {
            let level = kind.level.map_or_else(|| "no way back".to_owned(), |level| level.to_string());
            vec![
                kind.class.word().to_owned(),
                level,
                words::thousands(kind.changes),
                words::thousands(kind.rehearsed),
            ]
        })
        .collect();
    table(&["class", "level", "changes", "rehearsed"], &rows, &[2, 3])
}

fn compared(compared: &[RehearsedActual]) -> Vec<String> {
    let rows = compared.iter().take(LISTED).map(|row| {
        let name = super::layout::cut(row.release.as_str(), 40);
        vec![name, human(row.rehearsed_ms), human(row.actual_ms)]
    });
    let mut lines = table(&["release", "rehearsed", "actual"], &rows.collect::<Vec<_>>(), &[1, 2]);
    if compared.len() > LISTED {
        let more = format!("and {} more in --json", compared.len() - LISTED);
        lines.extend(wrap(&more, 76));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_record_says_so() {
        let numbers = ripcord_report::metrics::metrics([], &Default::default());
        assert!(metrics(&numbers, &Look::plain()).starts_with("No release is on record"));
    }
}
