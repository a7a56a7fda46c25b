//! The written shape of `ripcord.yaml`.
#![expect(dead_code, reason = "these types only describe; nothing constructs them")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::{
    channels::{Alerts, Audiences, Channel},
    gate::Gate,
    signal::{Evidence, Signal},
    text::{DurationText, FreezeEdge, Human, Name},
};

/// A service: what is released, where it runs and what is measured.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "ripcord.yaml")]
pub(super) struct Service {
    /// What is released.
    service: Name,
    /// The team that owns it.
    owner: Human,
    /// Where it runs: `production`, and `staging` to rehearse in.
    environments: BTreeMap<String, Environment>,
    /// What is measured.
    signals: Option<BTreeMap<String, Signal>>,
    /// How evidence is weighed.
    evidence: Option<Evidence>,
    /// What the gate asks for beyond what it always asks.
    gate: Option<Gate>,
    /// When forward motion stops in every environment; on top of each one's own.
    freeze: Option<Vec<Freeze>>,
    /// When releases may begin, in environments that name no window of their own.
    window: Option<Vec<Window>>,
    /// Through what people are told in an incident.
    channels: Option<BTreeMap<String, Channel>>,
    /// Who is reached by which channels.
    audiences: Option<Audiences>,
    /// What alerts that come in lead to.
    alerts: Option<Alerts>,
}

/// Where a service runs and through what.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Environment {
    /// What splits the traffic.
    router: Router,
    /// What runs the versions.
    workload: Workload,
    /// Where the numbers come from.
    metrics: Metrics,
    /// What switches flags.
    flags: Option<Flags>,
    /// Paths that must answer before a version counts as healthy.
    probes: Option<Vec<Probe>>,
    /// When forward motion stops; the way back never does.
    freeze: Option<Vec<Freeze>>,
    /// Who is told.
    notify: Option<Vec<Notify>>,
    /// When releases may begin; at any time where none is named.
    window: Option<Vec<Window>>,
    /// How rehearsals are run here.
    rehearse: Option<super::rehearse::Rehearse>,
}

/// What splits the traffic: one of these.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Router {
    /// Ripcord's own splitter.
    edge: Option<Edge>,
    /// nginx with `split_clients` in an include file.
    nginx: Option<Nginx>,
}

/// Ripcord's own splitter.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Edge {
    /// Where users connect: `127.0.0.1:8080`.
    listen: String,
    /// The loopback admin address; left out, a free port is chosen.
    admin: Option<String>,
    /// What keeps one user on one version; a cookie unless said otherwise.
    sticky: Option<Sticky>,
    /// How long a withdrawn version may finish its open requests; 30s.
    drain: Option<DurationText>,
}

/// What keeps one user on one version.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Sticky {
    /// A word.
    Word(StickyWord),
    /// A cookie or header by its name.
    Named(StickyNamed),
}

/// What keeps one user on one version, in a word.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum StickyWord {
    /// Nothing: every request is drawn anew.
    None,
    /// The client's address.
    Address,
    /// A cookie with the usual name.
    Cookie,
}

/// A cookie or header by its name.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct StickyNamed {
    /// A cookie that the edge sets.
    cookie: Option<String>,
    /// A request header.
    header: Option<String>,
}

/// nginx with `split_clients` in an include file.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Nginx {
    /// The include file that Ripcord owns.
    split: String,
    /// Checks the whole configuration; `nginx -t`.
    test: Option<String>,
    /// Makes nginx read it; `nginx -s reload`.
    reload: Option<String>,
    /// A URL through the router that is probed to read back what is in force; `http://127.0.0.1/`.
    probe: Option<String>,
    /// The expression whose hash picks the version; `$remote_addr`.
    key: Option<String>,
    /// How long a withdrawn version may finish its open requests; 30s.
    drain: Option<DurationText>,
}

/// What runs the versions: one of these.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Workload {
    /// Local processes.
    process: Option<Process>,
    /// Any command line.
    command: Option<Commands>,
}

