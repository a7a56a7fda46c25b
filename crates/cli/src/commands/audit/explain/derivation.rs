//! The derivation of a verdict, step by step, for a person who was woken by it.

use ripcord_engine::{
    Agreement, Amount, EffectOf, EffectSize, EvidenceRecord, Recomputed, RuleEvidence, VerdictKind,
};
use ripcord_model::ReleaseName;
use ripcord_server::Verification;

use super::decided;
use crate::render::{
    Look, Tone,
    layout::{Rows, table},
    words,
};

/// The answer, the derivation, and what vouches for it.
pub(super) fn text(
    release: &ReleaseName,
    verification: &Verification,
    verdicts: &[Recomputed],
    all: bool,
    look: &Look,
) -> String {
    let mut text = headline(release, verification, verdicts, look);
    let last = verdicts.iter().rposition(|verdict| decided(verdict.recorded.kind));
    for (position, verdict) in verdicts.iter().enumerate() {
        text.push('\n');
        if all || Some(position) == last {
            text.push_str(&whole(verdict, look));
        } else {
            text.push_str(&one_line(verdict, look));
        }
    }
    text.push('\n');
    text.push_str(&proof(verification, look));
    text
}

fn headline(
    release: &ReleaseName,
    verification: &Verification,
    verdicts: &[Recomputed],
    look: &Look,
) -> String {
    let count = words::counted(verdicts.len() as u64, "verdict");
    let different = verdicts.iter().filter(|verdict| verdict.agreement() == Agreement::Different).count();
    let (tone, answer) = match (verification.verified, different, verdicts.len()) {
        (false, _, _) => {
            (Tone::Alarm, format!("{release}: the record has been changed; do not rely on what follows"))
        }
        (true, _, 0) => (Tone::Strong, format!("{release}: the signals have not decided anything yet")),
        (true, 0, _) => (Tone::Good, format!("{release}: {count} computed again, every number is the same")),
        (true, _, all) => (
            Tone::Alarm,
            format!("{release}: {different} of {all} verdicts do not come out as they were recorded"),
        ),
    };
    format!("{}\n", look.paint(tone, &answer))
}

fn one_line(verdict: &Recomputed, look: &Look) -> String {
    let mut rows = Rows::new(look);
    let (kind, at) = (kind(verdict.recorded.kind), look.time_of_day(verdict.at));
    rows.row(kind, &format!("{at}, entry {}: {}", verdict.position, verdict.recorded.reason));
    rows.finish()
}

fn whole(verdict: &Recomputed, look: &Look) -> String {
    let recorded = &verdict.recorded;
    let mut rows = Rows::new(look);
    let tone = if decided(recorded.kind) { Tone::Strong } else { Tone::Quiet };
    let at = format!("{}, entry {}", look.full(verdict.at), verdict.position);
    rows.painted(kind(recorded.kind), &recorded.reason, Some(tone));
    rows.row("when", &at);
    if let Some(rule) = &recorded.rule {
        rows.row("rule", rule);
    }
    match &recorded.evidence {
        Some(evidence) => {
            let culprits = evidence.rules.iter().filter(|rule| rule.culprit);
            culprits.for_each(|rule| derive(rule, evidence, look, &mut rows));
            weigh(evidence, recorded.kind, &mut rows);
        }
        None => {
            let text = "a plain threshold, no statistics: it was violated for as long as the rule says";
            if recorded.rule.is_some() {
                rows.row("how", text);
            }
        }
    }
    rows.painted("again", again(verdict), tone_of(verdict.agreement()));
    let mut text = rows.finish();
    if let Some(evidence) = recorded.evidence.as_ref().filter(|evidence| evidence.rules.len() > 1) {
        text.push('\n');
        table_of(evidence).iter().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    text
}

/// How one rule came to its evidence.
fn derive(rule: &RuleEvidence, evidence: &EvidenceRecord, look: &Look, rows: &mut Rows<'_>) {
    let test = rule.test.as_deref().unwrap_or("none");
    rows.row("asked", &format!("{}: {} (test: {test})", rule.signal, rule.rule));
    if let (Some(first), Some(last)) = (evidence.first_block, evidence.last_block) {
        let blocks = words::counted(evidence.blocks, "block");
        rows.row("looked at", &format!("{blocks}, numbers {first} to {last}, after every one of them"));
    }
    if let Some(canary) = rule.canary {
        rows.row("counted", &format!("on the candidate {}", amount(canary)));
    }
    if let Some(control) = rule.control {
        rows.row("counted", &format!("on last good {}", amount(control)));
    }
    if let (Some(canary), Some(control)) = (rule.canary, rule.control)
        && control.of > 0.0
    {
        let alike = canary.of * control.count / control.of;
        let text = format!(
            "a candidate like last good would have had {}; it had {}",
            one_digit(alike),
            count(canary.count)
        );
        rows.row("compared", &text);
    }
    if let Some(effect) = rule.effect {
        rows.row("how large", &size(effect));
    }
    rows.row("trust", &trust(rule));
    if let Some(block) = rule.harm_began_block {
        let at = rule.harm_began.map_or_else(String::new, |at| format!(", {}", look.time_of_day(at)));
        rows.row("began", &format!("after block {block}{at}: there the evidence was lowest (a best guess)"));
    }
}

/// How the rules together came to the bar.
fn weigh(evidence: &EvidenceRecord, verdict: VerdictKind, rows: &mut Rows<'_>) {
    let what = if evidence.rules.len() == 1 { "the evidence" } else { "the mean of all rules" };
    let (peak, bar) = (evidence.log_e_peak, evidence.threshold);
    let alpha = words::value(evidence.alpha, true);
    let reached = if peak >= bar { "reached" } else { "has not reached" };
    let text = format!(
        "{what} {reached} e^{peak:.2} = {}; the bar is 1/{alpha} = e^{bar:.2}, fixed before the first block",
        e_value(peak)
    );
    rows.row("weighed", &text);
    if decided(verdict) {
        let text = format!(
            "on a candidate that is not worse than tolerated so much evidence comes up, at any time, with a chance \
             under {}",
            words::one_in(peak)
        );
        rows.row("so", &text);
    }
}

fn trust(rule: &RuleEvidence) -> String {
    let noise = match rule.dispersion {
        Some(phi) if phi > 1.005 => {
            format!("counts scatter {phi:.2} times as much as chance; evidence was divided by that")
        }
        Some(_) => "counts scatter as chance would have it".to_owned(),
        None => "scatter between instances is not known".to_owned(),
    };
    let guard = match (rule.distrusted, rule.guard_log_e) {
        (true, _) => "last good's own instances differ: it may hold, not send back",
        (false, Some(_)) => "last good's own instances are alike",
        (false, None) => "one instance of last good, so no guard against a slower host",
    };
    format!("{noise}; {guard}")
}

fn table_of(evidence: &EvidenceRecord) -> Vec<String> {
    let rows: Vec<Vec<String>> = evidence
        .rules
        .iter()
        .map(|rule| {
            let named = match (rule.distrusted, rule.culprit) {
                (true, _) => "distrusted",
                (false, true) => "named",
                (false, false) => "",
            };
            let e = e_value(rule.log_e);
            vec![
                rule.signal.to_string(),
                rule.rule.clone(),
                format!("{:.3}", rule.weight),
                e,
                named.to_owned(),
            ]
        })
        .collect();
    table(&["signal", "rule", "weight", "e-value", ""], &rows, &[2, 3])
}

fn again(verdict: &Recomputed) -> &'static str {
    match verdict.agreement() {
        Agreement::Same => "computed from facts and blocks alone: every number is the same, bit for bit",
        Agreement::Different => "computed from facts and blocks alone: it comes out differently",
        Agreement::NotRecorded => "comes out again; its numbers were not recorded by the Ripcord of that day",
    }
}

