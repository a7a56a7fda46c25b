//! The example in `docs/ledger.md` is what this crate writes, and verifies. If this test fails, the format has
//! changed: ledgers in the field would not verify any more.

use ripcord_ledger::{
    Draft, Entry, PublicKey, Signer, Tree, to_hex,
    verify::{Claim, Row, verify},
};
use ripcord_model::{Actor, Person, ReleaseName, Timestamp};

const DOCUMENT: &str = include_str!("../../../docs/ledger.md");

/// The fenced block of the document that follows `heading`.
fn example(heading: &str) -> &'static str {
    let (_, after) = DOCUMENT.split_once(heading).expect("the document has this heading");
    let (_, block) = after.split_once("```text\n").expect("a block follows");
    block.split_once("```").expect("the block ends").0
}

fn entries() -> Vec<Entry> {
    let draft = |at: &str, by, fact: &str| Draft {
        at: at.parse::<Timestamp>().unwrap(),
        by,
        release: Some(ReleaseName::new("exam-submit-v2").unwrap()),
        fact: serde_json::value::RawValue::from_string(fact.to_owned()).unwrap(),
    };
    let nadia = Actor::person(Person::new("nadia").unwrap());
    [
        draft("2026-11-21T14:02:10.125Z", nadia, r#"{"kind":"shipped"}"#),
        draft("2026-11-21T14:02:10.125Z", Actor::ripcord(), r#"{"kind":"stage-entered","stage":0}"#),
        draft("2026-11-21T14:02:11.480Z", Actor::ripcord(), r#"{"kind":"stage-baking","stage":0}"#),
    ]
    .into_iter()
    .zip(0..)
    .map(|(draft, position)| Entry::at_position(draft, position))
    .collect()
}

#[test]
fn the_documented_example_is_what_is_written() {
    let (mut tree, mut lines, mut hashes) = (Tree::new(), String::new(), String::new());
    for entry in entries() {
        let bytes = entry.to_bytes();
        lines += std::str::from_utf8(&bytes).unwrap();
        lines += "\n";
        hashes += &to_hex(&tree.push(&bytes));
        hashes += "\n";
    }
    let signer = Signer::from_seed([0; 32]);
    let checkpoint = signer.checkpoint(tree.size(), tree.root());
    let note = checkpoint.note(&signer.public_key());
    assert_eq!(lines, example("### Three entries"));
    assert_eq!(hashes, example("### Their leaf hashes"));
    assert_eq!(format!("{}\n", to_hex(&tree.root())), example("### Their root"));
    assert_eq!(format!("{}\n", signer.public_key()), example("### The public key"));
    assert_eq!(note, example("### The checkpoint"));
}

#[test]
fn the_documented_example_verifies_from_the_document_alone() {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let hashes = example("### Their leaf hashes").lines().map(|line| {
        let byte = |index: usize| u8::from_str_radix(&line[index..index + 2], 16).unwrap();
        (0..line.len()).step_by(2).map(byte).collect::<Vec<u8>>()
    });
    let rows =
        example("### Three entries").lines().zip(hashes).zip(0..).map(|((line, leaf_hash), position)| Row {
            position,
            bytes: line.as_bytes().to_vec(),
            leaf_hash,
            remarks: Vec::new(),
        });
    let note: Vec<&str> = example("### The checkpoint").lines().collect();
    let signature = BASE64_STANDARD.decode(note[4].rsplit_once(' ').unwrap().1).unwrap();
    let claim = Claim {
        size: note[1].parse().unwrap(),
        root: BASE64_STANDARD.decode(note[2]).unwrap(),
        signature: signature[4..].to_vec(),
    };
    let key: PublicKey = example("### The public key").parse().unwrap();
    assert_eq!(verify(rows, [claim], &key).unwrap().entries, 3);
}
