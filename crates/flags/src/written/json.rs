//! JSON, strictly as the RFC has it.

use std::ops::Range;

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{ObjectPropName, Value},
    common::Ranged as _,
    errors::ParseErrorKind,
    parse_to_ast,
};
use ripcord_model::{
    diagnostic::{Code, Diagnostic},
    source::{Place, SourceFile},
};

use super::{Key, Kind, MAX_DEPTH, Node, too_deep};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn parse(source: &SourceFile) -> Result<Node, Box<Diagnostic>> {
    let text = source.text.as_str();
    // Before the parser, which goes down by recursion.
    if let Some(offset) = too_deep_at(text) {
        return Err(Box::new(too_deep(source, offset..offset + 1)));
    }
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        let range = error.range().start..error.range().end.max(error.range().start + 1);
        if matches!(error.kind(), ParseErrorKind::NestingDepthExceeded) {
            return too_deep(source, range);
        }
        not_json(source, range, &error.kind().to_string())
    })?;
    match parsed.value {
        Some(value) => Ok(node(source, value)?),
        None => Err(Box::new(not_json(source, 0..0, "the file is empty"))),
    }
}

fn node(source: &SourceFile, value: Value<'_>) -> Result<Node, Box<Diagnostic>> {
    let at = value.range().start..value.range().end;
    let kind = match value {
        Value::NullKeyword(_) => Kind::Null,
        Value::BooleanLit(literal) => Kind::Bool(literal.value),
        Value::StringLit(text) => Kind::Text(text.value.into_owned()),
        Value::NumberLit(number) => match serde_json::from_str(number.value) {
            Ok(number) => Kind::Number(number),
            Err(_) => return Err(Box::new(not_json(source, at, "this number is out of range"))),
        },
        Value::Array(list) => {
            Kind::List(list.elements.into_iter().map(|item| node(source, item)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let entries = map.properties.into_iter().map(|property| {
                let key = match property.name {
                    ObjectPropName::String(name) => {
                        Key { at: name.range.start..name.range.end, text: name.value.into_owned() }
                    }
                    ObjectPropName::Word(name) => {
                        Key { at: name.range.start..name.range.end, text: name.value.to_owned() }
                    }
                };
                Ok((key, node(source, property.value)?))
            });
            Kind::Map(entries.collect::<Result<_, Box<Diagnostic>>>()?)
        }
    };
    Ok(Node { at, kind })
}

/// Where brackets outside of texts are open more deeply than is read.
fn too_deep_at(text: &str) -> Option<usize> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (offset, byte) in text.bytes().enumerate() {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Some(offset);
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn not_json(source: &SourceFile, at: Range<usize>, why: &str) -> Diagnostic {
    let message = format!("this is not JSON: {}", lower(why));
    Diagnostic::error(Code::NOT_JSON, &source.path, Place::at(&source.text, at), message)
        .expected("JSON")
        .help("look at the commas and quotes here and on the line before")
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
