//! `gate:` of `ripcord.yaml`: what the gate asks for beyond what it always asks.

use super::{checks, paperwork, paperwork::PaperworkEntry};
use crate::{
    blueprint::Checks,
    source::Place,
    yaml::{Fields, Found, Node},
};

/// `gate:`, as far as the author says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GateEntry {
    /// What is asked of the world outside.
    pub outside: Checks,
    /// Where parts of it are written.
    pub places: GatePlaces,
    /// What is asked of people and paper.
    pub paperwork: PaperworkEntry,
}

/// Where parts of `gate:` are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatePlaces {
    /// The capacity condition.
    pub capacity: Option<Place>,
}

/// `gate:` from its node.
pub(super) fn read(node: &Node, found: &mut Found<'_>) -> Option<GateEntry> {
    let mut fields = Fields::open(node, "the gate", node.place, found)?;
    let (outside, places) = checks::read(&mut fields, found);
    let paperwork = paperwork::read(&mut fields, found);
    fields.finish(found);
    Some(GateEntry { outside, places, paperwork })
}
