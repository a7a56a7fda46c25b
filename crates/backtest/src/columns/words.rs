//! The words people name columns with.

use super::{Arm, Quantity, Role};

const TIME: &[&str] =
    &["time", "timestamp", "ts", "date", "datetime", "at", "when", "epoch", "minute", "hour", "day", "week"];
const SEQ: &[&str] = &["seq", "sequence", "block", "index", "idx", "step", "row", "i"];
const LABEL: &[&str] = &[
    "label",
    "anomaly",
    "anomalous",
    "outlier",
    "incident",
    "fault",
    "faulty",
    "regression",
    "attack",
    "wrong",
];
const ONSET: &[&str] = &["onset", "changepoint", "change"];
const CANARY: &[&str] =
    &["canary", "candidate", "treatment", "treated", "variant", "new", "experiment", "test"];
const CONTROL: &[&str] = &["control", "baseline", "stable", "old", "reference", "primary"];
const ALL: &[&str] = &[
    "n",
    "total",
    "all",
    "count",
    "requests",
    "request",
    "reqs",
    "trials",
    "events",
    "samples",
    "size",
    "sessions",
    "users",
    "visitors",
    "visits",
    "hits",
    "calls",
    "queries",
    "attempts",
    "observations",
    "invocations",
    "launches",
    "impressions",
    "jobs",
];
const BAD: &[&str] = &[
    "bad",
    "errors",
    "error",
    "err",
    "errs",
    "failures",
    "failure",
    "failed",
    "fail",
    "fails",
    "crashes",
    "crash",
    "crashed",
    "exceptions",
    "timeouts",
    "complaints",
    "tickets",
    "drops",
    "dropped",
    "lost",
    "5xx",
    "defects",
    "incidents",
    "rejected",
];
const GOOD: &[&str] =
    &["good", "success", "successes", "successful", "succeeded", "ok", "passed", "conversions"];
const EXPOSURE: &[&str] =
    &["exposure", "hours", "khours", "minutes", "days", "km", "miles", "uptime", "usage"];
const VALUE: &[&str] = &[
    "value",
    "latency",
    "duration",
    "response",
    "elapsed",
    "rate",
    "ratio",
    "percent",
    "percentage",
    "pct",
    "per",
    "p50",
    "p75",
    "p90",
    "p95",
    "p99",
    "p999",
    "quantile",
    "percentile",
    "median",
    "mean",
    "avg",
    "average",
    "cpu",
    "memory",
    "mem",
    "load",
    "utilization",
    "utilisation",
    "lag",
    "queue",
    "temperature",
    "gauge",
];
/// Words and units that change nothing.
const FILLER: &[&str] = &[
    "daily", "hourly", "weekly", "monthly", "active", "app", "web", "api", "server", "service", "page",
    "user", "session", "device", "machine", "num", "number", "of", "is", "http", "the", "ms", "s", "sec",
    "secs", "seconds", "us", "utc", "start", "began",
];

/// What a column's name says; `None` when it says nothing known.
pub(super) fn role(name: &str) -> Option<Role> {
    let words = words(name);
    if let [one] = words.as_slice()
        && let Some(role) = short(one)
    {
        return Some(role);
    }
    if let [quantity, arm] = words.as_slice()
        && let Some(role) = notation(quantity, arm)
    {
        return Some(role);
    }
    let known = [TIME, SEQ, LABEL, ONSET, CANARY, CONTROL, ALL, BAD, GOOD, EXPOSURE, VALUE, FILLER];
    if words.is_empty() || !words.iter().all(|word| known.iter().any(|list| list.contains(&word.as_str()))) {
        return None;
    }
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let arm = match (has(CANARY), has(CONTROL)) {
        (_, false) => Arm::Canary,
        (false, true) => Arm::Control,
        (true, true) => return None,
    };
    let sided = has(CANARY) || has(CONTROL);
    // `error_rate` and `response_time` are values, `failed_requests` are bad.
    if has(VALUE) {
        return Some(Role::Of(arm, Quantity::Value));
    }
    if !sided && has(LABEL) {
        return Some(Role::Label);
    }
    if !sided && has(ONSET) {
        return Some(Role::Onset);
    }
    if has(BAD) {
        return Some(Role::Of(arm, Quantity::Bad));
    }
    if has(GOOD) {
        return Some(Role::Of(arm, Quantity::Good));
    }
    if has(EXPOSURE) {
        return Some(Role::Of(arm, Quantity::Exposure));
    }
    if !sided && has(TIME) {
        return Some(Role::Time);
    }
    if !sided && has(SEQ) {
        return Some(Role::Seq);
    }
    if has(ALL) {
        return Some(Role::Of(arm, Quantity::All));
    }
    sided.then_some(Role::Of(arm, Quantity::Value))
}

/// Names of one letter: the notation of the statistics, `n_c, x, n_t, y`.
fn short(word: &str) -> Option<Role> {
    Some(match word {
        "x" => Role::Of(Arm::Canary, Quantity::Bad),
        "y" => Role::Of(Arm::Control, Quantity::Bad),
        "t" => Role::Time,
        "v" => Role::Of(Arm::Canary, Quantity::Value),
        _ => return None,
    })
}

/// `n_c` and `n_t` as in the statistics; `n_a` is the usual first side of an A/B test, which is the control.
fn notation(quantity: &str, arm: &str) -> Option<Role> {
    let arm = match arm {
        "c" | "b" => Arm::Canary,
        "t" | "a" => Arm::Control,
        _ => return None,
    };
    let quantity = match quantity {
        "n" => Quantity::All,
        "x" | "bad" | "errors" => Quantity::Bad,
        _ => return None,
    };
    Some(Role::Of(arm, quantity))
}

/// `canaryTotal`, `Canary Total` and `canary.total` are the words `canary`, `total`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in name.chars() {
        let parted = !character.is_alphanumeric() || (character.is_uppercase() && before.is_lowercase());
        if parted {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            words.last_mut().expect("there is one").extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Where exactly one column is left that nobody knows, and there is nothing else to look at, it is the value.
pub(super) fn only_value(names: &[String], roles: &mut [Option<Role>]) {
    let data = roles.iter().flatten().any(|role| matches!(role, Role::Of(..)));
    let mut unknown = (0..names.len()).filter(|column| roles[*column].is_none());
    if let (false, Some(only), None) = (data, unknown.next(), unknown.next()) {
        roles[only] = Some(Role::Of(Arm::Canary, Quantity::Value));
    }
}
