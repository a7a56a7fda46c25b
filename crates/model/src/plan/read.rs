//! The plan as a whole.

use super::{BlindEntry, ChangeEntry, Comms, LastGood, PlanFile, Stages, back, paper, stages};
use crate::{
    ChangeClass, Reversibility,
    blueprint::{AdvanceOn, BlindAction, OutsideWhen},
    diagnostic::{Code, Diagnostics},
    service::read_chance,
    source::{Place, SourceFile, Spanned},
    yaml::{self, Fields, Found, Kind, Node, Reading, list, one_or_many},
};

/// Read a plan. The error lists every mistake in the file.
pub fn read_plan(source: &SourceFile) -> Result<PlanFile, Diagnostics> {
    let (root, mistakes) = yaml::parse(source).map_err(|diagnostic| Diagnostics::from(*diagnostic))?;
    let mut found = Found::new(&source.path, mistakes);
    let plan = Fields::open(&root, "the plan", Place::START, &mut found)
        .and_then(|fields| read_fields(fields, source, &mut found));
    found.finish(plan)
}

fn read_fields(mut fields: Fields<'_>, source: &SourceFile, found: &mut Found<'_>) -> Option<PlanFile> {
    let release = fields.required("release", "a name: `release: exam-submit-v2`", found);
    let release = release.and_then(|node| node.name(found));
    let version =
        fields.required("version", "what goes out: `version: v2`", found).and_then(|node| node.name(found));
    let artifact = fields.optional("artifact").and_then(|node| node.text(found));
    let last_good = fields.optional("last_good").and_then(|node| read_last_good(node, found));
    let owner = fields.required("owner", "a person: `owner: maya`", found).and_then(|node| node.name(found));
    let on_call = fields.optional("on_call").and_then(|node| node.name(found));
    let approvers = one_or_many(fields.optional("approvers"));
    let approvers = approvers.iter().filter_map(|node| node.name(found)).collect();
    let critical_path = fields.optional("critical_path").and_then(|node| node.boolean(found));
    let false_rollback = fields
        .optional("false_rollback")
        .and_then(|node| read_chance(node, "of a false rollback", "0.1%", found));
    let words = [("limits", AdvanceOn::Limits), ("evidence", AdvanceOn::Evidence)];
    let advance = fields.optional("advance").and_then(|node| node.word(&words, found));
    let changes =
        fields.required("changes", "a list: `- { id: …, class: code, back: { level: deploy } }`", found);
    let changes = changes.map(|node| read_changes(node, found));
    let ticket = fields.optional("ticket").and_then(|node| paper::read_ticket(node, found));
    let runbook = fields.optional("runbook").and_then(|node| node.text(found));
    let hotfix = fields.optional("hotfix").and_then(|node| paper::read_hotfix(node, found));
    let stages = match fields.entry("stages") {
        Some((_, node)) if node.kind != Kind::Null => stages::read(node, found),
        Some(_) | None => Some(Spanned::new(Stages::Standard, Place::START)),
    };
    let comms = fields.optional("comms").and_then(|node| read_comms(node, found)).unwrap_or_default();
    let blind = fields.optional("blind").and_then(|node| read_blind(node, found)).unwrap_or_default();
    let recovery = fields.optional("recovery").and_then(|node| node.duration(found));
    fields.finish(found);
    Some(PlanFile {
        path: source.path.clone(),
        release: release?,
        version: version?,
        artifact,
        last_good,
        owner: owner?,
        on_call,
        approvers,
        critical_path,
        false_rollback,
        advance,
        changes: changes?,
        ticket,
        hotfix,
        runbook,
        stages: stages?,
        comms,
        blind,
        recovery,
    })
}

fn read_last_good(node: &Node, found: &mut Found<'_>) -> Option<Spanned<LastGood>> {
    if matches!(node.kind, Kind::Text(_)) {
        let version: Spanned<crate::VersionName> = node.name(found)?;
        return Some(version.map(|version| LastGood { version, artifact: None }));
    }
    let mut fields = Fields::open(node, "last_good", node.place, found)?;
    let version = fields.required("version", "`version: v1`", found).and_then(|node| node.name(found));
    let artifact = fields.optional("artifact").and_then(|node| node.text(found));
    fields.finish(found);
    let version = version?.value;
    Some(Spanned::new(LastGood { version, artifact: artifact.map(|artifact| artifact.value) }, node.place))
}

