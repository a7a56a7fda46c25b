//! `ripcord evidence`, the real program: every published pin, what it refuses, and what people read.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

struct Said {
    exit: i32,
    lines: Vec<Value>,
}

fn start(arguments: &[&str]) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_ripcord"))
        .arg("evidence")
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn fed(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = start(arguments);
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn evidence(header: &Value, blocks: impl IntoIterator<Item = Value>) -> Said {
    let lines: Vec<String> =
        std::iter::once(header.clone()).chain(blocks).map(|line| format!("{line}\n")).collect();
    raw(&lines.concat())
}

fn raw(input: &str) -> Said {
    let (exit, stdout, _) = fed(&["--json"], input);
    Said { exit, lines: stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect() }
}

impl Said {
    fn numbers(&self, field: &str) -> Vec<f64> {
        self.lines.iter().map(|line| line[field].as_f64().unwrap_or_else(|| panic!("{line}"))).collect()
    }

    fn verdicts(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line["verdict"].as_str().unwrap_or("error")).collect()
    }
}

fn block(seq: u64, canary: (u64, u64), control: (u64, u64)) -> Value {
    let arm = |(n, bad): (u64, u64)| json!({ "n": n, "bad": bad });
    json!({ "seq": seq, "canary": arm(canary), "control": arm(control) })
}

/// The six blocks of the published pin: a tenth of the traffic.
fn six() -> Vec<Value> {
    let pairs = [(1, 9), (2, 11), (3, 8), (3, 10), (4, 9), (3, 10)];
    pairs.iter().zip(1..).map(|((x, y), seq)| block(seq, (100, *x), (900, *y))).collect()
}

fn sixteen() -> Vec<f64> {
    (0..16).map(|bet| 1.1 * (32.0_f64 / 1.1).powf(f64::from(bet) / 15.0)).collect()
}

fn close(actual: f64, expected: f64) {
    assert!((actual - expected).abs() < 1e-9, "expected {expected}, got {actual}");
}

#[test]
fn the_rate_ratio_gives_the_published_evidence() {
    let expected = [-1.1589712184, -1.1641298451, -0.3270495437, 0.3976482468, 2.0081016595, 2.8397641450];
    for test in ["rate_ratio", "poisson"] {
        let header = json!({ "test": test, "margin": 0, "psi": sixteen(), "start": "plain", "alpha": 0.001 });
        let said = evidence(&header, six());
        assert_eq!((said.exit, said.lines.len()), (0, 6));
        said.numbers("log_e")
            .into_iter()
            .zip(expected)
            .for_each(|(actual, expected)| close(actual, expected));
    }
}

#[test]
fn no_bets_given_are_those_a_new_blueprint_freezes() {
    let minute = ripcord_model::Duration::from_mins(1);
    let plan = ripcord_model::blueprint::EvidencePlan::over(minute, minute);
    let said = evidence(&json!({ "test": "rate_ratio", "psi": null }), six());
    // The mixture of single bets, each fed by itself.
    let mut expected = vec![0.0; 6];
    for (bet, weight) in plan.bets.iter().zip(&plan.bet_weights) {
        let alone = evidence(&json!({ "test": "rate_ratio", "psi": [bet] }), six());
        for (sum, log_e) in expected.iter_mut().zip(alone.numbers("log_e")) {
            *sum += weight * log_e.exp();
        }
    }
    said.numbers("log_e")
        .into_iter()
        .zip(expected)
        .for_each(|(actual, expected)| close(actual, expected.ln()));
}

#[test]
fn the_absolute_limit_gives_the_published_evidence() {
    let said = evidence(
        &json!({ "test": "absolute", "limit": 0.01, "psi": sixteen() }),
        [json!({ "seq": 1, "canary": { "n": 1000, "bad": 12 } })],
    );
    close(said.numbers("log_e")[0], -1.7383459305);
    close(said.numbers("estimate")[0], 0.012);
}

