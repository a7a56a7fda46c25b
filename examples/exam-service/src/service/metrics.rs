//! What the service counts, and how Prometheus reads it (text exposition format 0.0.4).

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Upper bounds of the latency histogram, in microseconds: 1 ms to 10 s.
const BOUNDS_US: [u64; 13] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];

/// Counters of one process.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: AtomicU64,
    submit_ok: AtomicU64,
    submit_error: AtomicU64,
    leaked_bytes: AtomicU64,
    /// One count per bound and one beyond; not cumulative.
    duration_buckets: [AtomicU64; BOUNDS_US.len() + 1],
    duration_sum_us: AtomicU64,
}

impl Metrics {
    /// Counts a request that arrived, and returns how many arrived before it.
    pub fn arrived(&self) -> u64 {
        self.requests.fetch_add(1, Relaxed)
    }

    /// Counts the outcome of a submission.
    pub fn submitted(&self, ok: bool) {
        let counter = if ok { &self.submit_ok } else { &self.submit_error };
        counter.fetch_add(1, Relaxed);
    }

    /// Counts an answer.
    pub fn answered(&self, duration_us: u64) {
        let bucket = BOUNDS_US.partition_point(|bound| *bound < duration_us);
        self.duration_buckets[bucket].fetch_add(1, Relaxed);
        self.duration_sum_us.fetch_add(duration_us, Relaxed);
    }

    /// Counts memory that will not be given back, and returns how much there is now.
    pub fn leaked(&self, bytes: u64) -> u64 {
        self.leaked_bytes.fetch_add(bytes, Relaxed) + bytes
    }

    /// All of it as text. With `version`, every series carries it as a label.
    pub fn render(&self, version: Option<&str>) -> String {
        let label = version.map(|version| format!("version=\"{}\"", escape(version))).unwrap_or_default();
        let mut page = Page { text: String::with_capacity(2048), label };
        page.head("exam_submit_total", "counter", "Submissions, by outcome.");
        page.series("exam_submit_total", "outcome=\"ok\"", self.submit_ok.load(Relaxed));
        page.series("exam_submit_total", "outcome=\"error\"", self.submit_error.load(Relaxed));
        page.head("exam_requests_total", "counter", "Requests that arrived at /submit and /exam.");
        page.series("exam_requests_total", "", self.requests.load(Relaxed));
        page.head("exam_memory_bytes", "gauge", "Memory the process holds.");
        page.series(
            "exam_memory_bytes",
            "",
            resident_bytes().unwrap_or_else(|| self.leaked_bytes.load(Relaxed)),
        );
        self.render_durations(&mut page);
        page.text
    }

    fn render_durations(&self, page: &mut Page) {
        page.head("http_request_duration_seconds", "histogram", "Time from request to answer.");
        let mut count = 0;
        for (bound_us, bucket) in BOUNDS_US.iter().zip(&self.duration_buckets) {
            count += bucket.load(Relaxed);
            let bound = format!("le=\"{}\"", *bound_us as f64 / 1e6);
            page.series("http_request_duration_seconds_bucket", &bound, count);
        }
        count += self.duration_buckets[BOUNDS_US.len()].load(Relaxed);
        page.series("http_request_duration_seconds_bucket", "le=\"+Inf\"", count);
        page.series("http_request_duration_seconds_sum", "", self.duration_sum_us.load(Relaxed) as f64 / 1e6);
        page.series("http_request_duration_seconds_count", "", count);
    }
}

struct Page {
    text: String,
    label: String,
}

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _infallible = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn series(&mut self, name: &str, label: &str, value: impl std::fmt::Display) {
        let both =
            [label, &self.label].into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(",");
        let _infallible = if both.is_empty() {
            writeln!(self.text, "{name} {value}")
        } else {
            writeln!(self.text, "{name}{{{both}}} {value}")
        };
    }
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// What the kernel says the process holds; `None` where it does not say.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_cumulative_buckets_and_both_outcomes() {
        let metrics = Metrics::default();
        for (duration_us, ok) in [(900, true), (1_000, true), (1_001, false), (99_000_000, true)] {
            metrics.arrived();
            metrics.submitted(ok);
            metrics.answered(duration_us);
        }
        let page = metrics.render(None);
        for line in [
            "exam_requests_total 4",
            "exam_submit_total{outcome=\"ok\"} 3",
            "exam_submit_total{outcome=\"error\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.001\"} 2",
            "http_request_duration_seconds_bucket{le=\"0.0025\"} 3",
            "http_request_duration_seconds_bucket{le=\"10\"} 3",
            "http_request_duration_seconds_bucket{le=\"+Inf\"} 4",
            "http_request_duration_seconds_count 4",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is missing in\n{page}");
        }
    }

    #[test]
    fn the_version_label_goes_everywhere_and_is_escaped() {
        let page = Metrics::default().render(Some("v\"2"));
        assert!(page.contains("exam_requests_total{version=\"v\\\"2\"} 0"), "{page}");
        assert!(
            page.lines().filter(|line| !line.starts_with('#')).all(|line| line.contains("version=")),
            "{page}"
        );
    }
}
