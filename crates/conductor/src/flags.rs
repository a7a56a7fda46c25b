//! Flags: their changes are facts about no release, folded into one book per environment.

use ripcord_flags::{Book, Edit, EditRefusal, FlagFact};
use ripcord_ledger::{Draft, Entry};
use ripcord_model::{Actor, EnvironmentName, Timestamp};
use ripcord_store::Store;

use crate::{conductor::Conductor, error::ConductorError};

/// Why flags were not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeFlagsError {
    /// What was asked for is refused.
    #[error(transparent)]
    Refused(#[from] EditRefusal),
    /// It could not be recorded.
    #[error(transparent)]
    NotRecorded(#[from] ConductorError),
}

impl<S: Store> Conductor<S> {
    /// The flags of every environment that has had any.
    pub fn flags(&self) -> impl Iterator<Item = (&EnvironmentName, &Book)> {
        self.flags.iter()
    }

    /// Changes flags. The answer is the book afterwards; a change that changes nothing is no fact.
    pub fn change_flags(
        &mut self,
        environment: &EnvironmentName,
        edit: &Edit,
        why: Option<String>,
        by: Actor,
        now: Timestamp,
    ) -> Result<&Book, ChangeFlagsError> {
        let new = || Book::new(environment.clone());
        let book = self.flags.get(environment).cloned().unwrap_or_else(new);
        if let Some(change) = book.propose(edit, why)? {
            let fact = FlagFact::FlagChanged(change);
            let raw =
                serde_json::value::to_raw_value(&fact).expect("a fact is plain data and always serialises");
            self.append(vec![Draft { at: now, by: by.clone(), release: None, fact: raw }])?;
            let FlagFact::FlagChanged(change) = fact;
            self.flags.entry(environment.clone()).or_insert_with(new).apply(&change, now, &by);
        }
        Ok(self.flags.entry(environment.clone()).or_insert_with(new))
    }

    /// Folds in an entry that is about no release, if it is about flags.
    pub(crate) fn replay_flags(&mut self, entry: &Entry) {
        if let Ok(FlagFact::FlagChanged(change)) = serde_json::from_str(entry.fact.get()) {
            let environment = change.environment.clone();
            let book = self.flags.entry(environment.clone()).or_insert_with(|| Book::new(environment));
            book.apply(&change, entry.at, &entry.by);
        }
    }
}
