//! What flagd's testbed expects of an evaluator.
//!
//! Flags, contexts and expected values are those of open-feature/flagd-testbed (`evaluator/`, `gherkin/targeting.feature`),
//! Apache-2.0, Copyright The OpenFeature Authors; rewritten as tables.

use ripcord_flags::{Answer, Configuration, Context, ErrorCode, FractionalVersion, Reason, read_definitions};
use ripcord_model::source::SourceFile;
use serde_json::{Value, json};

const FLAGS: &str = include_str!("files/testbed.json");

fn configuration(version: FractionalVersion) -> Configuration {
    let read =
        read_definitions(&SourceFile::new("testbed.json", FLAGS)).unwrap_or_else(|found| panic!("{found}"));
    Configuration::compile(&read.definitions, version).with_unreadable(&read.unreadable)
}

const NOW: i64 = 1_763_000_000;

fn ask<'c>(configuration: &'c Configuration, flag: &str, context: Value, default: &Value) -> Answer<'c> {
    configuration.evaluate(flag, &Context::new(context).unwrap(), NOW).typed(default)
}

fn value(configuration: &Configuration, flag: &str, context: Value) -> Value {
    ask(configuration, flag, context, &Value::Null).value().cloned().unwrap_or(Value::Null)
}

#[test]
fn every_type_and_every_zero() {
    let flags = configuration(FractionalVersion::V3);
    for (flag, expected) in [
        ("boolean-flag", json!(true)),
        ("string-flag", json!("hi")),
        ("integer-flag", json!(10)),
        ("float-flag", json!(0.5)),
        (
            "object-flag",
            json!({ "showImages": true, "title": "Check out these pics!", "imagesPerPage": 100 }),
        ),
        ("boolean-zero-flag", json!(false)),
        ("string-zero-flag", json!("")),
        ("integer-zero-flag", json!(0)),
        ("float-zero-flag", json!(0.0)),
        ("object-zero-flag", json!({})),
        ("large-integer-flag", json!(2_147_483_647)),
        ("huge-integer-flag", json!(9_007_199_254_740_991_i64)),
        ("integral-float-flag", json!(10.0)),
    ] {
        let answer = ask(&flags, flag, json!({}), &expected);
        assert_eq!((answer.value(), answer.reason), (Some(&expected), Reason::Static), "{flag}");
    }
    for flag in ["boolean-targeted-zero-flag", "string-targeted-zero-flag", "integer-targeted-zero-flag"] {
        let answer = ask(&flags, flag, json!({ "email": "ballmer@macrosoft.com" }), &Value::Null);
        assert_eq!((answer.variant(), answer.reason), (Some("zero"), Reason::TargetingMatch), "{flag}");
    }
}

#[test]
fn errors_and_the_codes_default() {
    let flags = configuration(FractionalVersion::V3);
    for (flag, default, code) in [
        ("missing-flag", json!("uh-oh"), ErrorCode::FlagNotFound),
        ("wrong-flag", json!(13), ErrorCode::TypeMismatch),
        ("boolean-flag", json!("fallback"), ErrorCode::TypeMismatch),
        ("boolean-flag", json!(1), ErrorCode::TypeMismatch),
        ("string-flag", json!(0.1), ErrorCode::TypeMismatch),
        ("integer-flag", json!(false), ErrorCode::TypeMismatch),
        ("error-targeting-flag", json!(3), ErrorCode::ParseError),
        ("missing-variant-targeting-flag", json!(3), ErrorCode::General),
        ("ref-to-nonexistent-evaluator-flag", json!("x"), ErrorCode::ParseError),
    ] {
        let answer = ask(&flags, flag, json!({}), &default);
        assert_eq!(answer.error.as_ref().map(|error| error.code), Some(code), "{flag} {default}");
        assert_eq!((answer.value(), answer.reason), (None, Reason::Error), "{flag} {default}");
    }
    for (flag, reason) in [
        ("null-default-flag", Reason::Default),
        ("undefined-default-flag", Reason::Default),
        ("no-default-flag-null-targeting-variant", Reason::Default),
        ("no-default-flag-undefined-targeting-variant", Reason::Default),
        ("disabled-boolean-flag", Reason::Disabled),
    ] {
        let answer = ask(&flags, flag, json!({ "email": "wozniak@orange.com" }), &Value::Null);
        assert_eq!((answer.value(), answer.reason, answer.error), (None, reason, None), "{flag}");
    }
    for (flag, expected) in [
        ("targeting-null-variant-flag", 2),
        ("non-string-variant-targeting-flag", 2),
        ("empty-targeting-flag", 1),
        ("targeting-null-flag", 2),
    ] {
        assert_eq!(value(&flags, flag, json!({})), json!(expected), "{flag}");
    }
}

