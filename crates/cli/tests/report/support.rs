//! Ledgers from scenarios, and reports of them in the words of the terminal.

use std::path::Path;

use ripcord_cli::render::{self, Look};
use ripcord_ledger::{Draft, Entry};
use ripcord_model::ReleaseName;
use ripcord_report::{Entries, Report, Words};
use ripcord_store::{SqliteStore, Store as _};

/// A release that ends well.
pub const GOOD: &str = "ship\nuntil stage-3\npromote\nuntil verifying\nwait 40s\ncomplete\nuntil complete\n";
/// A release that the signals pull.
pub const PULLED: &str = "ship\nuntil stage-2\nharm 30%\nuntil rolled-back\n";
/// A release that waits for an approval on its way back, and is stuck meanwhile.
pub const DEEP: &str = "levels all\nship\nuntil stage-2\nacknowledge by ran\nrollback by ran\nwait 10s\n\
    approve undo-attempts by noor\nwait 5s\nbreak flags for good\napprove restore-answers by noor\nuntil rolled-back\n";
/// The name every scenario gives its release.
pub const RELEASE: &str = "exam-submit-v2";

/// What a script leaves behind.
pub fn recorded(script: &str) -> Vec<Entry> {
    ripcord_testkit::scenario::recorded(script).unwrap()
}

/// The report of a release.
pub fn report(entries: &[Entry], release: &str) -> Report {
    let entries = Entries::of(&ReleaseName::new(release).unwrap(), entries).unwrap();
    let look = Look::plain();
    let event = |event: &ripcord_engine::Event| render::event::sentence(event, &look);
    ripcord_report::build(&entries, Words { event: &event, paper: &render::papers::sentence })
}

/// The whole report as Markdown.
pub fn markdown(report: &Report) -> String {
    ripcord_report::markdown(&ripcord_report::whole(report, None))
}

/// A state directory whose ledger has these entries.
pub fn state_directory(directory: &Path, entries: &[Entry]) {
    let mut store = SqliteStore::open(directory).unwrap();
    for chunk in entries.chunks(500) {
        let drafts = chunk.iter().map(|entry| Draft {
            at: entry.at,
            by: entry.by.clone(),
            release: entry.release.clone(),
            fact: entry.fact.clone(),
        });
        let length = store.len();
        store.append(length, drafts.collect()).unwrap();
    }
}

/// Entries with their facts changed as text; positions and everything else stay.
pub fn changed(entries: &[Entry], change: impl Fn(&str) -> String) -> Vec<Entry> {
    let changed = entries.iter().map(|entry| {
        let mut entry = entry.clone();
        entry.fact = serde_json::value::RawValue::from_string(change(entry.fact.get())).unwrap();
        entry
    });
    changed.collect()
}
