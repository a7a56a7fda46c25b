//! The written shape of `channels:`, `audiences:` and `alerts:` in `ripcord.yaml`.
#![expect(dead_code, reason = "these types only describe; nothing constructs them")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::text::{Label, Name, OneOrMany};

/// A channel: one of these.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
pub(super) struct Channel {
    /// A Slack incoming webhook, as `env:NAME`.
    slack: Option<String>,
    /// PagerDuty, Events API v2.
    pagerduty: Option<Pagerduty>,
    /// Incidents of a status page, in the shape of Statuspage's API.
    statuspage: Option<Statuspage>,
    /// JSON by POST.
    webhook: Option<Webhook>,
    /// E-mail by SMTP.
    email: Option<Email>,
    /// Alertmanager: alerts are silent while a release is under way.
    alertmanager: Option<Alertmanager>,
}

/// PagerDuty, Events API v2.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Pagerduty {
    /// The routing key, as `env:NAME`.
    Key(String),
    /// With another base URL.
    Full(FullPagerduty),
}

/// PagerDuty with another base URL.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FullPagerduty {
    /// The routing key, as `env:NAME`.
    key: String,
    /// The base URL; PagerDuty's own.
    url: Option<String>,
}

/// Incidents of a status page.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Statuspage {
    /// The page's id.
    page: String,
    /// The API key, as `env:NAME`.
    key: String,
    /// The base URL; Statuspage's own.
    url: Option<String>,
}

/// JSON by POST.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Webhook {
    /// The URL, or `env:NAME`.
    Url(String),
    /// With a signature.
    Full(FullWebhook),
}

/// JSON by POST, signed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FullWebhook {
    /// The URL, or `env:NAME`.
    url: String,
    /// What signs the body, as `env:NAME`.
    secret: Option<String>,
}

/// E-mail by SMTP.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Email {
    /// `smtp://HOST:PORT`, `smtps://HOST:PORT` or `smtp+starttls://HOST:PORT`.
    server: String,
    /// Who writes.
    from: String,
    /// Who reads.
    to: OneOrMany<String>,
    /// The user at the server.
    user: Option<String>,
    /// The password, as `env:NAME`.
    password: Option<String>,
}

/// Alertmanager.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Alertmanager {
    /// The base URL.
    url: String,
    /// Labels of the alerts that are silent while a release is under way.
    silence: BTreeMap<String, Label>,
    /// A bearer token, as `env:NAME`.
    token: Option<String>,
}

/// Who is reached by which channels.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Audiences {
    /// Those who work on it: told at the decision.
    internal: Option<OneOrMany<Name>>,
    /// Everybody else: told after the plan's limit, once a named person has confirmed.
    outside: Option<OneOrMany<Name>>,
}

/// What alerts that come in lead to.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Alerts {
    /// What callers have to know, as `env:NAME`.
    secret: String,
    /// Labels an alert about this service has; `service` with the service's name.
    #[schemars(rename = "match")]
    labels: Option<BTreeMap<String, Label>>,
    /// Names of alerts that hold a release.
    hold: Option<OneOrMany<Label>>,
    /// Names of alerts that send it back.
    rollback: Option<OneOrMany<Label>>,
    /// Runbooks that an alert may name, with their paths.
    runbooks: Option<BTreeMap<String, String>>,
}