#[test]
fn rules_shared_rules_and_the_time() {
    let flags = configuration(FractionalVersion::V3);
    for (flag, context, expected) in [
        ("some-email-targeted-flag", json!({ "email": "ballmer@macrosoft.com" }), json!("hi")),
        ("some-email-targeted-flag", json!({ "email": "user@example.com" }), json!("bye")),
        ("some-other-email-targeted-flag", json!({ "email": "ballmer@macrosoft.com" }), json!("yes")),
        ("no-default-flag-null-targeting-variant", json!({ "email": "jobs@orange.com" }), json!("CEO")),
        (
            "targeting-key-flag",
            json!({ "targetingKey": "5c3d8535-f81a-4478-a6d3-afaa4d51199e" }),
            json!("hit"),
        ),
        (
            "targeting-key-flag",
            json!({ "targetingKey": "f20bd32d-703b-48b6-bc8e-79d53c85134a" }),
            json!("miss"),
        ),
        ("timestamp-flag", json!({ "time": 1 }), json!(-1)),
        ("timestamp-flag", json!({ "time": 4_133_980_802_i64 }), json!(1)),
    ] {
        assert_eq!(value(&flags, flag, context.clone()), expected, "{flag} {context}");
    }
}

#[test]
fn texts_and_versions() {
    let flags = configuration(FractionalVersion::V3);
    for (id, expected) in [
        (json!("abcdef"), "prefix"),
        (json!("uvwxyz"), "postfix"),
        (json!("abcxyz"), "prefix"),
        (json!("lmnopq"), "none"),
        (json!(3), "none"),
    ] {
        assert_eq!(value(&flags, "starts-ends-flag", json!({ "id": id })), json!(expected), "{id}");
    }
    for (flag, version, expected) in [
        ("equal-greater-lesser-version-flag", json!("2.0.0"), "equal"),
        ("equal-greater-lesser-version-flag", json!("2.1.0"), "greater"),
        ("equal-greater-lesser-version-flag", json!("1.9.0"), "lesser"),
        ("equal-greater-lesser-version-flag", json!("2.0.0-alpha"), "lesser"),
        ("equal-greater-lesser-version-flag", json!("2.0.0.0"), "none"),
        ("major-minor-version-flag", json!("3.0.1"), "minor"),
        ("major-minor-version-flag", json!("3.1.0"), "major"),
        ("major-minor-version-flag", json!("4.0.0"), "none"),
        ("semver-v-prefix-flag", json!("1.0.0"), "match"),
        ("semver-v-prefix-flag", json!("V1.0.0"), "match"),
        ("semver-v-prefix-flag", json!("2.0.0"), "no-match"),
        ("semver-partial-version-flag", json!("1.5.0"), "match"),
        ("semver-partial-version-flag", json!("1.0"), "match"),
        ("semver-partial-version-flag", json!(1), "match"),
        ("semver-partial-version-flag", json!("2.0.0"), "no-match"),
        ("semver-build-metadata-flag", json!("1.0.0+other"), "match"),
        ("semver-build-metadata-flag", json!("2.0.0"), "no-match"),
    ] {
        assert_eq!(value(&flags, flag, json!({ "version": version })), json!(expected), "{flag} {version}");
    }
}

