//! Facts that are about no release, with the records they change: people, tokens, the policy. Replay passes them by.

use ripcord_ledger::Draft;
use ripcord_model::{Actor, Timestamp};
use ripcord_store::{Kept, KeptChange, Store};
use serde::Serialize;

use crate::{conductor::Conductor, error::ConductorError};

impl<S: Store> Conductor<S> {
    /// Records a fact about no release and changes what is kept beside the ledger, both or neither. Without a fact only
    /// the records change.
    pub fn note_beside(
        &mut self,
        fact: Option<&impl Serialize>,
        changes: Vec<KeptChange>,
        by: Actor,
        now: Timestamp,
    ) -> Result<(), ConductorError> {
        let draft = |fact| Draft {
            at: now,
            by,
            release: None,
            fact: serde_json::value::to_raw_value(fact).expect("a fact is plain data and always serialises"),
        };
        let drafts: Vec<Draft> = fact.map(draft).into_iter().collect();
        let appended = self.store.append_keeping(self.len, drafts, changes);
        let appended = appended.inspect_err(|error| self.trouble = Some(error.to_string()))?;
        self.len = appended.len;
        self.trouble = None;
        Ok(())
    }

    /// What is kept beside the ledger.
    pub fn kept(&self) -> Result<Vec<Kept>, ConductorError> {
        Ok(self.store.kept()?)
    }
}
