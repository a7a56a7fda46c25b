//! Whatever is read, and whoever asks: an answer or a refusal, never a panic, and soon.

use proptest::prelude::*;
use ripcord_flags::{Configuration, Context, FractionalVersion, InvalidContext, read_definitions};
use ripcord_model::source::SourceFile;
use serde_json::{Value, json};

fn read(text: &str) -> Option<Configuration> {
    let read = read_definitions(&SourceFile::new("flags", text)).ok()?;
    Some(Configuration::compile(&read.definitions, FractionalVersion::V3).with_unreadable(&read.unreadable))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "[a-z@.$]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let operators = prop::sample::select(vec![
            "if",
            "var",
            "fractional",
            "sem_ver",
            "starts_with",
            "ends_with",
            "==",
            "+",
            "/",
            "%",
            "in",
            "cat",
            "map",
            "reduce",
            "some",
            "merge",
            "substr",
            "missing",
            "$ref",
            "unknown",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            (operators, prop::collection::vec(inner, 0..5))
                .prop_map(|(operator, operands)| json!({ operator: operands })),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        read(&text);
        read(&format!("{{{text}"));
    }

    #[test]
    fn any_rule_answers_any_context(rule in value(), attribute in value(), key in "\\PC{0,12}") {
        let file = json!({ "flags": { "f": {
            "variants": { "on": true, "off": false }, "defaultVariant": "off", "targeting": { "if": [rule, "on"] }
        } } });
        let flags = read(&file.to_string()).unwrap();
        let context = Context::new(json!({ "targetingKey": key, "a": attribute, "$flagd": "mine" })).unwrap();
        let first = flags.evaluate("f", &context, 7);
        prop_assert_eq!(&first, &flags.evaluate("f", &context, 7), "the same again");
        prop_assert!(first.value().is_some() || first.error.is_some());
    }
}

#[test]
fn what_is_too_deep_or_too_big_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{{\"flags\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
        let found = read_definitions(&SourceFile::new("f", text)).unwrap_err();
        assert_eq!(found.iter().next().unwrap().code.as_str(), "RC0004");
    }
    let yaml = format!("flags: {}", "[".repeat(100_000));
    assert!(read_definitions(&SourceFile::new("f", yaml)).is_err());
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    assert_eq!(Context::new(json!({ "a": deep })), Err(InvalidContext::TooDeep));
    assert_eq!(Context::new(json!({ "a": vec![0; 20_000] })), Err(InvalidContext::TooBig));
    assert_eq!(Context::new(json!([])), Err(InvalidContext::NotAMap("a list")));
}
