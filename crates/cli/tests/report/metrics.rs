//! The numbers over a hundred releases, computed a second time from the raw entries by other code.

use std::{collections::BTreeMap, process::Command};

use serde_json::{Value, json};

use crate::support::state_directory;

/// One entry, reduced to what a script would look at.
struct Line {
    position: u64,
    at: i64,
    release: String,
    fact: Value,
}

impl Line {
    fn kind(&self) -> &str {
        self.fact["kind"].as_str().unwrap()
    }
}

fn instant(value: &Value) -> Option<i64> {
    value.as_str()?.parse::<ripcord_model::Timestamp>().ok().map(|at| at.as_ms())
}

fn duration(value: &Value) -> u64 {
    value.as_str().unwrap().parse::<ripcord_model::Duration>().unwrap().as_ms()
}

/// An incident as a script would cut it out: from the first decision until it is back or is promoted again.
struct Cut<'l> {
    sign: Option<&'l Line>,
    lines: Vec<&'l Line>,
}

impl<'l> Cut<'l> {
    fn find(&self, kind: &str) -> Option<&'l Line> {
        self.lines.iter().copied().find(|line| line.kind() == kind)
    }

    fn find_last(&self, kind: &str) -> Option<&'l Line> {
        self.lines.iter().rev().copied().find(|line| line.kind() == kind)
    }

    fn decided(&self) -> &'l Line {
        self.lines[0]
    }

    fn back(&self) -> bool {
        self.find("rollback-decided").is_some()
    }

    fn end(&self) -> Option<&'l Line> {
        self.find(if self.back() { "rolled-back" } else { "contained" })
    }
}

fn cut<'l>(lines: &[&'l Line]) -> Vec<Cut<'l>> {
    let is_decision = |line: &Line| matches!(line.kind(), "rollback-decided" | "contain-decided");
    let mut cuts = Vec::new();
    let mut index = 0;
    let mut after = 0;
    while index < lines.len() {
        if !is_decision(lines[index]) {
            index += 1;
            continue;
        }
        let mut contained = false;
        let mut end = index;
        while end < lines.len() {
            let kind = lines[end].kind();
            if contained && kind == "promoted" {
                break;
            }
            contained |= kind == "contained";
            end += 1;
            if kind == "rolled-back" {
                break;
            }
        }
        cuts.push(Cut { sign: sign(&lines[after..index], lines[index]), lines: lines[index..end].to_vec() });
        (index, after) = (end, end);
    }
    cuts
}