const fn tone_of(agreement: Agreement) -> Option<Tone> {
    match agreement {
        Agreement::Same => Some(Tone::Good),
        Agreement::Different => Some(Tone::Alarm),
        Agreement::NotRecorded => None,
    }
}

fn proof(verification: &Verification, look: &Look) -> String {
    let mut rows = Rows::new(look);
    match &verification.trouble {
        None => {
            let entries = words::thousands(verification.entries);
            rows.row(
                "record",
                &format!("{entries} entries and every closed segment of observations verified"),
            );
            rows.row("root", &verification.root);
        }
        Some(trouble) => rows.painted("record", trouble, Some(Tone::Alarm)),
    }
    rows.finish()
}

const fn kind(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Advance => "advance",
        VerdictKind::Hold => "hold",
        VerdictKind::Contain => "contain",
        VerdictKind::Rollback => "rollback",
        VerdictKind::Blind => "blind",
    }
}

fn amount(amount: Amount) -> String {
    format!("{} of {}", count(amount.count), count(amount.of))
}

fn count(amount: f64) -> String {
    if amount.fract() == 0.0 { words::thousands(amount as u64) } else { one_digit(amount) }
}

fn one_digit(amount: f64) -> String {
    if amount < 1_000.0 { format!("{amount:.1}") } else { words::thousands(amount.round() as u64) }
}

fn size(effect: EffectSize) -> String {
    let of = |value: f64| match effect.of {
        EffectOf::Ratio => format!("{} times", words::value(value, false)),
        EffectOf::Rate => words::value(value, true),
    };
    let against = match effect.of {
        EffectOf::Ratio => " as on last good",
        EffectOf::Rate => "",
    };
    let between = match (effect.low, effect.high) {
        (Some(low), Some(high)) => format!("between {} and {}", of(low), of(high)),
        (Some(low), None) => format!("at least {}", of(low)),
        (None, Some(high)) => format!("at most {}", of(high)),
        (None, None) => "how sure cannot be said yet".to_owned(),
    };
    let confidence = words::value(effect.confidence, true);
    format!("{}{against}; {between} ({confidence}, at all times together)", of(effect.estimate))
}

/// `12,088`, `0.31`: an e-value given by its natural logarithm.
fn e_value(log_e: f64) -> String {
    if log_e == f64::NEG_INFINITY {
        return "0".to_owned();
    }
    let e = log_e.exp();
    if e >= 1e9 {
        format!("10^{}", e.log10().floor())
    } else if e >= 100.0 {
        words::thousands(e as u64)
    } else {
        format!("{e:.2}")
    }
}
