//! `ripcord approve`: a named person agrees to a release before it ships, to a step of its way back, or to a hotfix that
//! does not wait for the end of a freeze.

use ripcord_engine::Command;
use ripcord_model::{
    ReleaseName,
    paper::{Expiry, NewFreezeException, NewPaper},
};

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::{CommandError, Exit},
    host::Desk,
    render,
};

/// Arguments of `ripcord approve`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release
    #[arg(value_parser = release_name)]
    release: ReleaseName,
    /// A step of the way back that waits for you, as `ripcord status` names it; without, the release itself
    step: Option<String>,
    /// As whom you approve the release
    #[arg(long, value_name = "TEXT", conflicts_with = "step")]
    role: Option<String>,
    /// Why you approve the release
    #[arg(long, value_name = "TEXT", conflicts_with = "step")]
    why: Option<String>,
    /// The blueprint you have looked at, or its first 8 digits or more; refused when the plan says something else by now
    #[arg(long, value_name = "HASH", conflicts_with = "step")]
    blueprint: Option<String>,
    /// Let a hotfix move although a freeze is in force or no window is open, and say why it cannot wait
    #[arg(long, value_name = "WHY", conflicts_with_all = ["step", "role", "why", "blueprint"], requires = "expires")]
    despite_freeze: Option<String>,
    /// Until when: a duration (4h) or an instant (2026-11-22T18:00Z); 3 days at most
    #[arg(long, value_name = "TIME", requires = "despite_freeze")]
    expires: Option<Expiry>,
}

const AFTER_HELP: &str = "\
Without a step the release is approved, as its plan stands now: whatever changes in the
plan afterwards voids the approval. The owner of the release cannot approve it, and no
agent can. Levels migration and data and one-way changes always need an approval,
others when ripcord.yaml says `gate: { approvals: 1 }`.

With a step: steps of level migration and data wait, when a release goes back, until an
approver who is not the owner has agreed.

With --despite-freeze: a release whose plan says `hotfix: WHY` may pass the gate and
climb its stages during a freeze and outside of windows, until the time given. It does
not approve the release.

Examples:
  ripcord plan exam-submit-v2 && ripcord approve exam-submit-v2 --role \"tech lead\"
  ripcord approve exam-submit-v2 undo-attempts
  ripcord approve exam-submit-v3 --despite-freeze \"answers are lost\" --expires 4h";

/// Records the approval, or sends the command and shows where the release is afterwards.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { release, step, role, why, blueprint, despite_freeze, expires } = arguments;
    if let Some(step) = step {
        return desk::send(context, &release, Command::Approve { step });
    }
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let noted = match despite_freeze.zip(expires) {
            Some((reason, expires)) => {
                desk.client.except_freeze(&release, &NewFreezeException { reason, expires }).await
            }
            None => desk.client.note(&release, NewPaper::Approval { role, why, blueprint }).await,
        };
        desk.close().await;
        let papers = noted.map_err(|error| desk::failure(context, error))?;
        let newest = papers
            .last()
            .ok_or_else(|| CommandError::refused("no-paper", "the approval is not on record"))?;
        let value = serde_json::to_value(newest).expect("a paper is plain data");
        context.answer(&value, &render::papers::noted(&release, newest, &context.look));
        Ok(Exit::Done)
    })
}