/// The oldest hold by a rule or distrust that no later line lifts; or the decision, where a rule made it.
fn sign<'l>(before: &[&'l Line], decision: &'l Line) -> Option<&'l Line> {
    let mut standing: Vec<(&Value, &'l Line)> = Vec::new();
    for line in before {
        let cause = &line.fact["cause"];
        let by_signal = cause.get("rule").is_some() || cause.get("distrusted").is_some();
        if line.kind() == "held" && by_signal && standing.iter().all(|(known, _)| *known != cause) {
            standing.push((cause, line));
        }
        if line.kind() == "hold-lifted" {
            standing.retain(|(known, _)| *known != cause);
        }
    }
    let verdict = &decision.fact["cause"]["verdict"];
    let ruled = !verdict["rule"].is_null() || !verdict["evidence"].is_null();
    standing.first().map(|(_, line)| *line).or(ruled.then_some(decision))
}

fn times(values: Vec<(String, i64, Vec<u64>)>) -> Value {
    let mut sorted: Vec<i64> = values.iter().map(|(_, ms, _)| *ms).collect();
    sorted.sort();
    let median = if sorted.is_empty() { None } else { Some(sorted[(sorted.len() - 1) / 2]) };
    let values: Vec<Value> = values
        .into_iter()
        .map(|(release, ms, entries)| json!({ "release": release, "ms": ms, "entries": entries }))
        .collect();
    json!({ "median_ms": median, "values": values })
}

fn rate(count: usize, of: usize) -> Value {
    json!({ "count": count, "of": of, "rate": (of > 0).then(|| count as f64 / of as f64) })
}

/// Everything once more.
fn again(lines: &[Line], limit_ms: i64) -> Value {
    let mut order: Vec<&str> = Vec::new();
    let mut by_release: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        if !order.contains(&line.release.as_str()) {
            order.push(&line.release);
        }
        by_release.entry(&line.release).or_default().push(line);
    }
    let rehearsal_of = |name: &&str| !by_release[name][0].fact["blueprint"]["rehearsal"].is_null();
    order.retain(|name| !rehearsal_of(name));
    let confirmed: Vec<(&str, u64, u64)> = lines
        .iter()
        .filter(|line| line.kind() == "rehearsed" && line.fact["result"].get("failed").is_none())
        .map(|line| {
            let result = &line.fact["result"];
            (result["release"].as_str().unwrap(), line.position, duration(&result["took"]))
        })
        .collect();

    let (mut stopped, mut ended, mut hesitated, mut recovered) = (vec![], vec![], vec![], vec![]);
    let (mut good, mut helped, mut stuck, mut going) = (0, 0, 0, 0);
    let (mut failed, mut judged, mut without, mut compared) = (0, 0, 0, vec![]);
    let mut exposures: Vec<(&str, &Line)> = Vec::new();
    let mut types: BTreeMap<(usize, Option<usize>), (u64, u64)> = BTreeMap::new();
    let classes = ["code", "config", "schema", "data", "contract"];
    let levels = ["flag", "deploy", "migration", "data"];
    for name in &order {
        let own = &by_release[name];
        let exposed = own.iter().copied().find(|line| line.kind() == "stage-entered");
        let cuts = cut(own);
        for cut in &cuts {
            let from = cut.decided();
            let measure = |list: &mut Vec<_>, from: &Line, to: Option<&Line>| {
                if let Some(to) = to {
                    list.push((name.to_string(), to.at - from.at, vec![from.position, to.position]));
                }
            };
            measure(&mut stopped, from, cut.find("bleeding-stopped"));
            measure(&mut ended, from, cut.end());
            match cut.sign {
                Some(sign) => measure(&mut hesitated, sign, Some(from)),
                None => without += 1,
            }
            if cut.back() {
                match (cut.find("rolled-back").is_some(), cut.find("stuck").is_some()) {
                    (true, false) => good += 1,
                    (true, true) => helped += 1,
                    (false, true) => stuck += 1,
                    (false, false) => going += 1,
                }
                let before =
                    confirmed.iter().rev().find(|(of, position, _)| of == name && *position < from.position);
                if let (Some((_, entry, took)), Some(end)) = (before, cut.find_last("recovery-verified")) {
                    compared.push(json!({
                        "release": name, "rehearsed_ms": took, "actual_ms": end.at - from.at,
                        "entries": [entry, from.position, end.position],
                    }));
                }
            }
            if exposed.is_some_and(|exposed| exposed.position < from.position) {
                let end = if cut.back() {
                    cut.find_last("recovery-verified")
                } else {
                    cut.find("bleeding-stopped")
                };
                if let Some(end) = end {
                    let first = cut.sign.unwrap_or(from);
                    let harm = instant(&from.fact["cause"]["verdict"]["harm_began"]).unwrap_or(first.at);
                    let ms = end.at - harm.min(first.at);
                    recovered.push((name.to_string(), ms, vec![first.position, end.position]));
                }
            }
        }
        let Some(exposed) = exposed else { continue };
        exposures.push((name, exposed));
        let has_failed = cuts.iter().any(|cut| cut.decided().position > exposed.position);
        failed += usize::from(has_failed);
        judged += usize::from(has_failed || own.iter().any(|line| line.kind() == "completed"));
        let known = confirmed.iter().any(|(of, position, _)| of == name && *position < exposed.position);
        for change in own[0].fact["blueprint"]["changes"].as_array().unwrap() {
            let at = |list: &[&str], value: &Value| list.iter().position(|word| value == word);
            let key = (at(&classes, &change["class"]).unwrap(), at(&levels, &change["level"]));
            let counts = types.entry(key).or_default();
            *counts = (counts.0 + 1, counts.1 + u64::from(known));
        }
    }
    let gaps = exposures.windows(2).map(|pair| {
        let [(_, before), (name, after)] = pair else { unreachable!() };
        (name.to_string(), after.at - before.at, vec![before.position, after.position])
    });
    let of_release = |line: &&Line| order.contains(&line.release.as_str());
    let last = lines.iter().filter(of_release).map(|line| line.at).max().unwrap();
    let first = order.iter().map(|name| by_release[name][0].at).min().unwrap();
    let mut exceeded: Vec<&String> = Vec::new();
    for (name, _, _) in hesitated.iter().filter(|(_, ms, _)| *ms > limit_ms) {
        if !exceeded.contains(&name) {
            exceeded.push(name);
        }
    }
    json!({
        "releases": order.len(),
        "deployments": exposures.len(),
        "under_way": exposures.len() - judged,
        "time_to_stop_bleeding": times(stopped),
        "time_to_roll_back_or_contain": times(ended),
        "rollback_success": { "good": good, "with_help": helped, "stuck": stuck, "under_way": going,
            "rate": rate(good, good + helped + stuck) },
        "change_types": types.iter().map(|((class, level), (changes, rehearsed))| json!({
            "class": classes[*class], "level": level.map(|level| levels[level]), "changes": changes,
            "rehearsed": rehearsed,
        })).collect::<Vec<_>>(),
        "hesitation": { "limit_ms": limit_ms, "exceeded": exceeded, "without_a_signal": without,
            "times": times(hesitated.clone()) },
        "rehearsed_against_actual": compared,
        "change_fail_rate": rate(failed, judged),
        "failed_deployment_recovery_time": times(recovered),
        "deployment_frequency": { "deployments": exposures.len(), "period_ms": last - first,
            "between": times(gaps.collect()) },
    })
}

