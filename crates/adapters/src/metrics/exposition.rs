//! The Prometheus text format, version 0.0.4, as services expose it
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>). OpenMetrics bodies are read
//! as well: their `# EOF`, units and exemplars are passed over.
//!
//! Owns: names, labels with escapes, values, bounds. Refuses to know: what the numbers mean.

use std::fmt;

/// Samples a body may have.
const SAMPLES_MAX: usize = 200_000;
/// Labels a sample may have.
const LABELS_MAX: usize = 64;

/// Names and values, sorted by name.
pub(crate) type Labels = Vec<(String, String)>;

/// One sample of a body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Exposed {
    /// The metric's name.
    pub(crate) name: String,
    /// Its labels, sorted by name.
    pub(crate) labels: Labels,
    /// Its value; may be NaN or infinite.
    pub(crate) value: f64,
    /// When it was taken, if whoever exposes it says so: somebody passes on what others measured.
    pub(crate) at_ms: Option<i64>,
}

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub(crate) struct ExpositionError {
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// What is wrong with it.
    pub(crate) problem: Problem,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It does not begin with a metric name.
    Name,
    /// The labels are not `{name="value",…}`.
    Labels,
    /// A label is given twice.
    DuplicateLabel(String),
    /// The value is not a number.
    Value(String),
    /// What follows the value is not a timestamp.
    Timestamp(String),
    /// There are more samples or labels than anybody needs.
    TooMany,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("expected a metric name"),
            Self::Labels => f.write_str("expected labels like {name=\"value\"}"),
            Self::DuplicateLabel(name) => write!(f, "label `{name}` is given twice"),
            Self::Value(text) => write!(f, "`{text}` is not a value"),
            Self::Timestamp(text) => write!(f, "`{text}` is not a timestamp"),
            Self::TooMany => {
                write!(f, "more than {SAMPLES_MAX} samples, or more than {LABELS_MAX} labels on one")
            }
        }
    }
}

impl Exposed {
    /// The value of a label.
    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str())
    }
}

/// All samples of a body, in its order.
pub(crate) fn parse(body: &str) -> Result<Vec<Exposed>, ExpositionError> {
    let mut samples = Vec::new();
    // OpenMetrics writes instants in seconds, and ends so.
    let ms_per_unit = if body.trim_end().ends_with("\n# EOF") { 1_000.0 } else { 1.0 };
    for (index, line) in body.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let sample = parse_sample(line, ms_per_unit)
            .map_err(|problem| ExpositionError { line: index + 1, problem })?;
        if samples.len() == SAMPLES_MAX {
            return Err(ExpositionError { line: index + 1, problem: Problem::TooMany });
        }
        samples.push(sample);
    }
    Ok(samples)
}

fn parse_sample(line: &str, ms_per_unit: f64) -> Result<Exposed, Problem> {
    let (name, rest) = take_name(line, true).ok_or(Problem::Name)?;
    let rest = rest.trim_start();
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => parse_labels(inside)?,
        None => (Vec::new(), rest),
    };
    let (value, at) = parse_value_and_timestamp(rest)?;
    Ok(Exposed {
        name: name.to_owned(),
        labels,
        value,
        at_ms: at.map(|at| (at * ms_per_unit).round() as i64),
    })
}

/// Splits a metric or label name off the front. Only metric names have colons.
pub(crate) fn take_name(text: &str, colons: bool) -> Option<(&str, &str)> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colons && c == ':');
    let end = text.find(|c: char| !allowed(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let starts_well = name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    starts_well.then_some((name, rest))
}

/// Sorted labels, and what follows the closing brace.
fn parse_labels(mut rest: &str) -> Result<(Labels, &str), Problem> {
    let mut labels = Labels::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            labels.sort();
            return Ok((labels, after));
        }
        let (name, after) = take_name(rest, false).ok_or(Problem::Labels)?;
        let after = after.trim_start().strip_prefix('=').ok_or(Problem::Labels)?;
        let (value, after) = take_quoted(after.trim_start()).ok_or(Problem::Labels)?;
        if labels.iter().any(|(label, _)| label == name) {
            return Err(Problem::DuplicateLabel(name.to_owned()));
        }
        if labels.len() == LABELS_MAX {
            return Err(Problem::TooMany);
        }
        labels.push((name.to_owned(), value));
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with('}') => {}
            None => return Err(Problem::Labels),
        }
    }
}

/// A string in double quotes with `\\`, `\"` and `\n`, and what follows it. Other backslashes stand for themselves.
pub(crate) fn take_quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut characters = inside.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => return Some((value, &inside[position + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                escaped @ ('\\' | '"') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            plain => value.push(plain),
        }
    }
    None
}

