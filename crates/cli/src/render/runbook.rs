//! A runbook as its steps: what each does, how long it may take, what ends it.

use ripcord_model::Duration;
use ripcord_runbook::{Runbook, Step, StepKind};

use super::{
    layout::{Rows, WIDTH, cut, wrap},
    look::{Look, Tone},
    words,
};

/// The runbook, the answer first.
pub fn runbook(runbook: &Runbook, look: &Look) -> String {
    let budgets = Duration::from_ms(runbook.steps.iter().map(|step| step.budget().as_ms()).sum());
    let title = format!(
        "{}: {} in {} of a budget of {}",
        runbook.name.value,
        words::counted(runbook.steps.len() as u64, "step"),
        if budgets == Duration::ZERO { "no time".to_owned() } else { budgets.human() },
        runbook.budget.value.human()
    );
    let mut text = String::new();
    for line in wrap(&title, WIDTH) {
        text.push_str(&format!("{}\n", look.paint(Tone::Strong, &line)));
    }
    text.push('\n');
    text.push_str(&about(runbook, look));
    for (position, step) in runbook.steps.iter().enumerate() {
        text.push('\n');
        text.push_str(&numbered(position + 1, step, look));
    }
    if !runbook.templates.is_empty() {
        text.push('\n');
        text.push_str(&messages(runbook, look));
    }
    text
}

fn about(runbook: &Runbook, look: &Look) -> String {
    let mut rows = Rows::new(look);
    rows.row("file", &runbook.path);
    rows.row("owner", runbook.owner.as_str());
    let trigger =
        runbook.trigger.as_ref().map_or_else(|| "a person".to_owned(), |trigger| trigger.to_string());
    rows.row("trigger", &trigger);
    for access in &runbook.access {
        rows.row("access", access);
    }
    match &runbook.rehearse {
        Some(rehearse) => {
            let every = rehearse.every.human();
            rows.row("rehearsed", &format!("in {}, every {every}", rehearse.environment.value));
        }
        None => rows.row("rehearsed", "it does not say where and how often"),
    }
    rows.row(
        "hash",
        &format!("{} file, {} what it executes", runbook.hash.short(), runbook.executed.short()),
    );
    rows.finish()
}

fn numbered(number: usize, step: &Step, look: &Look) -> String {
    let mut parts = vec![step.id.value.to_string(), step.kind.word().to_owned()];
    parts.extend(step.level().map(|level| format!("level {level}")));
    parts.extend(step.role.map(|role| format!("role {}", role.value)));
    parts.push(match step.budget {
        Some(budget) => format!("budget {}", budget.value.human()),
        None => "no budget".to_owned(),
    });
    parts.push(match step.timeout {
        Some(timeout) => format!("timeout {}", timeout.value.human()),
        None => format!("no timeout, {} assumed", step.timeout().human()),
    });
    let mut lines = wrap(&parts.join(" · "), WIDTH - 6).into_iter();
    let first = lines.next().unwrap_or_default();
    let mut text = format!("{:>4}  {}\n", number, look.paint(Tone::Strong, &first));
    let below = [cut(&what(step), 2 * (WIDTH - 6)), format!("ends {}", end(step))];
    let below = below.iter().flat_map(|line| wrap(line, WIDTH - 6));
    for line in lines.chain(below) {
        text.push_str(&format!("      {line}\n"));
    }
    text
}

fn what(step: &Step) -> String {
    match &step.kind {
        StepKind::Run(command) => {
            let lines = command.script.lines().filter(|line| !line.trim().is_empty());
            let (first, others) =
                (lines.clone().next().unwrap_or("").trim(), lines.count().saturating_sub(1));
            let again = if step.idempotent { "; may be repeated" } else { "" };
            let first = cut(first, WIDTH - 30);
            match others {
                0 => format!("`{first}`{again}"),
                _ => format!("`{first}` and {}{again}", words::counted(others as u64, "more line")),
            }
        }
        StepKind::Manual { question, .. } => question.lines().next().unwrap_or("").to_owned(),
        StepKind::Check(condition) => format!("waits for {}", **condition),
        StepKind::Flag { flag, on } => format!("{} {}", flag.value, if *on { "on" } else { "off" }),
        StepKind::Traffic => "all traffic to last good".to_owned(),
        StepKind::Deploy => "the candidate stops, last good runs alone".to_owned(),
        StepKind::Migrate { change } => format!("undoes the migrations of {}", change.value),
        StepKind::Restore { change } => format!("restores the data of {}", change.value),
        StepKind::Template(template) => format!("a message to {}", template.channel.value),
    }
}

fn end(step: &Step) -> String {
    if let Some(verify) = &step.verify {
        let (every, timeout) = (verify.every().human(), verify.timeout().human());
        return format!("when its verification passes, tried every {every} for {timeout}");
    }
    match &step.kind {
        StepKind::Run(_) => "with its script; nothing verifies it".to_owned(),
        StepKind::Manual { confirmation: Some(typed), .. } => format!("when `{}` is typed", typed.value),
        StepKind::Manual { confirmation: None, .. } => "when somebody says yes".to_owned(),
        StepKind::Check(_) => "when the condition holds".to_owned(),
        StepKind::Flag { .. }
        | StepKind::Traffic
        | StepKind::Deploy
        | StepKind::Migrate { .. }
        | StepKind::Restore { .. } => "when it has been read back".to_owned(),
        StepKind::Template(_) => "when it is sent".to_owned(),
    }
}

fn messages(runbook: &Runbook, look: &Look) -> String {
    let mut rows = Rows::new(look);
    for template in &runbook.templates {
        let status =
            template.status.as_ref().map_or_else(String::new, |status| format!(" ({})", status.value));
        rows.row("messages", &format!("{}{status}, line {}", template.channel.value, template.place.line));
    }
    rows.finish()
}