#[test]
fn the_two_sample_plug_in_gives_the_published_evidence() {
    let blocks = "1010001".bytes().zip("1011101".bytes()).zip(1..).map(|((control, canary), seq)| {
        block(seq, (1, u64::from(canary - b'0')), (1, u64::from(control - b'0')))
    });
    let header = json!({ "test": "two_sample", "prior": 0.18, "direction": "both" });
    let said = evidence(&header, blocks);
    close(said.numbers("log_e").last().unwrap().exp(), 1.0955046198);
}

#[test]
fn the_sign_flip_gives_the_published_evidence() {
    let differences = [1.0, 0.0, 2.0, -1.0, 3.0, 2.0];
    let blocks = differences.iter().zip(1..).map(|(d, seq)| json!({ "seq": seq, "d": d }));
    let said = evidence(&json!({ "test": "sign_flip", "lambda": 0.5 }), blocks);
    close(*said.numbers("log_e").last().unwrap(), 1.5367691541);
    close(*said.numbers("estimate").last().unwrap(), 7.0 / 6.0);
}

/// The recursion of weighted starts, written out here once more. How much of the wealth bets when is not assumed: the
/// first two answers give it.
#[test]
fn weighted_starts_follow_their_recursion() {
    let plain = evidence(&json!({ "test": "rate_ratio", "psi": [2.0] }), six());
    let header = json!({ "test": "rate_ratio", "psi": [2.0], "start": "weighted", "blocks": 240 });
    let weighted = evidence(&header, six());
    let growth: Vec<f64> = plain.numbers("log_e").iter().map(|log_e| log_e.exp()).collect();
    let wealth: Vec<f64> = weighted.numbers("log_e").iter().map(|log_e| log_e.exp()).collect();
    // wealth_1 = first * growth_1 + (1 - first)
    let first = (wealth[0] - 1.0) / (growth[0] - 1.0);
    assert!((0.3..0.7).contains(&first), "{first}");
    // wealth_2 = (first * growth_1 + later) * step_2 + 1 - first - later
    let step = growth[1] / growth[0];
    let later = (wealth[1] - first * growth[1] - 1.0 + first) / (step - 1.0);
    assert!(
        (0.8..1.01).contains(&(later * 239.0 / (1.0 - first))),
        "{later} of {} spread over 239",
        1.0 - first
    );
    let (mut started, mut unspent) = (first * growth[0], 1.0 - first);
    for block in 1..6 {
        unspent -= later;
        started = (started + later) * (growth[block] / growth[block - 1]);
        close(wealth[block], started + unspent);
    }
}

#[test]
fn a_rollback_stays_one_and_containment_comes_before_it() {
    let bad = |seq| block(seq, (100, 3), (900, 9));
    let quiet = |seq| block(seq, (100, 0), (900, 9));
    let blocks = (1..=12).map(bad).chain((13..=60).map(quiet));
    let said = evidence(&json!({ "test": "rate_ratio", "contain": 0.05, "alpha": 0.001 }), blocks);
    let (log_e, verdicts) = (said.numbers("log_e"), said.verdicts());
    let first = |verdict: &str| verdicts.iter().position(|known| *known == verdict).unwrap();
    let (contained, back) = (first("contain"), first("rollback"));
    assert!(contained < back, "{verdicts:?}");
    assert!(log_e[contained] >= 20.0_f64.ln() && log_e[contained - 1] < 20.0_f64.ln());
    assert!(log_e[back] >= 1000.0_f64.ln() && log_e[back - 1] < 1000.0_f64.ln());
    assert!(verdicts[back..].iter().all(|verdict| *verdict == "rollback"), "{verdicts:?}");
    assert!(said.lines[back..].iter().all(|line| line["since"] == back + 1), "since block {}", back + 1);
    assert!(*log_e.last().unwrap() < 1000.0_f64.ln(), "though the evidence has faded");
}