fn parse_value_and_timestamp(rest: &str) -> Result<(f64, Option<f64>), Problem> {
    // In OpenMetrics an exemplar follows: ` # {trace_id="…"} 0.67`.
    let numbers = rest.split_once('#').map_or(rest, |(numbers, _)| numbers);
    let mut words = numbers.split_ascii_whitespace();
    let value = words.next().unwrap_or("");
    let value: f64 = value.parse().map_err(|_| Problem::Value(excerpt(value)))?;
    let at = match words.next() {
        None => None,
        Some(timestamp) => Some(timestamp.parse().map_err(|_| Problem::Timestamp(excerpt(timestamp)))?),
    };
    match words.next() {
        None => Ok((value, at)),
        Some(extra) => Err(Problem::Timestamp(excerpt(extra))),
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Exposed {
        let mut samples = parse(line).unwrap();
        assert_eq!(samples.len(), 1, "{line}");
        samples.remove(0)
    }

    #[test]
    fn the_example_of_the_format_reads() {
        let body = "# HELP http_requests_total The total number of HTTP requests.\n\
            # TYPE http_requests_total counter\n\
            http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n\
            http_requests_total{method=\"post\",code=\"400\"}    3 1395066363000\n\n\
            # Escaping in label values:\n\
            msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find:\\n\\\"F\\\"\"} 1.458255915e9\n\
            metric_without_timestamp_and_labels 12.47\n\
            something_weird{problem=\"division by zero\",} +Inf -3982045\n\
            http_request_duration_seconds_bucket{le=\"+Inf\"} 144320\r\n";
        let samples = parse(body).unwrap();
        assert_eq!(samples.len(), 6);
        assert_eq!(samples[0].labels[0], ("code".to_owned(), "200".to_owned()), "labels are sorted");
        assert_eq!(samples[2].label("path"), Some("C:\\DIR\\FILE.TXT"));
        assert_eq!(samples[2].label("error"), Some("Cannot find:\n\"F\""));
        assert_eq!(samples[4].value, f64::INFINITY);
        assert_eq!((samples[0].at_ms, samples[3].at_ms), (Some(1_395_066_363_000), None));
        assert_eq!(samples[5].value, 144_320.0);
    }

    #[test]
    fn values_of_every_kind_and_openmetrics_lines_read() {
        assert!(one("a NaN").value.is_nan());
        assert_eq!(one("a -Inf").value, f64::NEG_INFINITY);
        assert_eq!(one("a{} 1e-3").value, 0.001);
        assert_eq!(one("a_bucket{le=\"0.1\"} 8 # {trace_id=\"x\"} 0.067 1.5").value, 8.0);
        assert_eq!(one("ns:a_total 17.0 1520879607.789\n# EOF\n").at_ms, Some(1_520_879_607_789));
        assert_eq!(parse("# TYPE a counter\n# UNIT a seconds\na_total 1\n# EOF\n").unwrap().len(), 1);
        assert_eq!(one("a{x=\"a,b}\\q\"} 1").label("x"), Some("a,b}\\q"));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let problem = |body: &str| parse(body).unwrap_err();
        assert_eq!(problem("a 1\n9a 1").to_string(), "line 2: expected a metric name");
        for labels in ["a{x=1} 1", "a{x=\"1\" 1", "a{x} 1", "a{x=\"1\"y=\"2\"} 1", "a{x=\"1} 1", "a{\"b\"} 1"]
        {
            assert_eq!(problem(labels).problem, Problem::Labels, "{labels}");
        }
        assert_eq!(problem("a{x=\"1\",x=\"2\"} 1").problem, Problem::DuplicateLabel("x".to_owned()));
        assert_eq!(problem("a").problem, Problem::Value(String::new()));
        assert_eq!(problem("a one").problem, Problem::Value("one".to_owned()));
        assert_eq!(problem("a 1 now").problem, Problem::Timestamp("now".to_owned()));
        assert_eq!(problem("a 1 2 3").problem, Problem::Timestamp("3".to_owned()));
        assert_eq!(problem("<html>").problem, Problem::Name);
    }

    #[test]
    fn a_flood_is_refused() {
        let body = "a 1\n".repeat(SAMPLES_MAX + 1);
        assert_eq!(parse(&body).unwrap_err().problem, Problem::TooMany);
        let labels: Vec<String> = (0..=LABELS_MAX).map(|number| format!("l{number}=\"x\"")).collect();
        assert_eq!(parse(&format!("a{{{}}} 1", labels.join(","))).unwrap_err().problem, Problem::TooMany);
    }
}
