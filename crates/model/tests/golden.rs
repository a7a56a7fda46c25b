//! Blueprints checked in byte for byte: the formats that rollbacks are executed from cannot drift unnoticed.
//!
//! Every format has a file. That of the present one is what compiling gives; those of the past must still be read, to
//! the same bytes and the same hash, since a release that is under way is known by its hash.
//!
//! `UPDATE=1 cargo test -p ripcord-model --test golden` writes the present one anew; a changed format needs a new number.

use std::collections::BTreeMap;

use ripcord_model::{
    CompileContext, VersionName,
    blueprint::{Artifact, Blueprint, EvidencePlan, FORMAT, Measure, Rule},
    compile, read_plan, read_service,
    source::SourceFile,
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/blueprint-format-2.json");
/// What the first version of Ripcord wrote.
const FORMAT_1: &str = include_str!("golden/blueprint-format-1.json");
const FORMAT_1_HASH: &str = "f9930556370180950900a461e6e6c296ae30a7cf7ba7a971a2e43dcb0652f730";

fn blueprint() -> Blueprint {
    let service = SourceFile::new("ripcord.yaml", include_str!("files/full/ripcord.yaml"));
    let plan = SourceFile::new("releases/exam-submit-v2.yaml", include_str!("files/full/release.yaml"));
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
        templates: Vec::new(),
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
    assert_eq!(FORMAT, 2, "a new format needs a golden of its own, and the old one stays");
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

#[test]
fn what_the_first_version_wrote_is_read_to_the_same_bytes() {
    let stored: Blueprint = serde_json::from_str(FORMAT_1).unwrap();
    assert_eq!(stored.format, 1);
    assert!(serde_json::to_string_pretty(&stored).unwrap() + "\n" == FORMAT_1, "reading format 1 changes it");
    assert_eq!(stored.hash().as_str(), FORMAT_1_HASH);
    assert_eq!(stored.evidence, EvidencePlan::default(), "format 1 had no choice in evidence");
    // 30.5 h, looked at every 5 s, are more than the 20,000 blocks that were planned for at most; two hours are not.
    assert_eq!(stored.evidence_plan().planned_blocks, 20_000);
    let mut brief = stored.clone();
    brief.stages.truncate(2);
    assert_eq!(brief.evidence_plan().planned_blocks, 150 * 60 / 5);
    assert_eq!(blueprint().evidence_plan().as_ref(), &blueprint().evidence);
    let counts = stored.signals.iter().filter(|signal| signal.variant_label.is_none());
    let counts = counts.filter(|signal| matches!(&signal.measure, Measure::Count { per: None, .. }));
    assert_eq!(counts.count(), 1);
    assert_eq!(stored.signals[0].rollback[0], Rule::WorseThanControl { margin: 0.2 });
}
