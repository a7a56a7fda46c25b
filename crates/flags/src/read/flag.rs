//! One flag: its keys, its variants, its default.

use std::collections::BTreeMap;

use ripcord_model::diagnostic::Code;
use serde_json::Value;

use super::Reader;
use crate::{
    Flag, State,
    definition::FRACTIONAL,
    written::{Key, Kind, Node},
};

/// The longest key of a flag.
const MAX_KEY_BYTES: usize = 200;
/// The largest whole number that every language reads as it was written: 2^53 - 1.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

const KEYS: &str = "state, variants, defaultVariant, targeting, metadata";

impl Reader<'_> {
    pub(super) fn flag_key(&mut self, key: &Key) {
        let text = &key.text;
        if text.is_empty()
            || text.len() > MAX_KEY_BYTES
            || text.contains(|c: char| c.is_control() || c == '/')
        {
            let message = "a flag's key must be a name that can stand in a URL";
            self.error(Code::INVALID_FLAG_KEY, key.at.clone(), message, "up to 200 bytes without slashes");
        }
    }

    /// The flag, unless its shape is wrong.
    pub(super) fn flag(&mut self, key: &Key, node: &Node) -> Option<Flag> {
        let Kind::Map(entries) = &node.kind else {
            self.wrong_kind(node, &format!("flag `{}` is", key.text), "a map with `variants`");
            return None;
        };
        self.once(entries);
        let mut flag = Flag {
            state: State::Enabled,
            variants: BTreeMap::new(),
            default_variant: None,
            targeting: None,
            metadata: serde_json::Map::new(),
        };
        let (mut whole, mut variants, mut default) = (true, None, None);
        for (name, value) in entries {
            match name.text.as_str() {
                "state" => whole &= self.state(value).map(|state| flag.state = state).is_some(),
                "variants" => variants = Some(value),
                "defaultVariant" => default = Some(value),
                "targeting" => flag.targeting = Some(value.value()),
                "metadata" => flag.metadata = self.metadata(value),
                _ => self.unknown_key(name, KEYS),
            }
        }
        match variants {
            Some(variants) => whole &= self.variants(variants, &mut flag),
            None => {
                let message = format!("flag `{}` has no variants", key.text);
                self.error(Code::MISSING_KEY, key.at.clone(), message, "variants: { NAME: VALUE }");
                whole = false;
            }
        }
        whole &= self.default_variant(key, default, &mut flag);
        self.recorded_fractional(entries, &flag);
        whole.then_some(flag)
    }

    fn state(&mut self, node: &Node) -> Option<State> {
        match &node.kind {
            Kind::Text(text) if text == "ENABLED" => Some(State::Enabled),
            Kind::Text(text) if text == "DISABLED" => Some(State::Disabled),
            _ => {
                self.error(
                    Code::UNKNOWN_WORD,
                    node.at.clone(),
                    "this is no state of a flag",
                    "ENABLED or DISABLED",
                );
                None
            }
        }
    }

    fn variants(&mut self, node: &Node, flag: &mut Flag) -> bool {
        let Kind::Map(entries) = &node.kind else {
            self.wrong_kind(node, "`variants` is", "a map of values by name");
            return false;
        };
        self.once(entries);
        if entries.is_empty() {
            self.error(
                Code::MISSING_KEY,
                node.at.clone(),
                "there are no variants",
                "variants: { NAME: VALUE }",
            );
            return false;
        }
        let first = &entries[0];
        for (name, value) in entries {
            let comparable =
                matches!(value.kind, Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Map(_));
            if !comparable {
                self.wrong_kind(
                    value,
                    &format!("variant `{}` is", name.text),
                    "a truth value, text, number or map",
                );
                return false;
            }
            if std::mem::discriminant(&value.kind) != std::mem::discriminant(&first.1.kind) {
                let message = format!(
                    "variant `{}` is {}, and `{}` is {}: clients ask for one type",
                    name.text,
                    value.describe(),
                    first.0.text,
                    first.1.describe()
                );
                self.error(Code::MIXED_VARIANTS, value.at.clone(), message, "variants of one type");
                return false;
            }
            self.in_range(value);
            flag.variants.insert(name.text.clone(), value.value());
        }
        true
    }

    fn in_range(&mut self, node: &Node) {
        if let Kind::Number(number) = &node.kind
            && !number.as_f64().is_some_and(|value| value.fract() != 0.0 || value.abs() <= MAX_WHOLE)
        {
            let message = "a whole number this large is read differently by different clients";
            self.error(Code::INVALID_NUMBER, node.at.clone(), message, "at most 9007199254740991");
        }
    }

    fn default_variant(&mut self, key: &Key, node: Option<&Node>, flag: &mut Flag) -> bool {
        match node.map(|node| (node, &node.kind)) {
            None | Some((_, Kind::Null)) => {
                let at = node.map_or(key.at.clone(), |node| node.at.clone());
                let message = format!(
                    "flag `{}` has no default variant: clients in Rust that evaluate by themselves refuse the whole file",
                    key.text
                );
                self.warning(Code::NO_DEFAULT_VARIANT, at, message, "defaultVariant: one of the variants");
                true
            }
            Some((node, Kind::Text(name))) => {
                if !flag.variants.is_empty() && !flag.variants.contains_key(name) {
                    let message = format!("`{name}` is none of the variants of flag `{}`", key.text);
                    let names: Vec<&str> = flag.variants.keys().map(String::as_str).collect();
                    self.error(Code::UNKNOWN_VARIANT, node.at.clone(), message, names.join(", "));
                }
                flag.default_variant = Some(name.clone());
                true
            }
            Some((node, Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Map(_))) => {
                self.wrong_kind(node, "`defaultVariant` is", "the name of a variant");
                false
            }
        }
    }

    fn recorded_fractional(&mut self, entries: &[(Key, Node)], flag: &Flag) {
        let Some(Value::String(_) | Value::Number(_) | Value::Bool(_)) = flag.metadata.get(FRACTIONAL) else {
            return;
        };
        if flag.fractional().is_none() {
            let at = entries
                .iter()
                .find(|(key, _)| key.text == "metadata")
                .map_or(0..0, |(_, node)| node.at.clone());
            let message = format!("`{FRACTIONAL}` names no version of fractional");
            self.error(Code::UNKNOWN_FRACTIONAL, at, message, "v1, v2 or v3");
        }
    }
}
