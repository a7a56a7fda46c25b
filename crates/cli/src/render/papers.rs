//! Papers as people read them: one sentence each.

mod overrides;
mod runbook;
mod telling;

use ripcord_model::{
    ReleaseName,
    blueprint::Difference,
    paper::{Noted, Paper, Sheet},
};

use super::{
    layout::{Rows, cut},
    look::{Look, Tone},
};

/// How much of a value of a difference is shown, in characters.
const VALUE: usize = 60;

/// What a paper says.
pub fn sentence(paper: &Paper) -> String {
    match paper {
        Paper::ReleaseApproved { blueprint, role, why } => {
            let role = role.as_ref().map_or_else(String::new, |role| format!(" as {role}"));
            let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
            format!("approved{role}, blueprint {}{why}", blueprint.short())
        }
        Paper::ResultRecorded { of, artifact, file, counts } => {
            let counts = counts.map_or_else(|| "not counted".to_owned(), |counts| counts.to_string());
            format!("{} of {}: {counts} ({})", of.word(), artifact.version, short(file))
        }
        Paper::MessageRecorded { to, artifact, file } => {
            format!("{to} told about {} ({})", artifact.version, short(file))
        }
        Paper::ConfigDiffReviewed { differences } => {
            let digits = differences.get(..12).unwrap_or(differences);
            format!("differences between staging and production reviewed ({digits})")
        }
        Paper::RehearsalWarned(warned) => format!("people were told: {}", warned.text),
        Paper::RunbookRun(run) => runbook::run(run),
        Paper::RunbookStepApproved(approved) => runbook::approved(approved),
        Paper::CheckOverridden(overridden) => overrides::overridden(overridden),
        Paper::PostmortemOpened(opened) => overrides::opened(opened),
        Paper::PostmortemClosed(closed) => overrides::closed(closed),
        Paper::MessageSent(sent) => telling::sent(sent),
        Paper::MessageFailed(failed) => telling::failed(failed),
        Paper::MessageConfirmed(confirmed) => telling::confirmed(confirmed),
        Paper::SilencePlaced(placed) => telling::placed(placed),
        Paper::SilenceRemoved(removed) => telling::removed(removed),
        Paper::AlertReceived(alert) => telling::alert(alert),
        Paper::FreezeExcepted(exception) => overrides::excepted(exception),
    }
}

fn short(file: &Sheet) -> String {
    format!("{}, SHA-256 {}", file.name, file.sha256.get(..12).unwrap_or(&file.sha256))
}

/// A paper that has just been put on record.
pub fn noted(release: &ReleaseName, noted: &Noted, look: &Look) -> String {
    let title = look.paint(Tone::Good, &format!("On record for {release}, by {}", noted.by));
    let mut rows = Rows::new(look);
    rows.row("what", &sentence(&noted.paper));
    if let Paper::ResultRecorded { counts: Some(counts), .. } = &noted.paper
        && !counts.is_good()
    {
        rows.painted("mind", "a result that is not good blocks the gate", Some(Tone::Warning));
    }
    rows.row("next", &format!("ripcord gate {release}"));
    format!("{title}\n\n{}", rows.finish())
}

/// All papers of a release.
pub fn list(release: &ReleaseName, papers: &[Noted], look: &Look) -> String {
    if papers.is_empty() {
        return format!("Nothing is on record for {release}.\n");
    }
    let mut text = String::new();
    for noted in papers {
        let line = format!("{}  {:<9} {}", look.full(noted.at), noted.by, sentence(&noted.paper));
        text.push_str(&format!("{line}\n"));
    }
    text
}

/// The differences between staging and production.
pub fn differences(differences: &[Difference], look: &Look) -> String {
    if differences.is_empty() {
        return "Staging and production are bound alike.\n".to_owned();
    }
    let mut text = String::new();
    for Difference { at, staging, production } in differences {
        let value =
            |value: &Option<String>| value.as_ref().map_or_else(|| "–".to_owned(), |text| cut(text, VALUE));
        text.push_str(&format!("{}\n", look.paint(Tone::Strong, at)));
        text.push_str(&format!("  staging     {}\n  production  {}\n", value(staging), value(production)));
    }
    text
}

#[cfg(test)]
mod tests {
    use ripcord_model::{
        Actor, Person, Timestamp,
        blueprint::{Artifact, RecordKind},
        paper::Counts,
    };

    use super::*;

    fn result(failed: u64) -> Noted {
        let artifact = Artifact { version: "v2".parse().unwrap(), artifact: None, digest: None };
        let file = Sheet { name: "junit.xml".to_owned(), sha256: "ab".repeat(32), bytes: 7 };
        let counts = Some(Counts { tests: 12, failed, skipped: 0 });
        let paper = Paper::ResultRecorded { of: RecordKind::Test, artifact, file, counts };
        Noted { at: Timestamp::from_ms(0), by: Actor::person(Person::new("maya").unwrap()), paper }
    }

    #[test]
    fn what_was_recorded_is_said_and_what_is_not_good_too() {
        let release = ReleaseName::new("exam-submit-v2").unwrap();
        insta::assert_snapshot!(noted(&release, &result(1), &Look::plain()), @r"
        On record for exam-submit-v2, by maya

          what       test of v2: 12 tests, 1 failed (junit.xml, SHA-256 abababababab)
          mind       a result that is not good blocks the gate
          next       ripcord gate exam-submit-v2
        ");
        assert!(!noted(&release, &result(0), &Look::plain()).contains("mind"));
        assert_eq!(list(&release, &[], &Look::plain()), "Nothing is on record for exam-submit-v2.\n");
    }
}