#[test]
fn safety_is_shown_by_evidence_and_silence_is_blind() {
    let good = |seq| block(seq, (300, 0), (900, 9));
    let said = evidence(&json!({ "test": "rate_ratio", "margin": 0.2 }), (1..=6).map(good));
    let safety = said.numbers("log_e_safety");
    for (verdict, safety) in said.verdicts().into_iter().zip(safety) {
        assert_eq!(verdict == "advance", safety >= 20.0_f64.ln(), "{verdict} at {safety}");
    }
    assert_eq!((said.verdicts()[0], said.verdicts()[5]), ("hold", "advance"));
    let blocks = [block(1, (100, 1), (900, 9)), block(2, (0, 0), (900, 9)), block(3, (100, 1), (0, 0))];
    let said = evidence(&json!({ "test": "rate_ratio" }), blocks);
    assert_eq!(said.verdicts(), ["hold", "blind", "blind"]);
    let log_e = said.numbers("log_e");
    assert!(log_e.iter().all(|value| *value == log_e[0]), "silence is no evidence: {log_e:?}");
    assert_eq!(said.lines[2]["canary"], json!({ "n": 100.0, "bad": 1.0, "rate": 0.01 }));
}

#[test]
fn estimate_and_interval_are_given_with_unbounded_ends_as_null() {
    let blocks = (1..=30).map(|seq| block(seq, (1_000, 20), (9_000, 90)));
    let said = evidence(&json!({ "test": "rate_ratio" }), blocks);
    let last = said.lines.last().unwrap();
    close(last["estimate"].as_f64().unwrap(), 2.0);
    let (low, high) = (last["interval"][0].as_f64().unwrap(), last["interval"][1].as_f64().unwrap());
    assert!(1.0 < low && low < 2.0 && 2.0 < high && high < 4.0, "{last}");
    close(last["canary"]["rate"].as_f64().unwrap(), 0.02);
    close(last["control"]["rate"].as_f64().unwrap(), 0.01);
    let said = evidence(&json!({ "test": "rate_ratio" }), [block(1, (10, 0), (10, 0))]);
    assert_eq!(said.lines[0]["estimate"], Value::Null);
    let interval = &said.lines[0]["interval"];
    assert!(interval.is_null() || (interval[0].is_null() && interval[1].is_null()), "{interval}");
}

#[test]
fn a_block_seen_before_is_answered_the_same_and_changes_nothing() {
    let blocks = six();
    let again = [&blocks[..3], &blocks[2..3], &blocks[..1], &blocks[3..]].concat();
    let (once, twice) = (
        evidence(&json!({ "test": "rate_ratio" }), blocks.clone()),
        evidence(&json!({ "test": "rate_ratio" }), again),
    );
    let ignored: Vec<&Value> = twice.lines.iter().filter(|line| line["ignored"] == true).collect();
    assert_eq!(ignored.len(), 2);
    let mut same = ignored[0].clone();
    same.as_object_mut().unwrap().remove("ignored");
    assert_eq!(same, once.lines[2]);
    assert_eq!(ignored[1]["log_e"], once.lines[2]["log_e"]);
    let counted: Vec<&Value> = twice.lines.iter().filter(|line| line["ignored"] != true).collect();
    assert_eq!(counted, once.lines.iter().collect::<Vec<_>>());
}

#[test]
fn a_line_that_cannot_be_used_is_named_and_counts_for_nothing() {
    let blocks = six();
    let text: Vec<String> = blocks.iter().map(ToString::to_string).collect();
    for broken in [
        "nonsense",
        "{\"seq\":3}",
        "{\"seq\":3,\"canary\":{\"n\":-100,\"bad\":3},\"control\":{\"n\":900,\"bad\":8}}",
        "{\"seq\":3,\"canary\":{\"n\":100,\"bad\":1000},\"control\":{\"n\":900,\"bad\":8}}",
        "{\"seq\":3,\"canary\":{\"n\":1e999,\"bad\":3},\"control\":{\"n\":900,\"bad\":8}}",
        "{\"seq\":3,\"canary\":{\"n\":Infinity,\"bad\":3},\"control\":{\"n\":900,\"bad\":8}}",
    ] {
        let mut lines = vec!["{\"test\":\"rate_ratio\"}".to_owned()];
        lines.extend(text.clone());
        lines.insert(3, broken.to_owned());
        let said = raw(&(lines.join("\n") + "\n"));
        assert_eq!((said.exit, said.lines.len()), (1, 7), "{broken}");
        let error = &said.lines[2]["error"];
        assert_eq!(error["findings"]["line"], 4, "{error}");
        assert!(broken.starts_with(error["findings"]["text"].as_str().unwrap()), "{error}");
        assert!(
            error["message"].as_str().unwrap().contains("line 4")
                && error["message"].as_str().unwrap().contains("expected"),
            "{error}"
        );
        let rest: Vec<&Value> = said.lines.iter().filter(|line| line.get("error").is_none()).collect();
        let whole = evidence(&json!({ "test": "rate_ratio" }), blocks.clone());
        assert_eq!(rest, whole.lines.iter().collect::<Vec<_>>(), "{broken}");
    }
}

