//! `ripcord audit explain`: a release's verdicts computed once more from the record, and told in words.

mod derivation;

use ripcord_conductor::{ConductorError, verdicts_again};
use ripcord_engine::{Agreement, Recomputed, VerdictKind};
use ripcord_model::ReleaseName;
use ripcord_server::Verification;
use ripcord_store::SqliteStore;

use super::verified_here;
use crate::{
    commands::Ended,
    context::{Context, release_name},
    failure::{CommandError, Exit},
    record,
};

pub(super) const AFTER_HELP: &str = "\
Takes the release's facts from the ledger and its observations from the block log, folds
both once more, and compares every number of every verdict with what was recorded, bit for
bit. Then it tells the derivation of the last verdict that sent the release back or
contained it; with --all, of every verdict. Reads the state directory, beside a running
server or without one, and changes nothing. Exit status 1 when something differs, or when
the record itself does not verify.

Examples:
  ripcord audit explain exam-submit-v2
  ripcord audit explain exam-submit-v2 --all
  ripcord audit explain exam-submit-v2 --json | jq .verdicts[].agreement";

/// Arguments of `ripcord audit explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// Derive every verdict, not only the one that decided
    #[arg(long)]
    all: bool,
}

/// Computes again and tells.
pub(super) fn run(context: &Context, arguments: Explain) -> Ended {
    if context.server.is_some() {
        return Err(CommandError::usage("`audit explain` reads the state directory, not a server")
            .hinted("ripcord audit explain on the server's machine, with --state DIR"));
    }
    let Explain { release, all } = arguments;
    let verification = verified_here(context)?;
    let verdicts = computed_again(context, &release)?;
    let same = verdicts.iter().all(|verdict| verdict.agreement() != Agreement::Different);
    let value = json(&release, &verification, &verdicts);
    let text = derivation::text(&release, &verification, &verdicts, all, &context.look);
    context.answer(&value, &text);
    Ok(if same && verification.verified { Exit::Done } else { Exit::Refused })
}

fn computed_again(context: &Context, release: &ReleaseName) -> Result<Vec<Recomputed>, CommandError> {
    let state = context.state()?;
    let unreadable = |error: ConductorError| {
        let message = format!("the verdicts of {release} cannot be computed again");
        CommandError::refused("unreadable-record", message).because(error).hinted("ripcord audit verify")
    };
    let store = SqliteStore::open_read_only(&state).map_err(|error| unreadable(error.into()))?;
    let Some(store) = store else { return Err(unknown(context, release)) };
    match verdicts_again(&store, release) {
        Ok(verdicts) => Ok(verdicts),
        Err(ConductorError::NoSuchRelease(_)) => Err(unknown(context, release)),
        Err(error) => Err(unreadable(error)),
    }
}

fn unknown(context: &Context, release: &ReleaseName) -> CommandError {
    let known: Vec<String> = context
        .state()
        .and_then(|state| record::statuses(&state, crate::surroundings::now()))
        .unwrap_or_default()
        .iter()
        .map(|status| status.release.to_string())
        .collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    CommandError::refused(
        "no-such-release",
        format!("the record knows no release {release}; it knows: {known}"),
    )
    .hinted("ripcord status")
}

fn json(release: &ReleaseName, verification: &Verification, verdicts: &[Recomputed]) -> serde_json::Value {
    let verdicts: Vec<_> = verdicts
        .iter()
        .map(|verdict| {
            serde_json::json!({
                "position": verdict.position,
                "at": verdict.at,
                "agreement": agreement(verdict.agreement()),
                "recorded": verdict.recorded,
                "again": verdict.again,
            })
        })
        .collect();
    serde_json::json!({ "release": release, "record": verification, "verdicts": verdicts })
}

const fn agreement(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Same => "same",
        Agreement::Different => "different",
        Agreement::NotRecorded => "not-recorded",
    }
}

/// Whether a verdict changed what users get.
const fn decided(kind: VerdictKind) -> bool {
    match kind {
        VerdictKind::Rollback | VerdictKind::Contain => true,
        VerdictKind::Advance | VerdictKind::Hold | VerdictKind::Blind => false,
    }
}
