//! `/metrics`, in the Prometheus text format 0.0.4.

use std::{
    fmt::{Display, Write},
    sync::{Arc, atomic::Ordering},
};

use crate::{
    admin::Admin,
    proxy::Refused,
    version::{BUCKETS_US, Class, Version},
};

pub(super) fn text(admin: &Admin) -> String {
    let versions = admin.control.versions();
    let view = admin.control.view();
    let mut page = Page(String::with_capacity(4_096));

    page.head(
        "ripcord_edge_requests_total",
        "counter",
        "Requests answered by a version, by class of status.",
    );
    for version in &versions {
        for class in Class::ALL {
            let labels = [("version", version.name.as_str()), ("code", class.label())];
            page.line("ripcord_edge_requests_total", &labels, version.requests(class));
        }
    }
    page.per_version(
        "ripcord_edge_forced_requests_total",
        "counter",
        "Requests that asked for the version.",
        &versions,
        |v| Some(v.forced.load(Ordering::Relaxed) as f64),
    );
    page.per_version(
        "ripcord_edge_open_requests",
        "gauge",
        "Requests not answered to the end.",
        &versions,
        |v| Some(v.open_requests() as f64),
    );
    page.per_version(
        "ripcord_edge_last_answer_timestamp_seconds",
        "gauge",
        "When the last answer ended.",
        &versions,
        |v| Some(admin.control.clock().timestamp(v.last_answer_ms()?).as_ms() as f64 / 1e3),
    );
    page.per_version(
        "ripcord_edge_share_ratio",
        "gauge",
        "The version's share of traffic.",
        &versions,
        |v| Some(view.weights.share_of(&v.name).fraction()),
    );
    let name = "ripcord_edge_request_duration_seconds";
    page.head(name, "histogram", "From the head of the request to the end of the answer.");
    versions.iter().for_each(|version| page.histogram(name, version));

    page.head("ripcord_edge_refused_total", "counter", "Requests the edge answered itself.");
    for (code, count) in Refused::CODES.iter().zip(&admin.refusals.0) {
        page.line("ripcord_edge_refused_total", &[("reason", code)], count.load(Ordering::Relaxed));
    }
    page.head("ripcord_edge_connections", "gauge", "Connections of users.");
    page.line("ripcord_edge_connections", &[], admin.gauges.connections.load(Ordering::Relaxed));
    if let Some(generation) = view.generation {
        page.head("ripcord_edge_split_generation", "gauge", "The generation in force.");
        page.line("ripcord_edge_split_generation", &[], generation);
    }
    page.0
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _infallible = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// Label values here are names and codes, which need no escaping.
    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(label, text)| format!("{label}=\"{text}\"")).collect();
        let braces = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _infallible = writeln!(self.0, "{name}{braces} {value}");
    }

    fn per_version(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        versions: &[Arc<Version>],
        value: impl Fn(&Version) -> Option<f64>,
    ) {
        self.head(name, kind, help);
        for version in versions {
            if let Some(value) = value(version) {
                self.line(name, &[("version", version.name.as_str())], value);
            }
        }
    }

    fn histogram(&mut self, name: &str, version: &Version) {
        let (buckets, sum) = version.durations();
        let version = ("version", version.name.as_str());
        let mut count = 0;
        for (position, in_bucket) in buckets.iter().enumerate() {
            count += in_bucket;
            let bound =
                BUCKETS_US.get(position).map_or("+Inf".to_owned(), |us| (*us as f64 / 1e6).to_string());
            self.line(&format!("{name}_bucket"), &[version, ("le", &bound)], count);
        }
        self.line(&format!("{name}_sum"), &[version], sum.as_secs_f64());
        self.line(&format!("{name}_count"), &[version], count);
    }
}
