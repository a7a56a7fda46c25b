//! The arrows point inward, and the core stays pure: no runtime, no socket, no driver, no clock.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// Crates of ours that must not reach any of [`IMPURE`], not even through others.
const PURE: [&str; 13] = [
    "ripcord-model",
    "ripcord-analysis",
    "ripcord-power",
    "ripcord-engine",
    "ripcord-backtest",
    "ripcord-ledger",
    "ripcord-runbook",
    "ripcord-people",
    "ripcord-flags",
    "ripcord-migrations",
    "ripcord-comms",
    "ripcord-pages",
    "ripcord-report",
];

/// What brings a runtime, a socket or a driver.
const IMPURE: [&str; 14] = [
    "tokio",
    "hyper",
    "hyper-util",
    "axum",
    "reqwest",
    "rusqlite",
    "libsqlite3-sys",
    "mio",
    "socket2",
    "rustix",
    "async-trait",
    "ratatui",
    "crossterm",
    "clap",
];

/// Who may depend on whom, innermost first: a crate may only use crates that stand before it.
const ORDER: [&str; 24] = [
    "ripcord-model",
    "ripcord-analysis",
    "ripcord-power",
    "ripcord-engine",
    "ripcord-backtest",
    "ripcord-ledger",
    "ripcord-runbook",
    "ripcord-people",
    "ripcord-flags",
    "ripcord-migrations",
    "ripcord-prove",
    "ripcord-comms",
    "ripcord-pages",
    "ripcord-report",
    "ripcord-store",
    "ripcord-conductor",
    "ripcord-edge",
    "ripcord-adapters",
    "ripcord-runner",
    "ripcord-testkit",
    "exam-service",
    "ripcord-server",
    "ripcord",
    "ripcord-bench",
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .other_options(["--filter-platform".to_owned(), "x86_64-unknown-linux-gnu".to_owned()])
        .exec()
        .expect("cargo metadata runs")
}

/// Everything a package reaches through normal dependencies.
fn reachable<'a>(metadata: &'a Metadata, root: &'a PackageId) -> BTreeSet<&'a str> {
    reachable_ids(metadata, root).into_iter().map(|id| metadata[id].name.as_str()).collect()
}

fn reachable_ids<'a>(metadata: &'a Metadata, root: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let resolve = metadata.resolve.as_ref().expect("metadata has a resolve graph");
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::from([root]);
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        for dependency in &nodes[id].deps {
            let normal = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if normal && seen.insert(&dependency.pkg) {
                todo.push(&dependency.pkg);
            }
        }
    }
    seen
}

#[test]
fn the_core_knows_no_runtime_no_socket_and_no_driver() {
    let metadata = metadata();
    for name in PURE {
        let package = metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == name);
        let package = package.unwrap_or_else(|| panic!("{name} is gone"));
        let reached = reachable(&metadata, &package.id);
        let impure: Vec<_> = IMPURE.iter().filter(|impure| reached.contains(**impure)).collect();
        assert!(impure.is_empty(), "{name} reaches {impure:?}");
    }
}

#[test]
fn arrows_point_inward() {
    let metadata = metadata();
    let rank = |name: &str| ORDER.iter().position(|known| *known == name);
    for package in metadata.workspace_packages() {
        let own = rank(package.name.as_str())
            .unwrap_or_else(|| panic!("{} has no place in the order", package.name));
        for dependency in
            package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal)
        {
            if let Some(other) = rank(&dependency.name) {
                assert!(other < own, "{} must not depend on {}", package.name, dependency.name);
            }
        }
    }
}

#[test]
fn the_core_reads_no_clock_and_starts_nothing() {
    let forbidden = [
        "SystemTime::now",
        "Instant::now",
        "std::process",
        "std::net::Tcp",
        "std::fs::",
        "std::env::var",
        "std::thread",
    ];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("crates/");
    let mut looked_at = 0;
    for name in
        ["model", "analysis", "power", "engine", "backtest", "ledger", "people", "migrations", "conductor"]
    {
        let mut folders = vec![root.join(name).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("the crate has sources") {
                let path = entry.expect("readable").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                if path.ends_with("tests.rs") {
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("sources are text");
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                looked_at += 1;
                for word in forbidden {
                    assert!(!text.contains(word), "{} uses {word}", path.display());
                }
            }
        }
    }
    assert!(looked_at > 40, "only {looked_at} files were looked at");
}

/// A crate in two versions is compiled twice and confuses types; the list names those we cannot avoid.
#[test]
fn no_crate_of_weight_comes_in_two_versions() {
    // `cargo metadata` also lists what optional features could bring; `cargo tree` lists what is built.
    let tree = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo tree runs");
    let tree = String::from_utf8(tree.stdout).expect("cargo prints text");
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, version) in tree.lines().filter_map(|line| line.split_once(' ')) {
        versions.entry(name).or_default().insert(version.split(' ').next().unwrap_or(version));
    }
    assert!(versions.len() > 50, "cargo tree printed {} crates", versions.len());
    for heavy in
        ["tokio", "hyper", "rustls", "clap", "serde", "sha2", "rusqlite", "jiff", "axum", "http", "ratatui"]
    {
        let found = versions.get(heavy).map_or(0, BTreeSet::len);
        assert!(found <= 1, "{heavy} comes in {:?}", versions[heavy]);
    }
}
