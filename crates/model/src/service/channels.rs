//! `channels:`, `audiences:` and `alerts:` of `ripcord.yaml`: through what people are told, whom that reaches, and what
//! alerts that come in lead to.

use std::collections::BTreeMap;

use super::environment::{secret_url, url};
use crate::{
    ChannelName, RunbookName,
    blueprint::{AlertRules, Channel, ChannelKind, EmailChannel},
    comms::Audience,
    diagnostic::Code,
    source::Spanned,
    yaml::{self, Fields, Found, Kind, Node, Reading, choose_one, one_or_many},
};

const PAGERDUTY: &str = "https://events.pagerduty.com";
const STATUSPAGE: &str = "https://api.statuspage.io";
/// More channels than this tell nobody anything.
const CHANNELS_MAX: usize = 32;

/// `channels:`; whom each reaches is read afterwards.
pub(super) fn read(node: &Node, found: &mut Found<'_>) -> Vec<Spanned<Channel>> {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("`channels` is {}", node.describe());
        found
            .error(Code::WRONG_KIND, node.place, message)
            .expected("a map: `team: { slack: env:SLACK_URL }`");
        return Vec::new();
    };
    if entries.len() > CHANNELS_MAX {
        let message = format!("{} channels are too many", entries.len());
        found.error(Code::TOO_BIG, node.place, message).expected(format!("at most {CHANNELS_MAX}"));
    }
    let mut channels = Vec::new();
    for (key, value) in entries {
        let name = yaml::key_name::<ChannelName>(key, found);
        let Some(mut fields) = Fields::open(value, "this channel", key.place, found) else { continue };
        let kinds = ["slack", "pagerduty", "statuspage", "webhook", "email", "alertmanager"];
        let chosen = choose_one(&mut fields, &kinds, "what the channel is", found);
        let kind = chosen.and_then(|(kind, node)| read_kind(&kind.text, node, found));
        fields.finish(found);
        if let (Some(name), Some(kind)) = (name, kind) {
            channels.push(Spanned::new(Channel { name, audience: None, kind }, key.place));
        }
    }
    channels
}

fn read_kind(word: &str, node: &Node, found: &mut Found<'_>) -> Option<ChannelKind> {
    match word {
        "slack" => Some(ChannelKind::Slack { url: secret_url(node, found)? }),
        "pagerduty" => read_pagerduty(node, found),
        "statuspage" => read_statuspage(node, found),
        "webhook" => read_webhook(node, found),
        "email" => read_email(node, found),
        _ => read_alertmanager(node, found),
    }
}

fn read_pagerduty(node: &Node, found: &mut Found<'_>) -> Option<ChannelKind> {
    if matches!(node.kind, Kind::Text(_)) {
        return Some(ChannelKind::Pagerduty { url: PAGERDUTY.to_owned(), key: secret(node, found)? });
    }
    let mut fields = Fields::open(node, "pagerduty", node.place, found)?;
    let key = fields.required("key", "`key: env:PAGERDUTY_KEY`, the routing key", found);
    let key = key.and_then(|node| secret(node, found));
    let base = base(&mut fields, PAGERDUTY, found);
    fields.finish(found);
    Some(ChannelKind::Pagerduty { url: base?, key: key? })
}

fn read_statuspage(node: &Node, found: &mut Found<'_>) -> Option<ChannelKind> {
    let mut fields = Fields::open(node, "statuspage", node.place, found)?;
    let page = fields.required("page", "the page's id: `page: abc123`", found);
    let page = page.and_then(|node| read_page(node, found));
    let key = fields.required("key", "`key: env:STATUSPAGE_KEY`", found);
    let key = key.and_then(|node| secret(node, found));
    let base = base(&mut fields, STATUSPAGE, found);
    fields.finish(found);
    Some(ChannelKind::Statuspage { url: base?, page: page?, key: key? })
}

/// It stands in a URL.
fn read_page(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Some(text.value);
    }
    found
        .error(Code::INVALID_NAME, node.place, "this is not the id of a page")
        .expected("letters, digits, `-`, `_`");
    None
}