#[test]
fn a_hundred_releases_give_the_same_numbers_computed_twice() {
    let entries = ripcord_testkit::series(2026, 110);
    let lines: Vec<Line> = entries
        .iter()
        .map(|entry| {
            let value: Value = serde_json::from_slice(&entry.to_bytes()).unwrap();
            Line {
                position: value["position"].as_u64().unwrap(),
                at: instant(&value["at"]).unwrap(),
                release: value["release"].as_str().unwrap().to_owned(),
                fact: value["fact"].clone(),
            }
        })
        .collect();
    let directory = tempfile::tempdir().unwrap();
    state_directory(directory.path(), &entries);
    let ripcord = |arguments: &[&str]| {
        let state = directory.path().to_str().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ripcord"));
        command.args(["--state", state, "metrics"]).args(arguments).env_remove("RIPCORD_STATE");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let told: Value = serde_json::from_str(&ripcord(&["--json"])).unwrap();
    let computed = again(&lines, 300_000);
    for (name, value) in computed.as_object().unwrap() {
        assert_eq!(told[name], *value, "{name}");
    }
    // The numbers are about something: each kind of end occurs among the releases.
    assert!(told["releases"].as_u64() >= Some(100), "{told}");
    for part in ["good", "with_help"] {
        assert!(told["rollback_success"][part].as_u64() > Some(0), "{part}: {}", told["rollback_success"]);
    }
    assert!(told["change_fail_rate"]["rate"].as_f64() > Some(0.1), "{}", told["change_fail_rate"]);
    for (what, least) in [("hesitation", 1), ("rehearsed_against_actual", 5)] {
        let list = told[what].as_array().or(told[what]["exceeded"].as_array()).unwrap();
        assert!(list.len() >= least, "{what}: {list:?}");
    }
    assert_eq!(told["change_lead_time"]["known"], false);
    assert!(!told.to_string().contains("mean"), "no means of times");

    let stricter: Value = serde_json::from_str(&ripcord(&["--json", "--hesitation", "10s"])).unwrap();
    assert_eq!(stricter["hesitation"], again(&lines, 10_000)["hesitation"]);
    let text = ripcord(&[]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("change fail rate") && text.contains("median"), "{text}");
    let none = ripcord(&["--service", "another"]);
    assert!(none.starts_with("No release is on record"), "{none}");
}

#[test]
fn releases_before_an_instant_are_left_out() {
    let entries = ripcord_testkit::series(7, 6);
    let created: Vec<_> = entries
        .iter()
        .filter(|entry| entry.kind().as_deref() == Some("created"))
        .filter(|entry| !entry.release.as_ref().unwrap().as_str().contains("rehearsal"))
        .map(|entry| entry.at)
        .collect();
    assert_eq!(created.len(), 6);
    let asked = ripcord_report::metrics::Asked { since: Some(created[3]), ..Default::default() };
    let numbers = ripcord_report::metrics::metrics(&entries, &asked);
    assert_eq!((numbers.releases, numbers.from), (3, Some(created[3])));
}