#[test]
fn a_first_line_that_cannot_be_used_ends_it() {
    for (input, part) in [
        ("", "nothing to read"),
        ("{\"test\":\"rate_ratio\",\"speed\":3}\n{\"seq\":1}\n", "unknown field `speed`"),
        ("{\"test\":\"absolute\"}\n", "limit"),
    ] {
        let said = raw(input);
        assert_eq!((said.exit, said.lines.len()), (1, 1), "{input}");
        assert!(said.lines[0]["error"]["message"].as_str().unwrap().contains(part), "{:?}", said.lines);
    }
    assert_eq!(fed(&["--speed"], "").0, 2, "usage");
}

#[test]
fn numbers_are_printed_so_that_they_read_back() {
    let (_, stdout, _) = fed(&["--json"], &format!("{{\"test\":\"rate_ratio\"}}\n{}\n", six()[0]));
    let value: Value = serde_json::from_str(&stdout).unwrap();
    let log_e = value["log_e"].as_f64().unwrap();
    assert!(stdout.contains(&format!("\"log_e\":{log_e:?}")), "{stdout}");
    assert!(log_e.to_bits() == format!("{log_e:?}").parse::<f64>().unwrap().to_bits());
}

#[test]
fn every_block_is_answered_before_the_next_one_is_written() {
    let mut child = start(&["--json"]);
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    writeln!(input, "{{\"test\":\"rate_ratio\"}}").unwrap();
    for block in six() {
        writeln!(input, "{block}").unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["seq"], block["seq"]);
    }
    drop(input);
    assert!(child.wait().unwrap().success() && answers.next().is_none());
}

#[test]
fn people_read_a_table_and_the_answer_in_words() {
    let mut input = String::from("{\"test\":\"rate_ratio\",\"alpha\":0.05}\n");
    six().iter().for_each(|block| input.push_str(&format!("{block}\n")));
    input.push_str("oops\n");
    let (exit, stdout, stderr) = fed(&[], &input);
    assert_eq!(exit, 1);
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    insta::assert_snapshot!(stdout, @r"
    fires at ln e = 2.9957 (alpha 0.05)
      block              canary             control      ratio       ln e  verdict
          1            1 of 100            9 of 900          1    -1.1830  hold
          2            3 of 200         20 of 1,800       1.35    -1.3092  hold
          3            6 of 300         28 of 2,700       1.93    -0.1906  hold
          4            9 of 400         38 of 3,600       2.13     0.6673  hold
          5           13 of 500         47 of 4,500       2.49     2.4792  hold
          6           16 of 600         57 of 5,400       2.53     3.3568  rollback

    Roll back: the evidence of harm reached its finish line at block 6. The canary's
    rate is 2.67 % against 1.06 %, 2.53 times the control's. With 95 % it lies
    between 0.935 and 5.94. Evidence this strong arises by chance at most once in
    28.
    1 line could not be used and counted for nothing.
    ");
    insta::assert_snapshot!(stderr, @r#"
      8 | oops

    error: line 8, column 1: not JSON (expected value); expected a block such as {"seq":1,"canary":{"n":200,"bad":1},"control":{"n":1800,"bad":9}}
    "#);
}
