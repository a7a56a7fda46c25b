//! From text to tree, within limits.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::{Key, Kind, Node};
use crate::{
    diagnostic::{Code, Diagnostic},
    source::{Place, SourceFile},
};

/// How deep lists and maps may be nested; a plan needs six.
const MAX_DEPTH: usize = 32;
/// How many values a file may have, those copied by aliases included.
const MAX_NODES: usize = 20_000;
/// How many bytes of text it may have, those copied by aliases included.
const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// The tree of a file's only document, and the mistakes that do not keep it from being one.
pub fn parse(source: &SourceFile) -> Result<(Node, Vec<Diagnostic>), Box<Diagnostic>> {
    source.check_size()?;
    let options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
        disallow_directives: true,
    };
    let mut builder = Builder::new(source);
    for item in Parser::with_options(StrInput::new(&source.text), options) {
        let (event, span) = item.map_err(|error| syntax_error(source, &error))?;
        builder.event(event, span)?;
    }
    builder.finish()
}

/// A list or a map that is not closed yet.
struct Open {
    place: Place,
    anchor: usize,
    collection: Collection,
}

enum Collection {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, keys: BTreeSet<String>, pending: Pending },
}

/// What a map waits for.
enum Pending {
    Key,
    Value(Key),
    /// The value of a key that was there before; it is dropped.
    Repeated,
}