fn read_webhook(node: &Node, found: &mut Found<'_>) -> Option<ChannelKind> {
    if matches!(node.kind, Kind::Text(_)) {
        return Some(ChannelKind::Webhook { url: secret_url(node, found)?, secret: None });
    }
    let mut fields = Fields::open(node, "webhook", node.place, found)?;
    let url = fields.required("url", "`url: env:HOOK_URL`", found).and_then(|node| secret_url(node, found));
    let signed = optional(fields.optional("secret"), found, secret);
    fields.finish(found);
    Some(ChannelKind::Webhook { url: url?, secret: signed? })
}

fn read_email(node: &Node, found: &mut Found<'_>) -> Option<ChannelKind> {
    let mut fields = Fields::open(node, "email", node.place, found)?;
    let server = fields.required("server", "`server: smtps://mail.example.org`", found);
    let server = server.and_then(|node| read_server(node, found));
    let from = fields.required("from", "`from: ripcord@example.org`", found);
    let from = from.and_then(|node| address(node, found));
    let to = one_or_many(fields.required("to", "`to: team@example.org`", found));
    let to: Vec<String> = to.iter().filter_map(|node| address(node, found)).collect();
    let user = fields.optional("user").and_then(|node| node.text(found)).map(|user| user.value);
    let password = optional(fields.optional("password"), found, secret);
    fields.finish(found);
    let email = EmailChannel { server: server?, from: from?, to, user, password: password? };
    (!email.to.is_empty()).then_some(ChannelKind::Email(email))
}

fn read_server(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    let rest =
        ["smtp://", "smtps://", "smtp+starttls://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    // A user belongs into `user`, and a password into a variable.
    if rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
    }) {
        return Some(text.value);
    }
    found
        .error(Code::INVALID_ADDRESS, node.place, "this is not a mail server")
        .expected("smtp://HOST:PORT, smtps://HOST:PORT or smtp+starttls://HOST:PORT");
    None
}

fn address(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    let halves = text.split_once('@');
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,;\"".contains(&byte));
    if plain && halves.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
    {
        return Some(text.value);
    }
    found
        .error(Code::INVALID_ADDRESS, node.place, "this is not an e-mail address")
        .expected("name@example.org");
    None
}

fn read_alertmanager(node: &Node, found: &mut Found<'_>) -> Option<ChannelKind> {
    let mut fields = Fields::open(node, "alertmanager", node.place, found)?;
    let url = fields.required("url", "`url: http://127.0.0.1:9093`", found).and_then(|node| url(node, found));
    let silence = fields.required("silence", "labels: `silence: { alertname: ExamsSlow }`", found);
    let silence = silence.map(|node| read_labels(node, found));
    let token = optional(fields.optional("token"), found, secret);
    fields.finish(found);
    let silence = silence.filter(|labels| !labels.is_empty());
    Some(ChannelKind::Alertmanager { url: url?.value, silence: silence?, token: token? })
}

/// Labels and their values.
fn read_labels(node: &Node, found: &mut Found<'_>) -> BTreeMap<String, String> {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("these labels are {}", node.describe());
        found.error(Code::WRONG_KIND, node.place, message).expected("a map: `{ service: exams }`");
        return BTreeMap::new();
    };
    if entries.is_empty() {
        found
            .error(Code::MISSING_KEY, node.place, "no label is named")
            .expected("at least one: `{ service: exams }`");
    }
    let mut labels = BTreeMap::new();
    for (key, value) in entries {
        let name = key.text.as_str();
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit());
        if !plain {
            found
                .error(Code::INVALID_NAME, key.place, "this is not the name of a label")
                .expected("letters, digits, `_`");
        }
        labels.extend(value.text(found).map(|value| (key.text.clone(), value.value)));
    }
    labels
}

fn base(fields: &mut Fields<'_>, usual: &str, found: &mut Found<'_>) -> Option<String> {
    match fields.optional("url") {
        None => Some(usual.to_owned()),
        Some(node) => url(node, found).map(|url| url.value.trim_end_matches('/').to_owned()),
    }
}

