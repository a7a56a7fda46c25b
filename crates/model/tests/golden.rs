//! A blueprint checked in byte for byte: the format that rollbacks are executed from cannot drift unnoticed.
//!
//! `UPDATE=1 cargo test -p ripcord-model --test golden` writes it anew; a changed format needs a new format number.

use std::collections::BTreeMap;

use ripcord_model::{
    CompileContext, VersionName,
    blueprint::{Artifact, Blueprint, FORMAT},
    compile, read_plan, read_service,
    source::SourceFile,
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/blueprint-format-1.json");

fn blueprint() -> Blueprint {
    let service = SourceFile::new("ripcord.yaml", include_str!("files/clean/ripcord.yaml"));
    let plan =
        SourceFile::new("releases/exam-submit-v2.yaml", include_str!("files/clean/exam-submit-v2.yaml"));
    let context = CompileContext {
        last_good: Some(Artifact {
            version: VersionName::new("v1").unwrap(),
            artifact: None,
            digest: Some(
                "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            ),
        }),
        sources: BTreeMap::from([("releases/exam-submit-v2.yaml".to_owned(), "aa".repeat(32))]),
        ripcord_version: "0.1.0".to_owned(),
    };
    let (service, plan) = (read_service(&service).unwrap(), read_plan(&plan).unwrap());
    compile(&service, &plan, &context).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn the_format_on_disk_has_not_drifted() {
    let written = serde_json::to_string_pretty(&blueprint()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(GOLDEN, &written).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    assert_eq!(FORMAT, 1, "a new format needs a golden of its own, and the old one stays");
    assert!(golden == written, "the blueprint differs from {GOLDEN}; written now:\n{written}");
}

#[test]
fn a_stored_blueprint_reads_back_to_the_same_value_and_hash() {
    let stored: Blueprint = serde_json::from_str(&std::fs::read_to_string(GOLDEN).unwrap()).unwrap();
    assert_eq!(stored, blueprint());
    assert_eq!(stored.hash(), blueprint().hash());
    let again: Blueprint = serde_json::from_slice(&stored.canonical_json()).unwrap();
    assert_eq!(again.hash(), stored.hash());
}

#[test]
fn the_same_files_give_the_same_hash_and_others_another() {
    assert_eq!(blueprint().hash(), blueprint().hash());
    let mut other = blueprint();
    other.way_back.steps.swap(0, 1);
    assert_ne!(other.hash(), blueprint().hash());
}
