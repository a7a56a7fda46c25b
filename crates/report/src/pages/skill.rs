//! The procedure for coding agents: front matter, gates, commands, and the points where a person decides.

use crate::{
    cited::Cited,
    document::{Block, Document},
    markdown::markdown,
    report::Report,
    words::{list, word},
};

/// The longest name of a skill, in characters.
const NAME_MAX: usize = 64;

/// `SKILL.md`.
pub fn skill(report: &Report) -> String {
    let name: String = format!("release-{}", report.release)
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(NAME_MAX)
        .collect();
    let description = format!(
        "Plan, check, watch and pull the release {} of {} with ripcord. Use it when asked about this release, or when \
         something seems wrong after it.",
        report.release, report.service
    );
    // A JSON string is a YAML string, whatever stands in it.
    let quoted = serde_json::to_string(&description).expect("a string always serialises");
    let document = Document { title: format!("Release {}", report.release), blocks: blocks(report) };
    format!("---\nname: {}\ndescription: {quoted}\n---\n{}", name.trim_end_matches('-'), markdown(&document))
}

fn blocks(report: &Report) -> Vec<Block> {
    let release = &report.release;
    let mut blocks = vec![
        Block::Paragraph(report.headline.clone()),
        Block::says(
            "An agent may plan, check, watch and ask. It never approves, overrides or declares complete: \
                     those need a named person, and the server refuses anybody else. Say which agent you are:",
        ),
        Block::Commands(vec!["export RIPCORD_ACTOR=name-of-the-agent".to_owned()]),
        Block::Heading("Look".to_owned()),
        Block::Commands(vec![
            format!("ripcord status {release} --json"),
            format!("ripcord gate {release} --json"),
            format!("ripcord report {release} --format json"),
        ]),
        Block::Heading("Gates".to_owned()),
    ];
    blocks.extend(gates(report));
    blocks.push(Block::Heading("Procedure".to_owned()));
    blocks.push(Block::says("Forward. Stop at every refusal, and tell the person what it says:"));
    blocks.push(Block::Commands(vec![
        "ripcord lint".to_owned(),
        format!("ripcord plan {release}"),
        format!("ripcord rehearse {release}"),
        format!("ripcord gate {release}"),
        format!("ripcord ship {release}"),
    ]));
    blocks.push(Block::says("Back, when something is wrong. No check is needed and no freeze holds it:"));
    blocks.push(Block::Commands(vec![format!("ripcord rollback {release} --why \"what you see\"")]));
    blocks.push(Block::Heading("Where a person decides".to_owned()));
    blocks.push(Block::List(approvals(report)));
    blocks
}

fn gates(report: &Report) -> Vec<Block> {
    let Some(answer) = report.gate.last() else {
        return vec![Block::says("The gate has not answered yet. Unknown blocks like a failure.")];
    };
    let checks = answer.checks.iter().map(|check| check.check.as_str());
    let text = format!("The gate asked: {}. Unknown blocks like a failure", list(checks));
    vec![Block::Paragraph(Cited::at(text, [answer.at.entry]))]
}

fn approvals(report: &Report) -> Vec<Cited> {
    let mut said = vec![
        Cited::plain(format!("To ship it to production: ripcord approve {}", report.release)),
        Cited::plain(format!(
            "To enter all traffic: ripcord promote {}, or the on-call person is there",
            report.release
        )),
        Cited::plain(format!("To declare it complete after validation: ripcord complete {}", report.release)),
    ];
    for procedure in &report.procedures {
        for step in procedure.steps.iter().filter(|step| step.needs_approval) {
            let text = format!(
                "Step {} of the way back, by somebody who does not own the release: ripcord approve {} {}",
                step.id,
                report.release,
                word(&step.id)
            );
            said.push(Cited::at(text, [report.created]));
        }
    }
    said.extend(report.decisions.people.iter().cloned());
    said
}
