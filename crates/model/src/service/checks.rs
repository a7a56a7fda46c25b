//! The keys of `gate:` that look at the world outside: downstream, requires, ci, signature, digests, capacity, flags.

use super::{commands::command_line, commands::read_variables, environment::url, gate::GatePlaces};
use crate::{
    Duration, SignalName,
    blueprint::{Capacity, Checks, Downstream, DownstreamAsk, Limit, Requires, Rule, Signature, Sustain},
    diagnostic::Code,
    source::Spanned,
    yaml::{Fields, Found, Node, Reading, choose_one, list, one_or_many},
};

const DEFAULT_DOWNSTREAM_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// No answer of the gate is waited for longer.
const MAX_TIMEOUT: Duration = Duration::from_secs(30);
/// How many of one kind are asked for; they are asked all at once.
const MAX_ASKED: usize = 64;
const CAPACITY: &str = "`SIGNAL above NUMBER for DURATION`, for example: `cpu-headroom above 20% for 5m`";

/// What is asked of the world outside, and where.
pub(super) fn read(fields: &mut Fields<'_>, found: &mut Found<'_>) -> (Checks, GatePlaces) {
    let downstream = fields.optional("downstream").map(|node| read_downstream(node, found));
    let requires = fields.optional("requires").and_then(|node| read_requires(node, found));
    let ci = super::ci::read(fields.optional("ci"), found);
    let signature = fields.optional("signature").and_then(|node| read_signature(node, found));
    let digests = [("required", true), ("when-known", false)];
    let digests = fields.optional("digests").and_then(|node| node.word(&digests, found));
    let capacity = fields.optional("capacity").and_then(|node| read_capacity(node, found));
    let flags = fields.optional("flags").and_then(|node| node.word(&[("off", true), ("any", false)], found));
    let places = GatePlaces { capacity: capacity.as_ref().map(|capacity| capacity.place) };
    let checks = Checks {
        downstream: downstream.unwrap_or_default(),
        requires,
        ci,
        signature,
        digests_required: digests.is_some_and(|digests| digests.value),
        capacity: capacity.map(|capacity| capacity.value),
        flags_off: flags.is_some_and(|flags| flags.value),
        commit: None,
    };
    (checks, places)
}

/// The items of a list that is not too long to be asked at once.
pub(super) fn bounded<'n>(items: &'n [Node], what: &str, found: &mut Found<'_>) -> &'n [Node] {
    let Some(first) = items.get(MAX_ASKED) else { return items };
    let message = format!("{} {what}", items.len());
    found.error(Code::TOO_BIG, first.place, message).expected(format!("at most {MAX_ASKED}"));
    &items[..MAX_ASKED]
}

/// How long one answer may take.
pub(super) fn read_timeout(
    fields: &mut Fields<'_>,
    default: Duration,
    found: &mut Found<'_>,
) -> Option<Duration> {
    let Some(node) = fields.optional("timeout") else { return Some(default) };
    let timeout = node.duration(found)?;
    if timeout.value <= MAX_TIMEOUT {
        return Some(timeout.value);
    }
    let message = "the gate does not wait so long for one answer";
    found
        .error(Code::INVALID_DURATION, node.place, message)
        .expected(format!("at most {}", MAX_TIMEOUT.human()));
    None
}

fn read_downstream(node: &Node, found: &mut Found<'_>) -> Vec<Downstream> {
    let mut services: Vec<Downstream> = Vec::new();
    for item in bounded(list(node, found), "downstream services", found) {
        let Some(service) = read_service(item, found) else { continue };
        if services.iter().any(|known| known.name == service.name) {
            let message = format!("`{}` is listed twice", service.name);
            found.error(Code::LISTED_TWICE, item.place, message).expected("every name once");
        } else {
            services.push(service);
        }
    }
    services
}

fn read_service(item: &Node, found: &mut Found<'_>) -> Option<Downstream> {
    let mut fields = Fields::open(item, "this downstream service", item.place, found)?;
    let name = fields.required("name", "a name: `name: payment-svc`", found);
    let name = name.and_then(|node| read_name(node, found));
    let chosen = choose_one(&mut fields, &["http", "tcp"], "how it is asked", found);
    let ask = chosen.and_then(|(key, node)| {
        if key.text == "tcp" {
            return read_address(node, found).map(DownstreamAsk::Tcp);
        }
        let expect = fields.optional("expect").map(|node| node.whole(100, 599, found));
        let expect = match expect {
            None => 200,
            Some(read) => u16::try_from(read?.value).ok()?,
        };
        Some(DownstreamAsk::Http { url: public_url(node, found)?, expect })
    });
    let timeout = read_timeout(&mut fields, DEFAULT_DOWNSTREAM_TIMEOUT, found);
    fields.finish(found);
    Some(Downstream { name: name?, ask: ask?, timeout: timeout? })
}

