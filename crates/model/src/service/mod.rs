//! `ripcord.yaml`: what a service is, where it runs and what is measured.
//!
//! Owns: the keys of the file, their defaults, and the readers that report every mistake with its place.
//! Refuses to know: whether the whole makes sense, which is lint's.

mod calendar;
mod channels;
mod checks;
#[cfg(test)]
mod checks_tests;
mod ci;
mod commands;
mod environment;
mod evidence;
mod freeze;
mod gate;
mod paperwork;
mod rehearse;
mod router;
mod signal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::{
    Duration, EnvironmentName, Person, ServiceName, SignalName,
    blueprint::{AlertRules, Channel, Environment, Harm, Measure, Rule, Signal},
    diagnostic::{Code, Diagnostics},
    source::{Place, SourceFile, Spanned},
    yaml::{self, Fields, Found, Kind, Reading},
};

pub use calendar::Calendar;
pub use evidence::EvidenceEntry;
pub(crate) use evidence::read_chance;
pub use gate::{GateEntry, GatePlaces};
pub use paperwork::PaperworkEntry;
pub(crate) use signal::read_rules;

/// `ripcord.yaml`, read: every value understood, every default filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceFile {
    /// The file.
    pub path: String,
    /// What is released.
    pub service: Spanned<ServiceName>,
    /// The team that owns it.
    pub owner: Spanned<Person>,
    /// Where it runs; the place is that of the environment's name.
    pub environments: BTreeMap<EnvironmentName, Spanned<Environment>>,
    /// Where parts of them are written.
    pub places: BTreeMap<EnvironmentName, EnvironmentPlaces>,
    /// What is measured, in the order of the file.
    pub signals: Vec<SignalEntry>,
    /// How evidence is weighed, as far as the author says.
    pub evidence: EvidenceEntry,
    /// What the gate asks for beyond what it always asks.
    pub gate: GateEntry,
    /// Freezes and windows of every environment.
    pub calendar: Calendar,
    /// Through what people are told in an incident; the place is that of the channel's name.
    pub channels: Vec<Spanned<Channel>>,
    /// What alerts that come in lead to; without it none is let in.
    pub alerts: Option<AlertRules>,
}

/// Where parts of an environment are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentPlaces {
    /// The workload.
    pub workload: Place,
    /// The freezes, in their order.
    pub freeze: Vec<Place>,
    /// The notices, in their order.
    pub notify: Vec<Place>,
    /// The windows in which releases may begin, in their order.
    pub window: Vec<Place>,
}

/// A signal of `ripcord.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalEntry {
    /// Its name.
    pub name: Spanned<SignalName>,
    /// Whom it hurts when it goes wrong.
    pub harm: Spanned<Harm>,
    /// What is measured.
    pub measure: Spanned<Measure>,
    /// The label that tells the versions apart, when it is not the source's own.
    pub variant_label: Option<Spanned<String>>,
    /// The trailing window over which a value is computed.
    pub window: Duration,
    /// Any of these sends a release back.
    pub rollback: Vec<Spanned<Rule>>,
    /// Any of these contains it.
    pub contain: Vec<Spanned<Rule>>,
    /// Any of these stops forward motion while it lasts.
    pub hold: Vec<Spanned<Rule>>,
}

impl SignalEntry {
    /// All its rules.
    pub fn rules(&self) -> impl Iterator<Item = &Spanned<Rule>> {
        self.rollback.iter().chain(&self.contain).chain(&self.hold)
    }

    /// What is measured, as a blueprint has it, before anybody has said what follows from it.
    pub fn without_rules(&self) -> Signal {
        Signal {
            name: self.name.value.clone(),
            harm: self.harm.value,
            measure: self.measure.value.clone(),
            variant_label: self.variant_label.as_ref().map(|label| label.value.clone()),
            window: self.window,
            rollback: Vec::new(),
            contain: Vec::new(),
            hold: Vec::new(),
        }
    }
}