/// Null, not false: an operator that cannot answer must not choose the variant `false`.
#[test]
fn operators_that_cannot_answer_end_in_the_default_variant() {
    let flags = configuration(FractionalVersion::V2);
    let context = json!({ "version": "not-a-version", "num": 123 });
    for flag in [
        "semver-broken",
        "starts-with-broken",
        "ends-with-broken",
        "fractional-no-key",
        "fractional-zero-weights",
    ] {
        let answer = ask(&flags, flag, context.clone(), &Value::Null);
        assert_eq!((answer.value(), answer.reason), (Some(&json!("fallback")), Reason::Default), "{flag}");
    }
    let context = json!({ "targetingKey": "any-user" });
    assert_eq!(value(&flags, "fractional-negative-weight", context), json!("two"));
}

#[test]
fn users_are_divided_as_each_version_divides_them() {
    let named = |name: &str| json!({ "user": { "name": name } });
    let table = [
        ("fractional-flag", "jack", ["spades", "hearts", "diamonds"]),
        ("fractional-flag", "queen", ["clubs", "spades", "diamonds"]),
        ("fractional-flag", "ten", ["diamonds", "clubs", "clubs"]),
        ("fractional-flag", "nine", ["hearts", "diamonds", "clubs"]),
        ("fractional-flag", "3", ["diamonds", "clubs", "spades"]),
    ];
    let versions = [FractionalVersion::V1, FractionalVersion::V2, FractionalVersion::V3];
    for (index, version) in versions.into_iter().enumerate() {
        let flags = configuration(version);
        for (flag, name, expected) in table {
            assert_eq!(value(&flags, flag, named(name)), json!(expected[index]), "{version} {name}");
        }
    }
    for (version, name, expected) in [
        (FractionalVersion::V1, "jack", "hearts"),
        (FractionalVersion::V1, "queen", "spades"),
        (FractionalVersion::V1, "nine", "diamonds"),
        (FractionalVersion::V2, "seven", "hearts"),
        (FractionalVersion::V2, "eight", "diamonds"),
        (FractionalVersion::V2, "nine", "clubs"),
        (FractionalVersion::V2, "two", "spades"),
        (FractionalVersion::V3, "seven", "hearts"),
        (FractionalVersion::V3, "nine", "diamonds"),
        (FractionalVersion::V3, "two", "diamonds"),
    ] {
        let flags = configuration(version);
        assert_eq!(
            value(&flags, "fractional-flag-A-shared-seed", named(name)),
            json!(expected),
            "{version} {name}"
        );
        let ace = format!("ace-of-{expected}");
        assert_eq!(
            value(&flags, "fractional-flag-B-shared-seed", named(name)),
            json!(ace),
            "{version} {name}"
        );
    }
}

#[test]
fn without_a_seed_flag_and_targeting_key_decide() {
    for (version, key, expected) in [
        (FractionalVersion::V1, "jon@company.com", "heads"),
        (FractionalVersion::V1, "jane@company.com", "tails"),
        (FractionalVersion::V2, "jon@company.com", "heads"),
        (FractionalVersion::V2, "jane@company.com", "tails"),
        (FractionalVersion::V3, "jon@company.com", "tails"),
        (FractionalVersion::V3, "jane@company.com", "tails"),
        (FractionalVersion::V3, "user-1", "heads"),
        (FractionalVersion::V3, "user-2", "tails"),
        (FractionalVersion::V3, "user-3", "heads"),
    ] {
        let flags = configuration(version);
        let context = json!({ "targetingKey": key });
        assert_eq!(value(&flags, "fractional-flag-shorthand", context), json!(expected), "{version} {key}");
    }
    let flags = configuration(FractionalVersion::V3);
    for context in
        [json!({ "irrelevant": "none" }), json!({ "targetingKey": 12345 }), json!({ "targetingKey": true })]
    {
        let answer = ask(&flags, "fractional-flag-shorthand", context, &Value::Null);
        assert_eq!((answer.variant(), answer.reason), (Some("draw"), Reason::Default));
    }
}