/// `Some(None)` where nothing is written, `None` where what is written is wrong.
fn optional<T>(
    node: Option<&Node>,
    found: &mut Found<'_>,
    read: impl FnOnce(&Node, &mut Found<'_>) -> Option<T>,
) -> Option<Option<T>> {
    match node {
        None => Some(None),
        Some(node) => read(node, found).map(Some),
    }
}

/// The name of an environment variable. What is written instead is not repeated: it may be the secret.
fn secret(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    let named = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if text.strip_prefix("env:").is_some_and(named) {
        return Some(text.value);
    }
    found
        .error(Code::SECRET_IN_FILE, node.place, "a secret does not stand in this file")
        .expected("`env:NAME`, the environment variable that holds it");
    None
}

/// `audiences:`: who is reached by which channels.
pub(super) fn read_audiences(node: &Node, channels: &mut [Spanned<Channel>], found: &mut Found<'_>) {
    let Some(mut fields) = Fields::open(node, "audiences", node.place, found) else { return };
    for (key, audience) in [("internal", Audience::Internal), ("outside", Audience::Outside)] {
        for item in one_or_many(fields.optional(key)) {
            let Some(name) = item.name::<ChannelName>(found) else { continue };
            assign(&name, audience, channels, found);
        }
    }
    fields.finish(found);
}

fn assign(
    name: &Spanned<ChannelName>,
    audience: Audience,
    channels: &mut [Spanned<Channel>],
    found: &mut Found<'_>,
) {
    let known: Vec<String> = channels.iter().map(|channel| channel.value.name.to_string()).collect();
    let Some(channel) = channels.iter_mut().find(|channel| channel.value.name == name.value) else {
        let expected = if known.is_empty() {
            "one of `channels`, and there are none".to_owned()
        } else {
            format!("one of: {}", known.join(", "))
        };
        found
            .error(Code::UNKNOWN_CHANNEL, name.place, format!("there is no channel `{}`", name.value))
            .expected(expected);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        if let Some(similar) = yaml::nearest(name.value.as_str(), &known) {
            found.help(format!("did you mean `{similar}`?"));
        }
        return;
    };
    if matches!(channel.value.kind, ChannelKind::Alertmanager { .. }) {
        let message = format!("`{}` silences alerts and tells nobody", name.value);
        found.error(Code::UNKNOWN_CHANNEL, name.place, message).expected("a channel that people read");
    } else if channel.value.audience.replace(audience).is_some() {
        let message = format!("`{}` is listed twice", name.value);
        found.error(Code::LISTED_TWICE, name.place, message).expected("every channel for one audience");
    }
}

/// `alerts:`: what alerts that come in lead to.
pub(super) fn read_alerts(node: &Node, found: &mut Found<'_>) -> Option<AlertRules> {
    let mut fields = Fields::open(node, "alerts", node.place, found)?;
    let known = fields.required("secret", "`secret: env:ALERTS_SECRET`", found);
    let known = known.and_then(|node| secret(node, found));
    let labels = fields.optional("match").map(|node| read_labels(node, found)).unwrap_or_default();
    let mut names = |key| -> Vec<String> {
        let items = one_or_many(fields.optional(key));
        items.iter().filter_map(|node| node.text(found)).map(|name| name.value).collect()
    };
    let (hold, rollback) = (names("hold"), names("rollback"));
    let runbooks = fields.optional("runbooks").map(|node| read_runbooks(node, found)).unwrap_or_default();
    fields.finish(found);
    if let Some(both) = hold.iter().find(|name| rollback.contains(name)) {
        let message = format!("`{both}` holds and goes back");
        found.error(Code::LISTED_TWICE, node.place, message).expected("every alert once");
    }
    Some(AlertRules { secret: Some(known?), labels, hold, rollback, runbooks })
}

fn read_runbooks(node: &Node, found: &mut Found<'_>) -> BTreeMap<RunbookName, String> {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("`runbooks` is {}", node.describe());
        found
            .error(Code::WRONG_KIND, node.place, message)
            .expected("a map: `exam-submit: runbooks/exam-submit.md`");
        return BTreeMap::new();
    };
    let mut runbooks = BTreeMap::new();
    for (key, value) in entries {
        let name = yaml::key_name::<RunbookName>(key, found);
        let path = value.text(found).map(|path| path.value);
        runbooks.extend(name.zip(path));
    }
    runbooks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{read_service, source::SourceFile};

    const SERVICE: &str = include_str!("../../tests/files/clean/ripcord.yaml");

    fn codes(more: &str) -> Vec<(Code, String)> {
        let source = SourceFile::new("ripcord.yaml", format!("{SERVICE}\n{more}"));
        match read_service(&source) {
            Ok(_) => Vec::new(),
            Err(found) => found.into_iter().map(|one| (one.code, one.to_string())).collect(),
        }
    }

    #[test]
    fn channels_reach_one_audience_each() {
        let text = "channels:
  team: { slack: env:SLACK }
  pager: { pagerduty: env:PD }
  page: { statuspage: { page: abc, key: env:SP, url: \"http://127.0.0.1:1/\" } }
  quiet: { alertmanager: { url: \"http://127.0.0.1:9093\", silence: { alertname: Slow } } }
audiences: { internal: [team, pager], outside: page }
";
        let source = SourceFile::new("ripcord.yaml", format!("{SERVICE}\n{text}"));
        let service = read_service(&source).unwrap_or_else(|errors| panic!("{errors}"));
        let reached: Vec<_> =
            service.channels.iter().map(|channel| (channel.name.to_string(), channel.audience)).collect();
        assert_eq!(
            reached,
            [
                ("team".to_owned(), Some(Audience::Internal)),
                ("pager".to_owned(), Some(Audience::Internal)),
                ("page".to_owned(), Some(Audience::Outside)),
                ("quiet".to_owned(), None),
            ]
        );
        assert!(
            matches!(&service.channels[2].kind, ChannelKind::Statuspage { url, .. } if url == "http://127.0.0.1:1")
        );
        assert!(matches!(&service.channels[1].kind, ChannelKind::Pagerduty { url, .. } if url == PAGERDUTY));
    }

    #[test]
    fn every_mistake_has_a_code_and_no_secret_is_repeated() {
        let team = "channels: { team: { slack: env:S } }\n";
        for (text, code) in [
            ("channels: [team]\n".to_owned(), Code::WRONG_KIND),
            ("channels: { team: { fax: 1 } }\n".to_owned(), Code::NOT_EXACTLY_ONE),
            ("channels: { pager: { pagerduty: hunter2 } }\n".to_owned(), Code::SECRET_IN_FILE),
            (
                "channels: { hook: { webhook: { url: env:U, secret: hunter2 } } }\n".to_owned(),
                Code::SECRET_IN_FILE,
            ),
            ("channels: { p: { statuspage: { page: ../x, key: env:K } } }\n".to_owned(), Code::INVALID_NAME),
            (
                "channels: { m: { email: { server: mail, from: a@b, to: c@d } } }\n".to_owned(),
                Code::INVALID_ADDRESS,
            ),
            (
                "channels: { m: { email: { server: smtp://u:hunter2@h, from: a@b, to: c@d } } }\n".to_owned(),
                Code::INVALID_ADDRESS,
            ),
            (
                "channels: { m: { email: { server: smtp://h, from: a, to: c@d } } }\n".to_owned(),
                Code::INVALID_ADDRESS,
            ),
            (
                "channels: { q: { alertmanager: { url: \"http://h\", silence: {} } } }\n".to_owned(),
                Code::MISSING_KEY,
            ),
            (format!("{team}audiences: {{ internal: teem }}\n"), Code::UNKNOWN_CHANNEL),
            (format!("{team}audiences: {{ internal: team, outside: [team] }}\n"), Code::LISTED_TWICE),
            ("alerts: { hold: [A] }\n".to_owned(), Code::MISSING_KEY),
            ("alerts: { secret: hunter2 }\n".to_owned(), Code::SECRET_IN_FILE),
            ("alerts: { secret: env:S, hold: [A], rollback: A }\n".to_owned(), Code::LISTED_TWICE),
        ] {
            let found = codes(&text);
            assert_eq!(found.first().map(|(code, _)| *code), Some(code), "{text}: {found:#?}");
            assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        }
    }
}
