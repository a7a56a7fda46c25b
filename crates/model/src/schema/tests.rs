//! The schemas are checked in, and they know the same keys as the readers: a file that uses every key is read without
//! a complaint, fits its schema, and touches all of the schema.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::{
    diagnostic::Code,
    read_plan, read_service,
    source::SourceFile,
    yaml::{self, Kind, Node},
};

const SERVICE: &str = include_str!("../../tests/files/full/ripcord.yaml");
const PLAN: &str = include_str!("../../tests/files/full/release.yaml");

#[test]
fn the_schemas_that_are_checked_in_are_those_of_the_types() {
    for (name, schema) in [("ripcord", service_schema()), ("release", plan_schema())] {
        let path = format!("{}/../../schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &schema).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written == schema, "{path} is out of date: UPDATE=1 cargo test -p ripcord-model schema");
    }
}

/// Walks a file along its schema, noting every property that is met.
struct Walk<'s> {
    root: &'s Value,
    met: BTreeSet<(String, String)>,
}

impl Walk<'_> {
    fn fits(&mut self, node: &Node, schema: &Value, at: &str) -> Result<(), String> {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.strip_prefix("#/definitions/").unwrap();
            return self.fits(node, &self.root["definitions"][name], name);
        }
        for list in ["anyOf", "allOf", "oneOf"] {
            let Some(options) = schema[list].as_array() else { continue };
            if options.iter().any(|option| option.get("required").is_some() && option.get("type").is_none()) {
                continue;
            }
            let tried: Vec<_> = options.iter().map(|option| self.fits(node, option, at)).collect();
            return if tried.iter().any(Result::is_ok) { Ok(()) } else { tried.into_iter().next().unwrap() };
        }
        match &node.kind {
            Kind::Map(entries) if schema["type"].to_string().contains("object") => {
                for (key, value) in entries {
                    let inner = match schema["properties"].get(&key.text) {
                        Some(property) => {
                            self.met.insert((at.to_owned(), key.text.clone()));
                            property
                        }
                        None => schema
                            .get("additionalProperties")
                            .filter(|more| more.is_object())
                            .ok_or_else(|| format!("the schema of {at} has no `{}`", key.text))?,
                    };
                    self.fits(value, inner, at)?;
                }
                Ok(())
            }
            Kind::List(items) if schema["type"].to_string().contains("array") => {
                items.iter().try_for_each(|item| self.fits(item, &schema["items"], at))
            }
            Kind::Text(text) => {
                let kinds = schema["type"].to_string();
                let words = schema["enum"].as_array();
                let known = words.is_none_or(|words| words.iter().any(|word| word == text.as_str()));
                let constant = schema.get("const").is_none_or(|word| word == text.as_str());
                let scalar =
                    ["string", "number", "integer", "boolean"].iter().any(|kind| kinds.contains(kind));
                if (scalar || schema.get("const").is_some()) && known && constant {
                    Ok(())
                } else {
                    Err(format!("`{text}` does not fit {schema} in {at}"))
                }
            }
            Kind::Null | Kind::Map(_) | Kind::List(_) => {
                Err(format!("{} does not fit {schema} in {at}", node.describe()))
            }
        }
    }
}

fn properties(root: &Value) -> BTreeSet<(String, String)> {
    let definitions = root["definitions"].as_object().unwrap();
    let named = definitions.iter().map(|(name, schema)| (name.as_str(), schema));
    let mut all = BTreeSet::new();
    for (name, schema) in std::iter::once(("", root)).chain(named) {
        if let Some(properties) = schema["properties"].as_object() {
            all.extend(properties.keys().map(|key| (name.to_owned(), key.clone())));
        }
    }
    all
}

#[test]
fn a_file_with_every_key_is_read_and_covers_its_schema() {
    for (text, schema) in [(SERVICE, service_schema()), (PLAN, plan_schema())] {
        let source = SourceFile::new("full.yaml", text);
        let root: Value = serde_json::from_str(&schema).unwrap();
        let mut walk = Walk { root: &root, met: BTreeSet::new() };
        let (node, mistakes) = yaml::parse(&source).unwrap();
        assert!(mistakes.is_empty());
        walk.fits(&node, &root, "").unwrap_or_else(|error| panic!("{error}"));
        let missed: Vec<_> = properties(&root).difference(&walk.met).cloned().collect();
        assert!(missed.is_empty(), "the full file does not use {missed:?}");
    }
    read_service(&SourceFile::new("ripcord.yaml", SERVICE)).unwrap_or_else(|errors| panic!("{errors}"));
    read_plan(&SourceFile::new("release.yaml", PLAN)).unwrap_or_else(|errors| panic!("{errors}"));
}

/// Every flow and block map of the full files gets a key that nobody knows; the reader's answer lists what it does
/// know there, and all of it must be in the full file, hence in the schema.
#[test]
fn the_readers_know_no_key_that_the_schema_does_not() {
    let mut asked = 0;
    for (text, schema, is_plan) in [(SERVICE, service_schema(), false), (PLAN, plan_schema(), true)] {
        let root: Value = serde_json::from_str(&schema).unwrap();
        let known: BTreeSet<String> = properties(&root).into_iter().map(|(_, key)| key).collect();
        let inside =
            text.match_indices('{').map(|(at, _)| format!("{}{{ zzz: x, {}", &text[..at], &text[at + 1..]));
        for damaged in inside.chain([format!("zzz: x\n{text}")]) {
            let source = SourceFile::new("damaged.yaml", damaged);
            let errors = if is_plan { read_plan(&source).err() } else { read_service(&source).err() };
            for error in errors.into_iter().flatten().filter(|error| error.code == Code::UNKNOWN_KEY) {
                asked += 1;
                let listed = error.expected.unwrap();
                for key in listed.trim_start_matches("one of: ").split(", ") {
                    assert!(known.contains(key), "the reader knows `{key}`, the schema does not");
                }
            }
        }
    }
    assert!(asked >= 35, "only {asked} maps said what they know");
}
