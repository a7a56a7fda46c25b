//! The way back without a server: executes the compiled file and says what happens as it happens.

use ripcord_model::{Duration, ReleaseName};
use ripcord_server::offline::{Ending, Progress, Report, Request, rollback_offline};

use crate::{
    commands::Ended,
    context::Context,
    desk,
    failure::Exit,
    output,
    render::{Look, Tone},
    surroundings,
};

/// Executes the way back of `release` from its file.
pub fn rollback(context: &Context, release: ReleaseName, why: String, force: bool) -> Ended {
    let state = context.state()?;
    // Commands of the blueprint run in the service's root; without one the state directory's parent stands for it.
    let root =
        context.root().or_else(|error| state.parent().map(|parent| parent.to_path_buf()).ok_or(error))?;
    let ripcord_program = surroundings::own_program()?;
    let request = Request { state, root, ripcord_program, release, by: context.actor()?, why, force };
    let mut tell = |progress: Progress| {
        if !context.json {
            output::line(&line(&progress, &context.look));
        }
    };
    let report = desk::runtime()?.block_on(rollback_offline(request, &mut tell)).map_err(desk::refused)?;
    context.answer(
        &serde_json::to_value(&report).expect("a report is plain data"),
        &summary(&report, &context.look),
    );
    Ok(match report.ending {
        Ending::RolledBack => Exit::RolledBack,
        Ending::Stuck { .. } => Exit::Stuck,
    })
}

fn line(progress: &Progress, look: &Look) -> String {
    match progress {
        Progress::Began { blueprint, steps } => format!("blueprint {blueprint} verified, {steps} steps"),
        Progress::StepBegan { step, level } => format!("{step} ({level}) …"),
        Progress::Again { step, reason } => look.paint(Tone::Warning, &format!("{step} again: {reason}")),
        Progress::StepEnded(step) => {
            let took = Duration::from_ms(step.took_ms).human();
            let budget = Duration::from_ms(step.budget_ms).human();
            match &step.failed {
                None => look.paint(Tone::Good, &format!("{} done in {took} of {budget}", step.step)),
                Some(reason) => {
                    look.paint(Tone::Bad, &format!("{} failed after {took}: {reason}", step.step))
                }
            }
        }
        Progress::Trouble { text } => look.paint(Tone::Warning, text),
    }
}

fn summary(report: &Report, look: &Look) -> String {
    let took = Duration::from_ms(report.took_ms).human();
    let (tone, answer) = match &report.ending {
        Ending::RolledBack => {
            (Tone::Calm, format!("Rolled back {} in {took}, without a server", report.release))
        }
        Ending::Stuck { step, reason, bleeding_stopped } => {
            let bleeding = if *bleeding_stopped {
                "no traffic reaches it any more"
            } else {
                "traffic may still reach it"
            };
            (Tone::Alarm, format!("Stuck at {step} after {took}; {bleeding}: {reason}"))
        }
    };
    let mut text = format!("\n{}\n\n", look.paint(tone, &answer));
    for trouble in &report.troubles {
        text.push_str(&format!("  note       {trouble}\n"));
    }
    text.push_str(&format!("  journal    {}\n", report.journal.display()));
    text.push_str("  next       ripcord serve   takes the journal into the record\n");
    text
}