/// Local processes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Process {
    /// The command line; `{port}`, `{version}` and `{artifact}` are put in.
    command: String,
    /// The path that answers 200 when the process is ready; `/healthz/ready`.
    ready: Option<String>,
    /// How long it may take to become ready; 1m.
    ready_within: Option<DurationText>,
    /// How long it may take to stop before it is killed; 10s.
    grace: Option<DurationText>,
    /// Processes per version; 1.
    #[schemars(range(min = 1, max = 64))]
    instances: Option<u32>,
    /// Names of environment variables handed on; nothing else is.
    environment: Option<Vec<String>>,
}

/// Any command line; `{version}`, `{artifact}`, `{port}` and `{digest}` are put in.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Commands {
    /// Makes the version run; may be repeated.
    start: String,
    /// Makes the version stop; may be repeated.
    stop: String,
    /// Prints one `host:port` per line for the instances that run.
    endpoints: String,
    /// Prints one `TARGET sha256:HEX` per line for the places that have the version's artifact.
    digests: Option<String>,
    /// How long one command may take; 5m.
    timeout: Option<DurationText>,
    /// Names of environment variables handed on; nothing else is.
    environment: Option<Vec<String>>,
}

/// Where the numbers come from: one source.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{"required": ["scrape"]}, {"required": ["prometheus"]}]))]
struct Metrics {
    /// The versions' own metrics, asked directly.
    scrape: Option<Scrape>,
    /// A Prometheus server.
    prometheus: Option<Prometheus>,
    /// Time between two samples; 5s.
    interval: Option<DurationText>,
    /// How long one answer may take; 2s.
    timeout: Option<DurationText>,
}

/// The versions' own metrics.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Scrape {
    /// The path; `/metrics`.
    path: Option<String>,
}

/// A Prometheus server.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Prometheus {
    /// Its base URL.
    url: String,
    /// The label that tells the versions apart; `version`.
    version_label: Option<String>,
}

/// What switches flags: Ripcord itself, or two commands.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{"required": ["builtin"]}, {"required": ["set", "get"]}]))]
struct Flags {
    /// Ripcord serves the flags itself.
    builtin: Option<BuiltinFlags>,
    /// Sets the flag; `{flag}` and `{state}` (`on` or `off`) are put in.
    set: Option<String>,
    /// Prints `on` or `off`; `{flag}` is put in.
    get: Option<String>,
    /// How long one command may take; 10s.
    timeout: Option<DurationText>,
    /// Names of environment variables handed on; nothing else is.
    environment: Option<Vec<String>>,
}

/// Ripcord serves the flags itself.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct BuiltinFlags {
    /// How long clients may take to hear of a change before the way back goes on without the flag; 10s.
    within: Option<DurationText>,
}

/// A path that must answer.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Probe {
    /// With 200, within two seconds.
    Path(String),
    /// With a status and a time of its own.
    Full(FullProbe),
}

/// A path with a status and a time of its own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FullProbe {
    /// The path.
    path: String,
    /// The expected status; 200.
    #[schemars(range(min = 100, max = 599))]
    status: Option<u16>,
    /// How long the answer may take; 2s.
    timeout: Option<DurationText>,
}

/// When forward motion stops.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Freeze {
    /// Begins.
    from: FreezeEdge,
    /// Ends.
    until: FreezeEdge,
    /// An IANA zone: `Europe/Berlin`.
    zone: String,
    /// Why.
    reason: String,
}

/// When releases may begin.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Window {
    /// When it begins: five cron fields, or an instant.
    from: FreezeEdge,
    /// When it ends, written like `from`.
    until: FreezeEdge,
    /// An IANA zone: `Europe/Berlin`.
    zone: String,
    /// What it is, for people.
    reason: Option<String>,
}

/// Who is told: one channel.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Notify {
    /// A Slack incoming webhook, as `env:NAME`.
    slack: Option<String>,
    /// A URL that takes JSON by POST, or `env:NAME`.
    webhook: Option<String>,
}
