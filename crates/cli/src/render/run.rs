//! A runbook while it runs, and how it ended.

use ripcord_model::Duration;
use ripcord_runbook::{ExecutedStep, Runbook, Step, StepKind, execution::Phase};
use ripcord_runner::{Ending, Event, Options, RunReport, StepReport, console::Question};
use serde_json::{Value, json};

use super::{
    layout::{Rows, WIDTH, table, unbroken, wrap},
    look::{Look, Tone},
    words,
};
use crate::running::expected;

/// One event, as one line or a few, each ended by a line break.
pub fn event(event: &Event, look: &Look) -> String {
    match event {
        Event::Began { run, steps, budget, resumed } => {
            let how = if *resumed { " goes on" } else { "" };
            format!("{run}{how}: {}, budget {}\n", words::counted(*steps as u64, "step"), budget.human())
        }
        Event::StepBegan { step, number, of, kind, attempt, budget, .. } => {
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            format!("{number}/{of} {step} ({kind}{again}) …, budget {}\n", budget.human())
        }
        Event::Line { text, .. } => format!("  | {text}\n"),
        Event::Again { step, tries, why } => format!("  {step}: not yet (try {tries}): {why}\n"),
        Event::Message { channel, text, sent, .. } => {
            let how = sent.as_ref().map_or_else(|| "not sent".to_owned(), |whom| format!("sent to {whom}"));
            let quoted: String = text.lines().map(|line| format!("  > {line}\n")).collect();
            format!("message for {channel}, {how}:\n{quoted}")
        }
        Event::StepEnded { step, took, budget, failed, said } => {
            ended(step.as_str(), *took, *budget, failed, said, look)
        }
        Event::Skipped { step, reason } => {
            format!("{}\n", look.paint(Tone::Warning, &format!("- {step} skipped: {reason}")))
        }
        Event::NeedsApproval { run, step } => {
            let who = "somebody other than who runs this has to agree";
            let text = format!("{step} waits: {who}. They type: ripcord runbook approve {run} {step}");
            format!("{}\n", look.paint(Tone::Warning, &text))
        }
        Event::Note { text } => format!("{}\n", look.paint(Tone::Warning, &format!("note: {text}"))),
    }
}

fn ended(
    step: &str,
    took: Duration,
    budget: Duration,
    failed: &Option<String>,
    said: &[String],
    look: &Look,
) -> String {
    let time = format!("{} of {}", took.human(), budget.human());
    let Some(why) = failed else {
        let (tone, over) =
            if took > budget { (Tone::Warning, ", over its budget") } else { (Tone::Good, "") };
        return format!("{}\n", look.paint(tone, &format!("✓ {step} done in {time}{over}")));
    };
    let mut text = format!("{}\n", look.paint(Tone::Bad, &format!("✗ {step} failed after {time}: {why}")));
    for line in said {
        text.push_str(&format!("  | {line}\n"));
    }
    text
}

