//! What the query API answers (<https://prometheus.io/docs/prometheus/latest/querying/api/>), read with suspicion.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use super::super::fetch::FetchError;

/// Why a query has no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum QueryError {
    /// The server does not work; other queries need not be tried.
    Source(String),
    /// This query does not work.
    Query(String),
}

/// One series of an answer.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Series {
    pub(super) metric: BTreeMap<String, String>,
    /// Of a range: raw samples, in seconds.
    #[serde(default)]
    values: Vec<(f64, String)>,
    /// Of an instant.
    value: Option<(f64, String)>,
    histogram: Option<IgnoredAny>,
    histograms: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    result_type: String,
    result: Vec<Series>,
}

impl Series {
    /// Milliseconds and values; what is not a number is NaN.
    pub(super) fn points(&self) -> Vec<(i64, f64)> {
        let point = |(seconds, value): &(f64, String)| {
            ((seconds * 1_000.0).round() as i64, value.parse().unwrap_or(f64::NAN))
        };
        self.values.iter().chain(&self.value).map(point).collect()
    }

    /// Whether it is a native histogram.
    pub(super) fn is_native_histogram(&self) -> bool {
        self.histogram.is_some() || self.histograms.is_some()
    }
}

/// The series of an answer, or the reason why there are none to be relied on.
pub(super) fn read(fetched: Result<String, FetchError>) -> Result<Vec<Series>, QueryError> {
    let body = match fetched {
        Ok(body) => body,
        Err(FetchError::Status { status, excerpt, body }) => return Err(refusal(status, &excerpt, &body)),
        Err(error) => return Err(QueryError::Source(error.to_string())),
    };
    let answer: Answer = serde_json::from_str(&body).map_err(|error| {
        QueryError::Source(format!("the answer is not that of a Prometheus server: {error}"))
    })?;
    if answer.status != "success" {
        return Err(QueryError::Query(format!("the query failed: {}", short(&answer.error))));
    }
    if !answer.warnings.is_empty() {
        let warnings = short(&answer.warnings.join("; "));
        return Err(QueryError::Query(format!("the answer is partial and was not used: {warnings}")));
    }
    match answer.data {
        Some(Data { result_type, result }) if result_type == "matrix" || result_type == "vector" => {
            Ok(result)
        }
        Some(_) | None => Err(QueryError::Source("the answer has no series in it".to_owned())),
    }
}

/// Prometheus explains itself in JSON also under 4xx and 5xx.
fn refusal(status: u16, excerpt: &str, body: &str) -> QueryError {
    let explained = serde_json::from_str::<Answer>(body).ok().filter(|answer| answer.status == "error");
    match explained {
        Some(answer) if status < 500 => {
            QueryError::Query(format!("the query was refused: {}", short(&answer.error)))
        }
        Some(answer) => QueryError::Source(format!("HTTP status {status}: {}", short(&answer.error))),
        None => QueryError::Source(format!("HTTP status {status}{excerpt}")),
    }
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(body: &str) -> Result<Vec<Series>, QueryError> {
        read(Ok(body.to_owned()))
    }

    #[test]
    fn raw_samples_read_with_their_instants() {
        let series = ok(r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"__name__":"a"},"values":[[1435781430.781,"1"],[1435781445.781,"NaN"]]}]}}"#)
        .unwrap();
        let points = series[0].points();
        assert_eq!(points[0], (1_435_781_430_781, 1.0));
        assert!(points[1].1.is_nan());
        assert!(!series[0].is_native_histogram());
    }

    #[test]
    fn every_kind_of_bad_answer_has_a_name() {
        let text = |result: Result<Vec<Series>, QueryError>| match result.unwrap_err() {
            QueryError::Source(text) => format!("source: {text}"),
            QueryError::Query(text) => format!("query: {text}"),
        };
        let status = |status, body: &str| {
            read(Err(FetchError::Status { status, excerpt: format!(": {body}"), body: body.to_owned() }))
        };
        assert!(text(ok("<html>")).starts_with("source: the answer is not that of a Prometheus"));
        assert!(text(ok(r#"{"status":"success"}"#)).starts_with("source: the answer has no series"));
        let scalar = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}"#;
        assert!(text(ok(scalar)).starts_with("source: "));
        let failed = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
        assert_eq!(text(ok(failed)), "query: the query failed: parse error");
        assert_eq!(text(status(400, failed)), "query: the query was refused: parse error");
        assert_eq!(text(status(503, failed)), "source: HTTP status 503: parse error");
        assert_eq!(text(status(500, "oops")), "source: HTTP status 500: oops");
        let partial = r#"{"status":"success","warnings":["store b is down"],"data":{"resultType":"matrix","result":[]}}"#;
        assert_eq!(text(ok(partial)), "query: the answer is partial and was not used: store b is down");
        assert_eq!(text(read(Err(FetchError::TimedOut))), "source: no answer in time");
    }

    #[test]
    fn native_histograms_are_recognised() {
        let series = ok(r#"{"status":"success","data":{"resultType":"vector","result":[
            {"metric":{},"histogram":[1435781430.781,{"count":"1","sum":"2","buckets":[[1,"0","1","1"]]}]}]}}"#)
        .unwrap();
        assert!(series[0].is_native_histogram());
    }
}