#[test]
fn hashes_at_the_edges() {
    let flags = configuration(FractionalVersion::V2);
    for (key, expected) in [
        ("ejOoVL", "lower"),
        ("bY9fO-", "lower"),
        ("SI7p-", "lower"),
        ("6LvT0", "upper"),
        ("ceQdGm", "upper"),
    ] {
        let context = json!({ "targetingKey": key });
        assert_eq!(value(&flags, "fractional-hash-edge-flag", context), json!(expected), "{key}");
    }
}

#[test]
fn rules_inside_of_fractional_and_fractional_inside_of_rules() {
    let flags = configuration(FractionalVersion::V2);
    for (flag, context, expected) in [
        (
            "fractional-nested-if-flag",
            json!({ "targetingKey": "jon@company.com", "tier": "premium" }),
            "premium",
        ),
        (
            "fractional-nested-if-flag",
            json!({ "targetingKey": "jon@company.com", "tier": "basic" }),
            "standard",
        ),
        ("fractional-nested-if-flag", json!({ "targetingKey": "user1", "tier": "premium" }), "standard"),
        ("fractional-nested-var-flag", json!({ "targetingKey": "jon@company.com", "color": "red" }), "red"),
        ("fractional-nested-var-flag", json!({ "targetingKey": "user1", "color": "red" }), "blue"),
        (
            "fractional-nested-weight-flag",
            json!({ "targetingKey": "jon@company.com", "tier": "premium" }),
            "red",
        ),
        ("fractional-nested-weight-flag", json!({ "targetingKey": "user1", "tier": "basic" }), "blue"),
        ("fractional-as-condition-flag", json!({ "targetingKey": "some-targeting-key" }), "hundreds"),
        ("fractional-as-condition-false-flag", json!({ "targetingKey": "some-targeting-key" }), "ones"),
        ("fractional-single-entry-flag", json!({ "targetingKey": "some-targeting-key" }), "single"),
    ] {
        assert_eq!(value(&flags, flag, context.clone()), json!(expected), "{flag} {context}");
    }
    // A variant that does not exist is an error, and one that is missing the default.
    let yellow = json!({ "targetingKey": "jon@company.com", "color": "yellow" });
    assert_eq!(value(&flags, "fractional-nested-var-flag", yellow), Value::Null);
    let none = json!({ "targetingKey": "jon@company.com" });
    assert_eq!(value(&flags, "fractional-nested-var-flag", none), json!("fallback"));
}

