//! YAML, the core schema: what is written plainly may be null, a truth value or a number, what is quoted is a text.
//!
//! Without aliases and anchors: a file of definitions is read by machines in several languages, and a set of rules that
//! is repeated has its own means, `$evaluators`.

use std::ops::Range;

use ripcord_model::{
    diagnostic::{Code, Diagnostic},
    source::{Place, SourceFile},
};
use serde_json::Number;
use serde_saphyr::granit_parser::{self, ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::{Key, Kind, MAX_DEPTH, Node, too_deep};

pub(super) fn parse(source: &SourceFile) -> Result<Node, Box<Diagnostic>> {
    let options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        disallow_directives: true,
    };
    let mut builder = Builder { source, open: Vec::new(), root: None, documents: 0 };
    for item in Parser::with_options(StrInput::new(&source.text), options) {
        let (event, span) = item.map_err(|error| syntax_error(source, &error))?;
        builder.event(event, span)?;
    }
    builder.root.ok_or_else(|| Box::new(not_yaml(source, 0..0, "the file is empty")))
}

enum Collection {
    List(Vec<Node>),
    Map(Vec<(Key, Node)>, Option<Key>),
}

struct Builder<'s> {
    source: &'s SourceFile,
    open: Vec<(usize, Collection)>,
    root: Option<Node>,
    documents: usize,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Box<Diagnostic>> {
        let at = span.byte_range().unwrap_or(0..0);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Box::new(not_yaml(self.source, at, "a second document begins here")));
                }
            }
            Event::Scalar(text, style, _anchor, _tag) => {
                let kind = scalar(&text, style);
                self.add(Node { at, kind })?;
            }
            Event::SequenceStart(..) => self.enter(at, Collection::List(Vec::new()))?,
            Event::MappingStart(..) => self.enter(at, Collection::Map(Vec::new(), None))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((start, collection)) = self.open.pop() {
                    let kind = match collection {
                        Collection::List(items) => Kind::List(items),
                        Collection::Map(entries, _) => Kind::Map(entries),
                    };
                    self.add(Node { at: start..at.end, kind })?;
                }
            }
            Event::Alias(_) => {
                return Err(Box::new(
                    not_yaml(self.source, at, "definitions have no aliases")
                        .help("put the rule into `$evaluators`"),
                ));
            }
            // The stream's ends and events that we did not ask for carry no value.
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, at: Range<usize>, collection: Collection) -> Result<(), Box<Diagnostic>> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(too_deep(self.source, at)));
        }
        self.open.push((at.start, collection));
        Ok(())
    }

    fn add(&mut self, node: Node) -> Result<(), Box<Diagnostic>> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((_, Collection::List(items))) => items.push(node),
            Some((_, Collection::Map(entries, pending))) => match pending.take() {
                Some(key) => entries.push((key, node)),
                None => *pending = Some(as_key(self.source, node)?),
            },
        }
        Ok(())
    }
}

/// A key is its text, also where YAML would read a number: `3: hearts` is the variant `3`.
fn as_key(source: &SourceFile, node: Node) -> Result<Key, Box<Diagnostic>> {
    match node.kind {
        Kind::Text(text) => Ok(Key { at: node.at, text }),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => {
            let text = source.text.get(node.at.clone()).unwrap_or_default().trim().to_owned();
            Ok(Key { at: node.at, text })
        }
        Kind::List(_) | Kind::Map(_) => Err(Box::new(not_yaml(source, node.at, "a key must be a text"))),
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Kind {
    if !matches!(style, ScalarStyle::Plain) {
        return Kind::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => number(text).map_or_else(|| Kind::Text(text.to_owned()), Kind::Number),
    }
}

/// Numbers as JSON writes them. `.nan` and `.inf` are no numbers here, so they stay texts and are refused as such.
fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit()).then_some(())?;
    serde_json::from_str(text.strip_prefix('+').unwrap_or(text)).ok()
}

fn syntax_error(source: &SourceFile, error: &ScanError) -> Box<Diagnostic> {
    let offset = error.marker().byte_offset().unwrap_or(0);
    if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return Box::new(too_deep(source, offset..offset + 1));
    }
    Box::new(not_yaml(source, offset..offset + 1, &error.info().to_string()))
}

fn not_yaml(source: &SourceFile, at: Range<usize>, why: &str) -> Diagnostic {
    let message = format!("this is not YAML: {why}");
    Diagnostic::error(Code::NOT_YAML, &source.path, Place::at(&source.text, at), message)
        .expected("YAML or JSON")
}