impl ServiceFile {
    /// An environment by its name.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments
            .iter()
            .find(|(known, _)| known.as_str() == name)
            .map(|(_, environment)| &environment.value)
    }

    /// Where the users are.
    pub fn production(&self) -> Option<&Environment> {
        self.environment("production")
    }

    /// Where releases are rehearsed.
    pub fn staging(&self) -> Option<&Environment> {
        self.environment("staging")
    }
}

/// Read `ripcord.yaml`. The error lists every mistake in the file.
pub fn read_service(source: &SourceFile) -> Result<ServiceFile, Diagnostics> {
    let (root, mistakes) = yaml::parse(source).map_err(|diagnostic| Diagnostics::from(*diagnostic))?;
    let mut found = Found::new(&source.path, mistakes);
    let file = Fields::open(&root, "the service file", Place::START, &mut found)
        .and_then(|fields| read_fields(fields, source, &mut found));
    found.finish(file)
}

fn read_fields(mut fields: Fields<'_>, source: &SourceFile, found: &mut Found<'_>) -> Option<ServiceFile> {
    let service =
        fields.required("service", "a name: `service: exams`", found).and_then(|node| node.name(found));
    let owner = fields.required("owner", "a team or person: `owner: team-exams`", found);
    let owner = owner.and_then(|node| node.name(found));
    let expected = "`environments:` with at least `production:` below";
    let environments =
        fields.required("environments", expected, found).map(|node| read_environments(node, found));
    let signals = fields.optional("signals").map(|node| read_signals(node, found)).unwrap_or_default();
    let evidence = fields.optional("evidence").and_then(|node| evidence::read(node, found));
    let gate = fields.optional("gate").and_then(|node| gate::read(node, found));
    let calendar = Calendar::read(&mut fields, found);
    let mut channels =
        fields.optional("channels").map(|node| channels::read(node, found)).unwrap_or_default();
    if let Some(node) = fields.optional("audiences") {
        channels::read_audiences(node, &mut channels, found);
    }
    let alerts = fields.optional("alerts").and_then(|node| channels::read_alerts(node, found));
    fields.finish(found);
    let (environments, places) = environments?;
    Some(ServiceFile {
        path: source.path.clone(),
        service: service?,
        owner: owner?,
        environments,
        places,
        signals,
        evidence: evidence.unwrap_or_default(),
        gate: gate.unwrap_or_default(),
        calendar,
        channels,
        alerts,
    })
}

type Environments =
    (BTreeMap<EnvironmentName, Spanned<Environment>>, BTreeMap<EnvironmentName, EnvironmentPlaces>);

fn read_environments(node: &yaml::Node, found: &mut Found<'_>) -> Environments {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("`environments` is {}", node.describe());
        found.error(Code::WRONG_KIND, node.place, message).expected("a map: `production: { router: … }`");
        return Environments::default();
    };
    let (mut environments, mut all_places) = Environments::default();
    for (key, value) in entries {
        let name = yaml::key_name::<EnvironmentName>(key, found);
        let fields = Fields::open(value, "this environment", key.place, found);
        let read = fields.and_then(|fields| environment::read(fields, name.as_ref(), found));
        if let (Some(name), Some((read, places))) = (name, read) {
            all_places.insert(name.clone(), places);
            environments.insert(name, Spanned::new(read, key.place));
        }
    }
    (environments, all_places)
}

fn read_signals(node: &yaml::Node, found: &mut Found<'_>) -> Vec<SignalEntry> {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("`signals` is {}", node.describe());
        found
            .error(Code::WRONG_KIND, node.place, message)
            .expected("a map: `submit-errors: { harm: user, … }`");
        return Vec::new();
    };
    let mut signals = Vec::new();
    for (key, value) in entries {
        let name = yaml::key_name::<SignalName>(key, found);
        let fields = Fields::open(value, "this signal", key.place, found);
        let read =
            fields.and_then(|fields| signal::read(fields, name.map(|n| Spanned::new(n, key.place)), found));
        signals.extend(read);
    }
    signals
}