fn read_changes(node: &Node, found: &mut Found<'_>) -> Vec<ChangeEntry> {
    let mut changes: Vec<ChangeEntry> = Vec::new();
    for item in list(node, found) {
        let Some(fields) = Fields::open(item, "this change", item.place, found) else { continue };
        let Some(change) = read_change(fields, found) else { continue };
        if changes.iter().any(|other| other.id.value == change.id.value) {
            let message = format!("two changes are called `{}`", change.id.value);
            found
                .error(Code::LISTED_TWICE, change.id.place, message)
                .expected("an id that no other change has");
        }
        changes.push(change);
    }
    changes
}

fn read_change(mut fields: Fields<'_>, found: &mut Found<'_>) -> Option<ChangeEntry> {
    let place = fields.place();
    let id =
        fields.required("id", "a short name: `id: submit-flow`", found).and_then(|node| read_id(node, found));
    let classes = [
        ("code", ChangeClass::Code),
        ("config", ChangeClass::Config),
        ("schema", ChangeClass::Schema),
        ("data", ChangeClass::Data),
        ("contract", ChangeClass::Contract),
    ];
    let class = fields.required("class", "one of: code, config, schema, data, contract", found);
    let class = class.and_then(|node| node.word(&classes, found));
    let summary = fields.optional("summary").and_then(|node| node.text(found));
    let words = [
        ("reversible", Reversibility::Reversible),
        ("partial", Reversibility::Partial),
        ("one-way", Reversibility::OneWay),
    ];
    let reversibility = fields.optional("reversibility").and_then(|node| node.word(&words, found));
    let migrations = fields.optional("migrations").and_then(|node| node.text(found));
    let from = fields.optional("from").and_then(|node| node.text(found));
    let to = fields.optional("to").and_then(|node| node.text(found));
    let back = fields.optional("back").and_then(|node| back::read(node, found));
    let contain = fields.optional("contain").and_then(|node| node.text(found));
    let risk = fields.optional("accepted_risk").and_then(|node| paper::read_accepted_risk(node, found));
    fields.finish(found);
    Some(ChangeEntry {
        place,
        id: id?,
        class: class?,
        summary,
        reversibility,
        migrations,
        from,
        to,
        back,
        contain,
        accepted_risk: risk,
    })
}

/// An id stands in the names of steps, so it is as plain as a release's name.
fn read_id(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    match crate::ReleaseName::new(text.value) {
        Ok(name) => Some(Spanned::new(name.into(), node.place)),
        Err(error) => {
            found.error(Code::INVALID_NAME, node.place, "this is not an id").expected(error.expected);
            None
        }
    }
}

fn read_comms(node: &Node, found: &mut Found<'_>) -> Option<Comms> {
    let mut fields = Fields::open(node, "comms", node.place, found)?;
    let before = one_or_many(fields.optional("before")).iter().filter_map(|node| node.text(found)).collect();
    let outside_after = fields.optional("outside_after").and_then(|node| node.duration(found));
    let words = [("confirmed", OutsideWhen::Confirmed), ("automatic", OutsideWhen::Automatic)];
    let outside = fields.optional("outside").and_then(|node| node.word(&words, found));
    let update_every = fields.optional("update_every").and_then(|node| node.duration(found));
    let templates = one_or_many(fields.optional("templates"));
    let templates = templates.iter().filter_map(|node| node.text(found)).collect();
    fields.finish(found);
    Some(Comms { before, outside_after, outside, update_every, templates })
}

fn read_blind(node: &Node, found: &mut Found<'_>) -> Option<BlindEntry> {
    let mut fields = Fields::open(node, "blind", node.place, found)?;
    let after = fields.optional("after").and_then(|node| node.duration(found));
    let deadline = fields.optional("deadline").and_then(|node| node.duration(found));
    let words = [("rollback", BlindAction::Rollback), ("ask", BlindAction::Ask)];
    let then = fields.optional("then").and_then(|node| node.word(&words, found));
    fields.finish(found);
    Some(BlindEntry { after, deadline, then })
}
