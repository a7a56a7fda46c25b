//! Sets of migrations written in the tests.

use ripcord_migrations::{Convention, Listing, Set, read};
use ripcord_prove::{Proof, Verdict};

/// A pair per entry: what goes forward, what goes back (none for no file), and what is expected of it.
pub type Case = (&'static str, &'static str, Option<&'static str>, Verdict, &'static str);

/// The set of cases, numbered in their order.
pub fn set(cases: &[Case], convention: Convention) -> Set {
    let mut listing = Listing::default();
    for (index, (name, up, down, _, _)) in cases.iter().enumerate() {
        let stem = format!("{:04}_{name}", index + 1);
        listing.insert(format!("{stem}.up.sql"), *up);
        if let Some(down) = down {
            listing.insert(format!("{stem}.down.sql"), *down);
        }
    }
    read(&listing, Some(convention)).unwrap_or_else(|error| panic!("{error}"))
}

/// Holds every case to what is expected of it.
pub fn check(cases: &[Case], proof: &Proof) {
    assert_eq!(cases.len(), proof.migrations.len(), "every migration has its verdict");
    let mut wrong = Vec::new();
    for ((name, _, _, verdict, words), trial) in cases.iter().zip(&proof.migrations) {
        if trial.verdict != *verdict || !trial.reason.contains(words) {
            wrong.push(format!(
                "{name}: {:?} {:?}, expected {verdict:?} with {words:?}\n{trial:#?}",
                trial.verdict, trial.reason
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
