//! What a proof comes to, for people and for machines.

use std::fmt::Write as _;
use std::path::Path;

use ripcord_migrations::{Direction, Finding, Range, Risk, Set};
use ripcord_model::Reversibility;
use ripcord_prove::{Proof, Verdict, table};

use crate::render::layout::wrap;

const WIDTH: usize = 80;
/// How many findings are shown as text; the JSON has all.
const SHOWN: usize = 60;

/// The proof, whether it keeps what was declared, and what the SQL says of itself.
pub(super) fn json(
    set: &Set,
    proof: &Proof,
    declared: Reversibility,
    findings: &[Finding],
) -> serde_json::Value {
    let against: Vec<&str> = proof.against(declared).iter().map(|trial| trial.version.as_str()).collect();
    serde_json::json!({
        "declared": declared,
        "holds": against.is_empty(),
        "against": against,
        "reversibility": proof.reversibility(),
        "ignored": set.ignored,
        "notes": set.notes,
        "proof": proof,
        "findings": findings,
    })
}

/// The answer first, then the table, then what to type next.
pub(super) fn text(directory: &Path, set: &Set, proof: &Proof, declared: Reversibility, all: bool) -> String {
    let against = proof.against(declared);
    let count = proof.migrations.len();
    let word = word(declared);
    let mut out = if against.is_empty() {
        format!("Holds: {count} of {count} migrations are {word}\n")
    } else {
        format!("Does not hold: {} of {count} migrations are not shown to be {word}\n", against.len())
    };
    let totals: Vec<String> = Verdict::ALL
        .into_iter()
        .filter_map(|verdict| Some(format!("{} {}", proof.totals.get(&verdict)?, verdict.as_str())))
        .collect();
    paragraph(&mut out, &format!("{}; {}, {}", totals.join(", "), proof.server, proof.source));
    paragraph(
        &mut out,
        &format!("read as {}, {} in {}", set.convention, set.migrations.len(), directory.display()),
    );
    set.notes.iter().for_each(|note| paragraph(&mut out, note));
    let table = table(proof, all);
    if !table.is_empty() {
        let _infallible = write!(out, "\n{table}");
    }
    if !against.is_empty() {
        let directory = directory.display();
        let _infallible =
            write!(out, "\nnext: ripcord prove {directory} --markdown FILE   every difference in full\n");
    }
    out
}

fn word(declared: Reversibility) -> &'static str {
    match declared {
        Reversibility::Reversible => "reversible",
        Reversibility::Partial => "at least partly reversible",
        Reversibility::OneWay => "testable",
    }
}

/// What the SQL says of itself, as data.
pub(super) fn findings_json(set: &Set, range: Range, findings: &[Finding]) -> serde_json::Value {
    serde_json::json!({
        "convention": set.convention,
        "hash": set.hash_to(range.end),
        "migrations": range.end - range.first,
        "ignored": set.ignored,
        "notes": set.notes,
        "findings": findings,
    })
}

/// What the SQL says of itself: what matters for the way back in full, habits as a number.
pub(super) fn findings(set: &Set, range: Range, findings: &[Finding]) -> String {
    let count = |risk: Risk| findings.iter().filter(|finding| finding.risk == risk).count();
    let mut out = format!(
        "{} migrations of {}: {} one-way, {} partial, {} break old code, {} lock\n",
        range.end - range.first,
        set.convention,
        count(Risk::OneWay),
        count(Risk::Partial),
        count(Risk::OldCode),
        count(Risk::Lock),
    );
    set.notes.iter().for_each(|note| paragraph(&mut out, note));
    let matter: Vec<&Finding> = findings.iter().filter(|finding| finding.risk != Risk::Style).collect();
    for finding in matter.iter().take(SHOWN) {
        let direction = match finding.direction {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        let Finding { file, line, column, .. } = finding;
        let _infallible = write!(
            out,
            "\n{}[{}]: {file}:{line}:{column} ({direction})\n",
            finding.risk.as_str(),
            finding.rule
        );
        paragraph(&mut out, &finding.text);
        paragraph(&mut out, &format!("= {}", finding.message));
    }
    if matter.len() > SHOWN {
        let _infallible = write!(out, "\nand {} more: --json has all\n", matter.len() - SHOWN);
    }
    let habits = count(Risk::Style);
    if habits > 0 {
        let _infallible = write!(out, "\n{habits} remarks on style: --json has them\n");
    }
    out.push_str("\nThis is reading, not proof: ripcord prove without --read-only runs them.\n");
    out
}

fn paragraph(out: &mut String, text: &str) {
    for line in wrap(text, WIDTH - 2) {
        let _infallible = writeln!(out, "  {line}");
    }
}