/// A name is printed into tables and records, so it is one plain word.
fn read_name(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if text.chars().count() <= 64 && text.chars().all(plain) {
        return Some(text.value);
    }
    found
        .error(Code::INVALID_NAME, node.place, "this is not a name for a service")
        .expected("1 to 64 of letters, digits, `.`, `_`, `/` and `-`: `payment-svc`");
    None
}

/// A URL without a password in it: it stands in the blueprint and in every answer.
pub(super) fn public_url(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let url = url(node, found)?;
    let authority = url.split_once("//").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    if !authority.is_some_and(|authority| authority.contains('@')) {
        return Some(url.value);
    }
    found
        .error(Code::SECRET_IN_FILE, node.place, "this URL has a password in it")
        .expected("a URL without one; it would stand in the record for everybody to read");
    None
}

fn read_address(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    let valid = text.rsplit_once(':').is_some_and(|(host, port)| {
        let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || "._-[]:".contains(c));
        !host.is_empty() && plain && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    if valid {
        return Some(text.value);
    }
    found
        .error(Code::INVALID_ADDRESS, node.place, "this is not an address")
        .expected("HOST:PORT, for example 127.0.0.1:5432");
    None
}

fn read_requires(node: &Node, found: &mut Found<'_>) -> Option<Requires> {
    let mut fields = Fields::open(node, "what is required", node.place, found)?;
    let env = read_variables(fields.optional("env"), found);
    let files = read_texts(fields.optional("files"), "files", found);
    let commands = one_or_many(fields.optional("command"));
    let commands = bounded(commands, "commands", found).iter();
    let commands = commands.filter_map(|node| command_line(node, &["version"], found)).collect();
    let timeout = read_timeout(&mut fields, DEFAULT_COMMAND_TIMEOUT, found);
    fields.finish(found);
    Some(Requires { env, files, commands, timeout: timeout? })
}

fn read_texts(node: Option<&Node>, what: &str, found: &mut Found<'_>) -> Vec<String> {
    let items = node.map(|node| list(node, found)).unwrap_or_default();
    let texts: Vec<Spanned<String>> =
        bounded(items, what, found).iter().filter_map(|node| node.text(found)).collect();
    texts.into_iter().map(|text| text.value).collect()
}

fn read_signature(node: &Node, found: &mut Found<'_>) -> Option<Signature> {
    let mut fields = Fields::open(node, "the signature", node.place, found)?;
    let file = fields.required("file", "`file: dist/exams-{version}.sig`", found);
    let file = file.and_then(|node| command_line(node, &["version"], found));
    let key = fields.required("key", "`key: keys/release.pub`, a public key in PEM", found);
    let key = key.and_then(|node| node.text(found));
    fields.finish(found);
    Some(Signature { file: file?, key: key?.value })
}

fn read_capacity(node: &Node, found: &mut Found<'_>) -> Option<Spanned<Capacity>> {
    let text = node.text(found)?;
    let parsed = text.trim().split_once(char::is_whitespace).and_then(|(signal, rule)| {
        let signal: SignalName = signal.parse().ok()?;
        match rule.parse::<Rule>().ok()? {
            Rule::Threshold(condition) => Some(Capacity { signal, condition }),
            Rule::WorseThanControl { .. } | Rule::WorseThanBaseline { .. } | Rule::Over { .. } => None,
        }
    });
    let fits = |capacity: &Capacity| {
        matches!(capacity.condition.limit, Limit::Absolute(_))
            && matches!(capacity.condition.sustain, Sustain::For(_))
    };
    match parsed.filter(fits) {
        Some(capacity) => Some(Spanned::new(capacity, node.place)),
        None => {
            let message = "this does not say how much room there must be, and for how long";
            found.error(Code::VAGUE_TRIGGER, node.place, message).expected(CAPACITY);
            None
        }
    }
}
