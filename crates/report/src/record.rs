//! The entries of a release as they are read for a report: facts of the engine, papers, and what this Ripcord does not
//! know yet.
//!
//! Invariant: nothing is lost. What cannot be read is kept by its kind, and listed.

use ripcord_engine::Event;
use ripcord_ledger::Entry;
use ripcord_model::{Actor, ReleaseName, Timestamp, blueprint::Blueprint, paper::Paper};

/// A fact where it stands in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The position of its entry.
    pub position: u64,
    /// The instant of its entry.
    pub at: Timestamp,
    /// Who caused it.
    pub by: Actor,
    /// About which release.
    pub release: Option<ReleaseName>,
    /// What.
    pub fact: Fact,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A fact of the state machine.
    Event(Box<Event>),
    /// A fact beside it.
    Paper(Box<Paper>),
    /// A kind that this Ripcord does not know, or knows with other members.
    Unknown(String),
}

impl Placed {
    /// Reads an entry.
    pub fn of(entry: &Entry) -> Self {
        let fact = entry.fact.get();
        let fact = match (serde_json::from_str(fact), serde_json::from_str(fact)) {
            (Ok(event), _) => Fact::Event(Box::new(event)),
            (Err(_), Ok(paper)) => Fact::Paper(Box::new(paper)),
            (Err(_), Err(_)) => Fact::Unknown(entry.kind().unwrap_or_else(|| "without a kind".to_owned())),
        };
        let (release, by) = (entry.release.clone(), entry.by.clone());
        Self { position: entry.position, at: entry.at, by, release, fact }
    }

    /// The engine's fact, if it is one.
    pub fn event(&self) -> Option<&Event> {
        match &self.fact {
            Fact::Event(event) => Some(event),
            Fact::Paper(_) | Fact::Unknown(_) => None,
        }
    }

    /// The paper, if it is one.
    pub fn paper(&self) -> Option<&Paper> {
        match &self.fact {
            Fact::Paper(paper) => Some(paper),
            Fact::Event(_) | Fact::Unknown(_) => None,
        }
    }

    /// The blueprint it brings, if it creates a release.
    pub fn created(&self) -> Option<&Blueprint> {
        let Some(Event::Created { blueprint, .. }) = self.event() else { return None };
        Some(blueprint)
    }
}

/// Why there is no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreported {
    /// The record has no entry about it.
    #[error("the record knows no release {0}")]
    Unknown(ReleaseName),
    /// People put something on record about it, and nobody has shipped it.
    #[error("{0} has papers on record and was never shipped, so there is no blueprint to report on")]
    NeverShipped(ReleaseName),
}

/// The entries of one release and of its rehearsals, in the order of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries {
    /// The release.
    pub release: ReleaseName,
    /// The entry that creates it.
    pub created: Placed,
    /// Its entries.
    pub own: Vec<Placed>,
    /// Those of its rehearsals.
    pub rehearsals: Vec<Placed>,
}

impl Entries {
    /// Picks from `entries` what is about `release`.
    ///
    /// # Errors
    /// [`Unreported`] when nothing is, or nobody has shipped it.
    pub fn of<'e>(
        release: &ReleaseName,
        entries: impl IntoIterator<Item = &'e Entry>,
    ) -> Result<Self, Unreported> {
        let (mut own, mut rehearsals) = (Vec::new(), Vec::new());
        let mut names = std::collections::BTreeSet::new();
        for entry in entries {
            let Some(about) = &entry.release else { continue };
            if about == release {
                own.push(Placed::of(entry));
                continue;
            }
            let may_be_one = names.contains(about) || entry.kind().as_deref() == Some("created");
            if !may_be_one {
                continue;
            }
            let placed = Placed::of(entry);
            let rehearses =
                |blueprint: &Blueprint| blueprint.rehearsal.as_ref().is_some_and(|of| of.release == *release);
            if placed.created().is_some_and(rehearses) {
                names.insert(about.clone());
            }
            if names.contains(about) {
                rehearsals.push(placed);
            }
        }
        if own.is_empty() {
            return Err(Unreported::Unknown(release.clone()));
        }
        let created = own.iter().find(|placed| placed.created().is_some()).cloned();
        let created = created.ok_or_else(|| Unreported::NeverShipped(release.clone()))?;
        Ok(Self { release: release.clone(), created, own, rehearsals })
    }

    /// Its blueprint.
    pub fn blueprint(&self) -> &Blueprint {
        self.created.created().expect("only an entry that creates the release is kept there")
    }

    /// Facts of the state machine with their places.
    pub fn events(&self) -> impl Iterator<Item = (&Placed, &Event)> {
        self.own.iter().filter_map(|placed| Some((placed, placed.event()?)))
    }

    /// Papers with their places.
    pub fn papers(&self) -> impl Iterator<Item = (&Placed, &Paper)> {
        self.own.iter().filter_map(|placed| Some((placed, placed.paper()?)))
    }
}
