//! `docs/gate.md` has a row for every check there is.

use std::collections::BTreeSet;

use super::checks;

const PAGE: &str = include_str!("../../../../docs/gate.md");

#[test]
fn every_check_is_described_once() {
    let mut names = BTreeSet::new();
    for check in checks() {
        assert!(names.insert(check.name()), "two checks are called {}", check.name());
    }
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let rows: Vec<&str> = rows.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`')).collect();
    for name in names.into_iter().chain(["rehearsal"]) {
        let count = rows.iter().filter(|row| **row == name).count();
        assert_eq!(count, 1, "{name} has {count} rows in docs/gate.md");
    }
}
