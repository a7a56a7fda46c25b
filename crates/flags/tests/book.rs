//! What may be asked of flags, and what is refused.

use ripcord_flags::{
    Book, Configuration, Context, Edit, EditRefusal, FRACTIONAL, FractionalVersion, Standing,
};
use ripcord_model::{Actor, ActorKind, Person, Timestamp};
use serde_json::{Map, json};

fn maya() -> Actor {
    Actor { kind: ActorKind::Person, name: Person::new("maya").unwrap() }
}

fn edit(book: &mut Book, edit: &Edit) -> Result<u64, EditRefusal> {
    if let Some(change) = book.propose(edit, Some("because".to_owned()))? {
        // As the ledger keeps it.
        let kept = serde_json::to_string(&change).unwrap();
        book.apply(&serde_json::from_str(&kept).unwrap(), Timestamp::from_ms(1_000), &maya());
    }
    Ok(book.revision())
}

fn create(flag: &str) -> Edit {
    Edit::Create { flag: flag.to_owned(), metadata: Map::new() }
}

fn set(flag: &str, variant: &str) -> Edit {
    Edit::Set { flag: flag.to_owned(), variant: variant.to_owned(), seen: None }
}

fn ramp(flag: &str, share: u32) -> Edit {
    Edit::Ramp { flag: flag.to_owned(), share }
}

fn load(text: &str) -> Edit {
    Edit::Load { text: text.to_owned() }
}

fn word(book: &Book, flag: &str) -> String {
    Standing::of(&book.definitions().flags[flag]).word()
}

fn users_with_on(book: &Book) -> Vec<usize> {
    let flags = Configuration::compile(book.definitions(), FractionalVersion::V2);
    (0..500)
        .filter(|user| {
            let context = Context::new(json!({ "targetingKey": format!("user-{user}") })).unwrap();
            flags.evaluate("new-submit", &context, 0).variant() == Some("on")
        })
        .collect()
}

#[test]
fn a_flag_is_born_off_and_growing_a_ramp_only_adds_users() {
    let mut book = Book::new("production".parse().unwrap());
    assert_eq!(edit(&mut book, &create("new-submit")), Ok(1));
    assert_eq!(word(&book, "new-submit"), "off");
    let mut before = Vec::new();
    for share in [100, 1_000, 5_000, 10_000] {
        edit(&mut book, &ramp("new-submit", share)).unwrap();
        let now = users_with_on(&book);
        assert!(before.iter().all(|user| now.contains(user)), "somebody left at {share}");
        assert!(now.len() > before.len());
        before = now;
    }
    assert_eq!(word(&book, "new-submit"), "100 %");
    assert_eq!(book.definitions().flags["new-submit"].metadata[FRACTIONAL], "v3");
    edit(&mut book, &set("new-submit", "off")).unwrap();
    assert_eq!((word(&book, "new-submit"), users_with_on(&book)), ("off".to_owned(), Vec::new()));
    let last = book.last_change("new-submit").unwrap();
    assert_eq!((last.revision, last.why.as_deref()), (6, Some("because")));
}

#[test]
fn the_same_again_is_no_change() {
    let mut book = Book::new("production".parse().unwrap());
    edit(&mut book, &create("a")).unwrap();
    assert_eq!(book.propose(&set("a", "off"), None), Ok(None));
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut book = Book::new("production".parse().unwrap());
    edit(&mut book, &create("a")).unwrap();
    edit(&mut book, &ramp("a", 500)).unwrap();
    edit(&mut book, &create("old")).unwrap();
    edit(&mut book, &Edit::Retire { flag: "old".to_owned() }).unwrap();
    let before = book.clone();
    for (asked, part) in [
        (create("a"), "already"),
        (create("old"), "retired"),
        (load("flags: { old: { variants: { \"on\": true }, defaultVariant: \"on\" } }"), "retired"),
        (set("none", "off"), "there is no flag `none`"),
        (set("a", "blue"), "no variant `blue`, only off, on"),
        (ramp("a", 10_001), "more than everybody"),
        (
            Edit::Set { flag: "a".to_owned(), variant: "on".to_owned(), seen: Some(1) },
            "changed by maya in the meantime",
        ),
        (load("flags: { b: { variants: { \"on\": true }, defaultVariant: \"off\" } }"), "RC0804"),
        (load("flags: { b: { variants: { \"on\": true, \"on\": false } } }"), "RC0006"),
        (load("{\"flags\": {\"b\": {\"variants\": {\"x\": NaN}}}}"), "RC0801"),
        (
            load(
                r#"{"flags": {"a": {"variants": {"on": true, "off": false}, "defaultVariant": "off",
                   "metadata": {"ripcord.fractional": "v2"}, "targeting": {"fractional": [["on", 1], ["off", 1]]}}}}"#,
            ),
            "would move users",
        ),
    ] {
        let refusal = edit(&mut book, &asked).unwrap_err();
        assert!(refusal.to_string().contains(part), "{refusal}");
        assert_eq!(book, before);
    }
}

/// A shared rule that changes may break a flag that does not.
#[test]
fn a_file_is_checked_together_with_the_flags_that_are_there() {
    let mut book = Book::new("production".parse().unwrap());
    let flag = r#"flags:
  a: { variants: { "on": true, "off": false }, defaultVariant: "off", targeting: { if: [{ $ref: staff }, "on"] } }
$evaluators: { staff: { "==": [{ var: role }, "staff"] } }
"#;
    edit(&mut book, &load(flag)).unwrap();
    let circle = "flags: {}\n$evaluators: { staff: { \"!\": [{ $ref: staff }] } }\n";
    let refusal = edit(&mut book, &load(circle)).unwrap_err();
    assert!(refusal.to_string().contains("RC0810"), "{refusal}");
}