/// A question with what may be typed, ready for an answer on the same line.
pub fn question(question: &Question, look: &Look) -> String {
    let role = question.role.map_or_else(String::new, |role| format!(" ({role})"));
    let within = question.within.map_or_else(String::new, |within| format!(", within {}", within.human()));
    let mut text = format!("\n{}\n", look.paint(Tone::Strong, &format!("{}{role}", question.step)));
    for line in wrap(&question.text, WIDTH - 2) {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str(&format!("  {}{within}: ", expected(&question.accepts)));
    text
}

/// How a run ended: the answer, the steps against their budgets, what to type next.
pub fn report(report: &RunReport, look: &Look) -> String {
    let (tone, answer) = answer(report);
    let mut text = String::from("\n");
    for line in wrap(&answer, WIDTH) {
        text.push_str(&format!("{}\n", look.paint(tone, &line)));
    }
    let time = time(report);
    text.push_str(&format!("{time}\n\n"));
    let rows: Vec<Vec<String>> = report.steps.iter().map(row).collect();
    for line in table(&["step", "", "machine", "people", "budget"], &rows, &[2, 3, 4]) {
        text.push_str(&format!("  {line}\n"));
    }
    text.push('\n');
    let mut rows = Rows::new(look);
    for note in &report.notes {
        rows.row("note", note);
    }
    rows.row("journal", &report.journal.display().to_string());
    for line in next(report) {
        rows.row("next", &unbroken(&line));
    }
    text.push_str(&rows.finish());
    text
}

fn answer(report: &RunReport) -> (Tone, String) {
    let run = &report.run;
    match &report.ending {
        Ending::Done => (Tone::Good, format!("Done: {run}")),
        Ending::Stuck { step, why } => (Tone::Alarm, format!("Stuck at {step}: {why}")),
        Ending::NeedsPerson { step, why, .. } => (Tone::Warning, format!("Waiting at {step}: {why}")),
        Ending::Left { step: Some(step) } => (Tone::Warning, format!("Left at {step}, which was ended")),
        Ending::Left { step: None } => (Tone::Warning, format!("Left: {run}")),
        Ending::Stopped { reason } => (Tone::Warning, format!("Given up: {reason}")),
    }
}

fn time(report: &RunReport) -> String {
    let took = report.took;
    let mut parts = vec![format!("machine {}", took.machine.human())];
    for (what, time) in [("people", took.human), ("nobody there", took.down)] {
        if time > Duration::ZERO {
            parts.push(format!("{what} {}", time.human()));
        }
    }
    let over = if report.over { ", over its budget" } else { "" };
    format!("{} of {}{over} ({})", took.total().human(), report.budget.human(), parts.join(", "))
}

fn row(step: &StepReport) -> Vec<String> {
    let state = match &step.state {
        Phase::Pending => "not begun",
        Phase::Running { .. } | Phase::Interrupted { .. } => "interrupted",
        Phase::Ran { .. } => "not verified",
        Phase::Failed { .. } => "failed",
        Phase::Skipped { .. } => "skipped",
        Phase::Done if step.over => "done, over",
        Phase::Done => "done",
    };
    let shown = |time: Duration| if time == Duration::ZERO { "–".to_owned() } else { time.human() };
    let (machine, people) = (shown(step.took.machine), shown(step.took.human));
    vec![super::layout::cut(step.step.as_str(), 30), state.to_owned(), machine, people, step.budget.human()]
}

fn next(report: &RunReport) -> Vec<String> {
    let resume = format!("ripcord runbook resume {}", report.run);
    match &report.ending {
        Ending::Done | Ending::Stopped { .. } => Vec::new(),
        Ending::Left { .. } => vec![format!("{resume}   goes on")],
        Ending::NeedsPerson { interrupted: false, .. } => vec![format!("{resume}   at a terminal")],
        Ending::NeedsPerson { step, .. } | Ending::Stuck { step, .. } => vec![
            format!("{resume}   asks, at a terminal; or:"),
            format!("{resume} --again {step} --reason \"…\""),
            format!("{resume} --done {step} --reason \"I looked: …\""),
            format!("{resume} --skip {step} --reason \"…\""),
        ],
    }
}

/// What would be run, as data and as text. Nothing is.
pub fn dry_run(runbook: &Runbook, options: &Options, look: &Look) -> (Value, String) {
    let left_out = |step: &Step| {
        let before = options.from.as_ref().is_some_and(|(first, _)| {
            runbook.number(first).is_some_and(|first| runbook.number(&step.id.value) < Some(first))
        });
        before || options.skip.iter().any(|(skipped, _)| *skipped == step.id.value)
    };
    let mut text = format!(
        "{}\n",
        look.paint(Tone::Strong, &format!("{}: nothing is run, this is what would be", runbook.name.value))
    );
    let mut steps = Vec::new();
    for (position, step) in runbook.steps.iter().enumerate() {
        let skipped = left_out(step);
        let number = position + 1;
        let how = if skipped { "skipped".to_owned() } else { format!("budget {}", step.budget().human()) };
        let head =
            format!("{number}/{} {} ({}), {how}", runbook.steps.len(), step.id.value, step.kind.word());
        text.push_str(&format!(
            "\n{}\n",
            look.paint(if skipped { Tone::Quiet } else { Tone::Strong }, &head)
        ));
        if !skipped {
            text.push_str(&body(step, options));
        }
        steps.push(json!({ "number": number, "skipped": skipped, "does": ExecutedStep::from(step) }));
    }
    (json!({ "runbook": runbook.name.value, "hash": runbook.hash, "dry_run": true, "steps": steps }), text)
}

fn body(step: &Step, options: &Options) -> String {
    let fill =
        |text: &str| options.values.fill(text).unwrap_or_else(|missing| format!("{text}\n({missing})"));
    let what = match &step.kind {
        StepKind::Run(command) => command.script.value.clone(),
        StepKind::Manual { question, confirmation } => {
            let words = confirmation.as_ref().map_or("yes", |words| &words.value);
            format!("{}\ntype {}", fill(question).trim_end(), fill(words))
        }
        StepKind::Check(condition) => format!("wait until {}", condition.value),
        StepKind::Flag { flag, on } => format!("switch {} {}", flag.value, if *on { "on" } else { "off" }),
        StepKind::Traffic => "send all traffic to last good".to_owned(),
        StepKind::Deploy => "take the candidate down".to_owned(),
        StepKind::Migrate { change } => format!("undo the migrations of {}", change.value),
        StepKind::Restore { change } => format!("restore the data of {}", change.value),
        StepKind::Template(template) => format!("to {}: {}", template.channel.value, fill(&template.text)),
    };
    let verify = step.verify.as_ref().map(|verify| {
        let (every, timeout) = (verify.every().human(), verify.timeout().human());
        format!("until this passes, every {every} for {timeout}:\n{}", verify.command.script.value)
    });
    let lines = std::iter::once(what).chain(verify);
    let lines: Vec<String> =
        lines.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.iter().map(|line| format!("  {}\n", ripcord_runner::process::printable(line.as_bytes()))).collect()
}
