//! `environments:` of `ripcord.yaml`: one environment, its metrics, probes and notices.

use super::{EnvironmentPlaces, commands, freeze, rehearse, router, signal::label_name};
use crate::{
    Duration, EnvironmentName,
    blueprint::{Environment, MetricsBinding, MetricsKind, NotifyBinding, NotifyKind, Probe},
    diagnostic::Code,
    source::{Place, Spanned},
    yaml::{Fields, Found, Kind, Node, Reading, choose_one, list},
};

const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
const DEFAULT_METRICS_TIMEOUT: Duration = Duration::from_secs(2);
const DEFAULT_PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// An environment from its fields.
pub(super) fn read(
    mut fields: Fields<'_>,
    name: Option<&EnvironmentName>,
    found: &mut Found<'_>,
) -> Option<(Environment, EnvironmentPlaces)> {
    let router = fields.required("router", "`router: { edge: { listen: 127.0.0.1:8080 } }` or nginx", found);
    let router = router.and_then(|node| router::read(node, found));
    let workload = fields.required("workload", "`workload: { process: { command: … } }` or command", found);
    let workload_place = workload.map_or(fields.place(), |node| node.place);
    let workload = workload.and_then(|node| commands::read_workload(node, found));
    let metrics =
        fields.required("metrics", "`metrics: { scrape: { path: /metrics } }` or prometheus", found);
    let metrics = metrics.and_then(|node| read_metrics(node, found));
    let flags = fields.optional("flags").map(|node| commands::read_flags(node, found));
    let probes = fields.optional("probes").map(|node| read_probes(node, found)).unwrap_or_default();
    let freeze = fields.optional("freeze").map(|node| freeze::read(node, found)).unwrap_or_default();
    let notify = fields.optional("notify").map(|node| read_notify(node, found)).unwrap_or_default();
    let rehearse =
        fields.optional("rehearse").and_then(|node| rehearse::read(node, found)).unwrap_or_default();
    let window = fields.optional("window").map(|node| freeze::read_open(node, found)).unwrap_or_default();
    fields.finish(found);
    let flags = match flags {
        Some(read) => Some(read?),
        None => None,
    };
    let (name, router, workload, metrics) = (name?.clone(), router?, workload?, metrics?);
    let (freeze, freeze_places) = split(freeze);
    let (notify, notify_places) = split(notify);
    let (window, window_places) = split(window);
    let environment =
        Environment { name, router, workload, metrics, flags, probes, freeze, notify, rehearse, window };
    let places = EnvironmentPlaces {
        workload: workload_place,
        freeze: freeze_places,
        notify: notify_places,
        window: window_places,
    };
    Some((environment, places))
}

fn split<T>(spanned: Vec<Spanned<T>>) -> (Vec<T>, Vec<Place>) {
    spanned.into_iter().map(|spanned| (spanned.value, spanned.place)).unzip()
}

fn read_metrics(node: &Node, found: &mut Found<'_>) -> Option<MetricsBinding> {
    let mut fields = Fields::open(node, "metrics", node.place, found)?;
    let source = read_metrics_kind(&mut fields, found);
    let interval = fields.optional("interval").and_then(|node| node.duration(found));
    let timeout = fields.optional("timeout").and_then(|node| node.duration(found));
    fields.finish(found);
    let interval = interval.map_or(DEFAULT_INTERVAL, |interval| interval.value);
    let timeout = timeout.map_or(DEFAULT_METRICS_TIMEOUT, |timeout| timeout.value);
    Some(MetricsBinding { source: source?, interval, timeout })
}

fn read_metrics_kind(fields: &mut Fields<'_>, found: &mut Found<'_>) -> Option<MetricsKind> {
    let (key, node) = choose_one(fields, &["scrape", "prometheus"], "where the numbers come from", found)?;
    let mut inner = Fields::open(node, "this source of numbers", key.place, found)?;
    let kind = if key.text == "scrape" {
        let path = inner.optional("path").map(|node| path(node, found));
        path.unwrap_or_else(|| Some("/metrics".to_owned())).map(|path| MetricsKind::Scrape { path })
    } else {
        let url =
            inner.required("url", "`url: http://127.0.0.1:9090`", found).and_then(|node| url(node, found));
        let label = inner.optional("version_label").and_then(|node| label_name(node, found));
        let version_label = label.map_or_else(|| "version".to_owned(), |label| label.value);
        url.map(|url| MetricsKind::Prometheus { url: url.value, version_label })
    };
    inner.finish(found);
    kind
}

fn read_probes(node: &Node, found: &mut Found<'_>) -> Vec<Probe> {
    list(node, found).iter().filter_map(|item| read_probe(item, found)).collect()
}

fn read_probe(node: &Node, found: &mut Found<'_>) -> Option<Probe> {
    if matches!(node.kind, Kind::Text(_)) {
        return path(node, found).map(|path| Probe { path, status: 200, timeout: DEFAULT_PROBE_TIMEOUT });
    }
    let mut fields = Fields::open(node, "this probe", node.place, found)?;
    let path = fields.required("path", "`path: /healthz/ready`", found).and_then(|node| path(node, found));
    let status = fields.optional("status").and_then(|node| node.whole(100, 599, found));
    let timeout = fields.optional("timeout").and_then(|node| node.duration(found));
    fields.finish(found);
    let status = status.and_then(|status| u16::try_from(status.value).ok()).unwrap_or(200);
    Some(Probe {
        path: path?,
        status,
        timeout: timeout.map_or(DEFAULT_PROBE_TIMEOUT, |timeout| timeout.value),
    })
}

fn read_notify(node: &Node, found: &mut Found<'_>) -> Vec<Spanned<NotifyBinding>> {
    let mut bindings = Vec::new();
    for item in list(node, found) {
        let Some(mut fields) = Fields::open(item, "this notice", item.place, found) else { continue };
        let chosen = choose_one(&mut fields, &["slack", "webhook"], "who is told", found);
        let binding = chosen.and_then(|(key, node)| {
            let kind = if key.text == "slack" { NotifyKind::Slack } else { NotifyKind::Webhook };
            Some(NotifyBinding { kind, url: secret_url(node, found)? })
        });
        fields.finish(found);
        bindings.extend(binding.map(|binding| Spanned::new(binding, item.place)));
    }
    bindings
}

/// A path of a URL: begins with `/`, no spaces.
pub(super) fn path(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    if text.starts_with('/') && text.chars().all(|c| c.is_ascii_graphic()) {
        return Some(text.value);
    }
    found.error(Code::INVALID_ADDRESS, node.place, "this is not a path").expected("a path: /healthz/ready");
    None
}

/// An HTTP URL.
pub(super) fn url(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    if is_url(&text) {
        return Some(text);
    }
    found
        .error(Code::INVALID_ADDRESS, node.place, "this is not a URL")
        .expected("http://HOST:PORT or https://HOST");
    None
}

pub(super) fn secret_url(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    let variable = text.strip_prefix("env:");
    let named = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if variable.map_or_else(|| is_url(&text), named) {
        return Some(text.value);
    }
    let expected = "https://HOST/… or `env:NAME`, the name of an environment variable that holds it";
    found.error(Code::INVALID_ADDRESS, node.place, "this is not a URL").expected(expected);
    None
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or("");
    !host.is_empty() && text.chars().all(|c| c.is_ascii_graphic())
}