/// The number of the bucket of 25 that a value falls into by version 3.
const BUCKETS: &[(&str, u32)] = &[
    ("true", 5),
    ("false", 1),
    ("\"user1\"", 22),
    ("\"user2\"", 16),
    ("123", 20),
    ("456", 12),
    ("1.23", 14),
    ("4.56", 18),
    ("\"123\"", 22),
    ("\"true\"", 24),
    ("\"false\"", 1),
    ("\"null\"", 8),
    ("\"1.23\"", 4),
    ("0", 8),
    ("1.0", 23),
    ("1", 23),
    ("-2.0", 12),
    ("-2", 12),
    ("9007199254740992.0", 10),
    ("9007199254740992", 10),
    ("0.0", 8),
    ("-0.0", 8),
    ("2147483647", 10),
    ("2147483648", 25),
    ("-2147483648", 8),
    ("-2147483649", 18),
    ("9007199254740991", 2),
    ("23", 21),
    ("24", 11),
    ("255", 13),
    ("256", 13),
    ("65535", 4),
    ("65536", 11),
    ("4294967295", 14),
    ("4294967296", 19),
    ("-24", 4),
    ("-25", 16),
    ("1e20", 19),
    ("-1e20", 25),
    ("65504.0", 16),
    ("-65504.0", 9),
    ("0.00006103515625", 22),
    ("0.000000059604644775390625", 23),
    ("65505.0", 17),
    ("-65505.0", 17),
    ("3.4028234663852886e+38", 10),
    ("-3.4028234663852886e+38", 3),
    ("1.1754943508222875e-38", 24),
    ("3.5e+38", 1),
    ("-3.5e+38", 6),
    ("1.7976931348623157e+308", 17),
    ("-1.7976931348623157e+308", 9),
    ("2.2250738585072014e-308", 11),
    ("4.9406564584124654e-324", 2),
    (r#"{"a": 1, "b": 2}"#, 23),
    (r#"{"b": 2, "a": 1}"#, 23),
    (r#"{"c": 3, "a": 1, "b": 2}"#, 18),
    (r#"{"aa": 2, "z": 1}"#, 21),
    (r#"{"b": 2, "a": {"b": 1}}"#, 9),
    (r#"{"c": "text", "bbb": 1, "a": true, "dddd": 2.5}"#, 25),
    (r#"{"ÿ": 2, "aaa": 1}"#, 12),
    (r#"{"": 2, "abc": 1}"#, 25),
    (r#"{"key": -0.0}"#, 10),
    (r#"{"c": 0.0, "b": -0.0, "a": {"b": 1}}"#, 8),
    (r#"{"café": "façade", "b": {"résumé": {"ÿ": true}}}"#, 22),
    ("{}", 3),
    (r#"{"a": {} }"#, 20),
    (r#"{"a": {}, "b": []}"#, 7),
    (r#"{"a": [1, [], 3], "b": null}"#, 3),
    (r#"{"a": ["a", "b", {}], "b": [1, null, 2]}"#, 23),
    (r#"{"a": [false, 2.5, ""], "b": [], "c": [{}], "c": null}"#, 15),
    (r#"{"x": [{"a": 1}, {"b": 2}, {"b": null}]}"#, 3),
    (r#"{"": "", "": [], "": {}, "": null}"#, 25),
    (r#"{"a": [[[[[]]]]] }"#, 15),
    (r#"{"a": {"b": {"c": {"d": null}} } }"#, 19),
    ("\"\"", 4),
    ("\"a\"", 6),
    ("\"12345678901234567890123\"", 4),
    ("\"123456789012345678901234\"", 14),
    ("\"あいうえおかき\"", 17),
    ("\"éééééééééééé\"", 19),
    ("\"café façade résumé café\"", 9),
    // The testbed's tables do not know escapes: these are texts with backslashes.
    (r#""A\\u0000B""#, 15),
    (r#""e\\u0301""#, 7),
    (r#""\\uD83D\\uDE00""#, 23),
];

#[test]
fn values_of_every_kind_have_their_bucket() {
    let buckets: Vec<Value> = (1..=25).map(|number| json!([format!("bucket{number}"), 1])).collect();
    let variants: Value = (1..=25)
        .map(|number| (format!("bucket{number}"), json!(format!("bucket{number}"))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let mut operands = vec![json!({ "var": "hashing_input" })];
    operands.extend(buckets);
    let file = json!({ "flags": { "fractional-basic-flag": {
        "state": "ENABLED", "variants": variants, "defaultVariant": "bucket1", "targeting": { "fractional": operands }
    } } });
    let read = read_definitions(&SourceFile::new("f.json", file.to_string())).unwrap();
    let flags = Configuration::compile(&read.definitions, FractionalVersion::V3);
    let wrong: Vec<String> = BUCKETS
        .iter()
        .filter_map(|(input, expected)| {
            let input_value: Value = serde_json::from_str(input).unwrap();
            let got = value(&flags, "fractional-basic-flag", json!({ "hashing_input": input_value }));
            (got != json!(format!("bucket{expected}")))
                .then(|| format!("{input}: {got}, expected {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