struct Builder<'s> {
    source: &'s SourceFile,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, Size)>,
    size: Size,
    documents: usize,
    mistakes: Vec<Diagnostic>,
    root: Option<Node>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s SourceFile) -> Self {
        Self {
            source,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            size: Size::default(),
            documents: 0,
            mistakes: Vec::new(),
            root: None,
        }
    }

    /// Line and column come from the parser: counting them again for every value of a long line takes for ever.
    fn place(&self, span: Span) -> Place {
        let range = span.byte_range().unwrap_or(0..0);
        let written = self.source.text.get(range.clone()).map_or(0, |text| text.trim_end().len());
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (line, column) = (number(span.start.line()), number(span.start.col().saturating_add(1)));
        Place { line, column, start: range.start, end: range.start + written }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Box<Diagnostic>> {
        let place = self.place(span);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self.one_document(place, "a second document begins here"));
                }
            }
            Event::Scalar(text, style, anchor, _tag) => {
                let kind = scalar(&text, style);
                let node = Node { place, kind };
                self.count(Size::of(&node), place)?;
                self.add(node, anchor)?;
            }
            Event::SequenceStart(_, anchor, _tag) => {
                self.enter(place, anchor, Collection::List(Vec::new()))?
            }
            Event::MappingStart(_, anchor, _tag) => {
                let map =
                    Collection::Map { entries: Vec::new(), keys: BTreeSet::new(), pending: Pending::Key };
                self.enter(place, anchor, map)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(place)?,
            Event::Alias(anchor) => self.alias(anchor, place)?,
            // The stream's ends and events that we did not ask for carry no value.
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, place: Place, anchor: usize, collection: Collection) -> Result<(), Box<Diagnostic>> {
        self.count(Size { nodes: 1, bytes: 0 }, place)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(too_deep(self.source, place)));
        }
        self.open.push(Open { place, anchor, collection });
        Ok(())
    }

    fn leave(&mut self, end: Place) -> Result<(), Box<Diagnostic>> {
        let Some(Open { mut place, anchor, collection }) = self.open.pop() else { return Ok(()) };
        let kind = match collection {
            Collection::List(items) => Kind::List(items),
            Collection::Map { entries, .. } => Kind::Map(entries),
        };
        let written = self.source.text.get(place.start..end.end).map_or(0, |text| text.trim_end().len());
        place.end = place.start + written;
        self.add(Node { place, kind }, anchor)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Box<Diagnostic>> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            let message = "this alias stands inside what it repeats";
            return Err(Box::new(
                self.error(Code::NOT_YAML, place, message).expected("an alias of something closed"),
            ));
        };
        let (kind, size) = (node.kind.clone(), *size);
        self.count(size, place)?;
        self.add(Node { place, kind }, 0)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Box<Diagnostic>> {
        if anchor != 0 {
            let size = Size::of(&node);
            self.anchors.insert(anchor, (node.clone(), size));
            // The copy that is kept for aliases takes memory too.
            self.count(size, node.place)?;
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { collection: Collection::List(items), .. }) => items.push(node),
            Some(Open { collection: Collection::Map { entries, keys, pending }, .. }) => {
                match std::mem::replace(pending, Pending::Key) {
                    Pending::Value(key) => entries.push((key, node)),
                    Pending::Repeated => {}
                    Pending::Key => {
                        let key = as_key(self.source, node)?;
                        if keys.insert(key.text.clone()) {
                            *pending = Pending::Value(key);
                        } else {
                            self.mistakes.push(written_twice(self.source, &key));
                            *pending = Pending::Repeated;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, more: Size, place: Place) -> Result<(), Box<Diagnostic>> {
        self.size = self.size.plus(more);
        if self.size.nodes <= MAX_NODES && self.size.bytes <= MAX_TEXT_BYTES {
            return Ok(());
        }
        let message =
            format!("more than {MAX_NODES} values or 4 MiB of text, those repeated by aliases included");
        Err(Box::new(self.error(Code::TOO_BIG, place, &message).expected("a file that a person can read")))
    }

    fn finish(mut self) -> Result<(Node, Vec<Diagnostic>), Box<Diagnostic>> {
        match self.root.take() {
            Some(Node { kind: Kind::Null, place }) => Err(self.one_document(place, "the file is empty")),
            Some(root) => Ok((root, self.mistakes)),
            None => Err(self.one_document(Place::START, "the file is empty")),
        }
    }

    fn one_document(&self, place: Place, message: &str) -> Box<Diagnostic> {
        let help = "`ripcord init` writes files to begin with";
        Box::new(
            self.error(Code::ONE_DOCUMENT, place, message).expected("exactly one YAML document").help(help),
        )
    }

    fn error(&self, code: Code, place: Place, message: &str) -> Diagnostic {
        Diagnostic::error(code, &self.source.path, place, message)
    }
}

fn as_key(source: &SourceFile, node: Node) -> Result<Key, Box<Diagnostic>> {
    let what = node.describe();
    let place = node.place;
    match node.kind {
        Kind::Text(text) => Ok(Key { place, text }),
        Kind::Null | Kind::List(_) | Kind::Map(_) => {
            let message = format!("a key must be a text, this is {what}");
            Err(Box::new(
                Diagnostic::error(Code::WRONG_KIND, &source.path, place, message).expected("key: value"),
            ))
        }
    }
}

fn written_twice(source: &SourceFile, key: &Key) -> Diagnostic {
    let message = format!("`{}` is written twice", key.text);
    Diagnostic::error(Code::DUPLICATE_KEY, &source.path, key.place, message)
        .expected("every key once")
        .help("keep one of them")
}

fn scalar(text: &str, style: ScalarStyle) -> Kind {
    let plain = matches!(style, ScalarStyle::Plain);
    if plain && matches!(text, "" | "~" | "null") { Kind::Null } else { Kind::Text(text.to_owned()) }
}

/// How much a node holds.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
}

impl Size {
    fn of(node: &Node) -> Self {
        let text = |text: &str| Self { nodes: 1, bytes: text.len() };
        let one = Self { nodes: 1, bytes: 0 };
        match &node.kind {
            Kind::Null => one,
            Kind::Text(value) => text(value),
            Kind::List(items) => items.iter().map(Self::of).fold(one, Self::plus),
            Kind::Map(entries) => {
                entries.iter().map(|(key, value)| text(&key.text).plus(Self::of(value))).fold(one, Self::plus)
            }
        }
    }

    fn plus(self, other: Self) -> Self {
        Self { nodes: self.nodes.saturating_add(other.nodes), bytes: self.bytes.saturating_add(other.bytes) }
    }
}

fn syntax_error(source: &SourceFile, error: &ScanError) -> Box<Diagnostic> {
    let marker = error.marker();
    let offset = marker.byte_offset().unwrap_or_else(|| offset_of_line(&source.text, marker.line()));
    let place = Place::at(&source.text, offset..offset + 1);
    if matches!(error.kind(), granit_parser::ErrorKind::RecursionLimitExceeded) {
        return Box::new(too_deep(source, place));
    }
    let message = format!("this is not YAML: {}", error.info());
    let help = "look at the indentation and the quotes here and on the line before";
    Box::new(Diagnostic::error(Code::NOT_YAML, &source.path, place, message).expected("YAML").help(help))
}

fn offset_of_line(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

fn too_deep(source: &SourceFile, place: Place) -> Diagnostic {
    let message = format!("nested more than {MAX_DEPTH} levels deep");
    Diagnostic::error(Code::TOO_DEEP, &source.path, place, message).expected("a few levels of lists and maps")
}
