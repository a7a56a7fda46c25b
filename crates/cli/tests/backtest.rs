//! `ripcord backtest` on files, the real program: what people read, what machines read, what is refused.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

struct Shell {
    directory: tempfile::TempDir,
}

impl Shell {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn backtest(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_ripcord"))
            .arg("backtest")
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .output()
            .unwrap()
    }

    fn says(&self, arguments: &[&str]) -> String {
        let output = self.backtest(arguments);
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "80 columns suffice:\n{text}");
        match output.status.code() {
            Some(0) => text,
            code => format!("{text}[exit status {}]\n", code.unwrap()),
        }
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.backtest(&[arguments, &["--json"]].concat());
        let value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code().unwrap(), value)
    }
}

/// Whole numbers that look like chance and are the same everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// Of `n` requests each is bad once in `one_in`.
    fn bad(&mut self, n: u64, one_in: u64) -> u64 {
        (0..n).filter(|_| self.below(one_in) == 0).count() as u64
    }
}

/// A hundred requests per minute, one bad in a hundred, from the 400th minute on one in twenty-five.
fn errors() -> String {
    let mut chance = Chance(7);
    let rows = (0..600_i64).map(|row| {
        let bad = chance.bad(100, if row >= 400 { 25 } else { 100 });
        format!("{},100,{bad}\n", jiff::Timestamp::from_second(1_394_163_660 + row * 60).unwrap())
    });
    format!("timestamp,requests,errors\n{}", rows.collect::<String>())
}

/// Blocks of two arms; from the 300th on the canary is four times worse.
fn blocks() -> String {
    let mut chance = Chance(11);
    let rows = (1..=500_u64).map(|seq| {
        let (x, y) = (chance.bad(100, if seq >= 300 { 25 } else { 100 }), chance.bad(900, 100));
        format!("{seq},100,{x},900,{y}\n")
    });
    format!("seq,canary_total,canary_errors,control_total,control_errors\n{}", rows.collect::<String>())
}

#[test]
fn people_read_the_answer_first() {
    let shell = Shell::new();
    shell.file("errors.csv", &errors());
    let line = [
        "--blocks",
        "errors.csv",
        "--onset",
        "2014-03-07 10:21",
        "--rules",
        "over 2%",
        "--rules",
        "above 5% for 5m",
    ];
    insta::assert_snapshot!(shell.says(&line), @r"
    errors: `over 2%` noticed the onset after 16 min and never fired with nothing
    wrong

      from       errors.csv
      series     600 blocks, one per 1 min, 2014-03-07 03:41:00 to 2014-03-07
                 13:40:00 UTC
      measured   bad events among all, one series
      onset      2014-03-07 10:21:00 UTC, for 200 blocks

      rule             noticed   after  blocks  requests     false
      over 2%           1 of 1  16 min      17     1,700  0 in 6 h
      above 5% for 5m   0 of 1       -       -         -  0 in 6 h

      fired      over 2%: 2014-03-07 10:37:00 (block 417), 16 min after the onset;
                 by chance at most 1 in 1,000
      note       instants without a zone are read as UTC
                 after a firing everything begins anew at the next block, as a new
                 release would
                 evidence may fire with nothing wrong with a chance of 0.1 % per
                 release, each rule by itself
      next       see it: --svg FILE.svg
    ");
}

#[test]
fn rules_are_proposed_and_marks_asked_for() {
    let shell = Shell::new();
    let rows =
        (0..200).map(|row| format!("2014-03-07 {:02}:{:02}:00,{}\n", row / 60, row % 60, 40 + row % 7));
    shell.file("latency.csv", &format!("timestamp,value\n{}", rows.collect::<String>()));
    insta::assert_snapshot!(shell.says(&["latency", "--blocks", "latency.csv"]), @r"
    latency: no rule fired

      from       latency.csv
      series     200 blocks, one per 1 min, 2014-03-07 00:00:00 to 2014-03-07
                 03:19:00 UTC
      measured   values, one series
      baseline   42.8, from the first 30 blocks; replayed from there on

      rule                             fired
      worse than baseline by 50%    0 in 2 h
      above 2x baseline for 5 rows  0 in 2 h
      above 46 for 3 rows           0 in 2 h

      note       no rules were named, so these are proposals; try your own with
                 --rules
                 instants without a zone are read as UTC
                 evidence may fire with nothing wrong with a chance of 0.1 % per
                 release, each rule by itself
      next       say when something was wrong: --onset INSTANT, or a column label
                 see it: --svg FILE.svg
    ");
}

#[test]
fn machines_read_every_number() {
    let shell = Shell::new();
    shell.file("blocks.csv", &blocks());
    let line = [
        "--blocks",
        "blocks.csv",
        "--signal",
        "submit-errors",
        "--onset",
        "300",
        "--rules",
        "worse than control by 20%",
    ];
    let (exit, answer) = shell.json(&line);
    assert_eq!((exit, answer["signal"].as_str()), (0, Some("submit-errors")));
    assert_eq!((&answer["kind"], &answer["has_control"]), (&"ratio".into(), &true.into()));
    let run = &answer["candidates"][0][0];
    assert_eq!(
        (&run["name"], &run["score"]["false_firings"]),
        (&"worse than control by 20%".into(), &0.into())
    );
    let delay = &run["score"]["spans"][0];
    let blocks = delay["blocks"].as_u64().unwrap();
    assert!((1..40).contains(&blocks), "{delay}");
    assert_eq!(delay["requests"], 100 * blocks);
    assert_eq!(delay["ms"], (blocks - 1) * 5_000, "blocks without instants are 5 s apart");
    let firing = &run["firings"][0];
    assert!(firing["log_e"].as_f64().unwrap() >= run["threshold"].as_f64().unwrap());
    assert_eq!(firing["seq"], 299 + blocks);
    assert_eq!(run["score"]["quiet_blocks"], 299);
}

#[test]
fn the_same_in_json_lines_gives_the_same() {
    let shell = Shell::new();
    shell.file("blocks.csv", &blocks());
    let text = blocks();
    let lines = text.lines().skip(1).map(|line| {
        let cells: Vec<u64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let arm = |n: u64, bad: u64| serde_json::json!({ "n": n, "bad": bad });
        let (canary, control) = (arm(cells[1], cells[2]), arm(cells[3], cells[4]));
        format!("{}\n", serde_json::json!({ "seq": cells[0], "canary": canary, "control": control }))
    });
    shell.file("blocks.jsonl", &lines.collect::<String>());
    let of = |file: &str| shell.json(&["x", "--blocks", file, "--onset", "300"]).1["candidates"].clone();
    assert_eq!(of("blocks.csv"), of("blocks.jsonl"));
}

#[test]
fn the_services_own_rules_are_tried_where_there_are_any() {
    let shell = Shell::new();
    let init = Command::new(env!("CARGO_BIN_EXE_ripcord"))
        .args(["init", "--yes", "--service", "exams", "--owner", "maya"])
        .current_dir(shell.path())
        .env_clear()
        .output()
        .unwrap();
    assert!(init.status.success());
    shell.file("errors.csv", &errors());
    let (exit, answer) = shell.json(&["errors", "--blocks", "errors.csv"]);
    assert_eq!((exit, &answer["rules_are_proposed"]), (0, &false.into()));
    let names: Vec<&str> =
        answer["candidates"][0].as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["above 5% for 2m", "above 1% for 1m"], "one arm only, so not the one against control");
    assert_eq!(answer["candidates"][0][1]["leads_to"], "hold");
    let left_out = answer["left_out"][0].as_str().unwrap();
    assert!(
        left_out.contains("`worse than control by 20%` does not fit") && left_out.contains("baseline"),
        "{left_out}"
    );
    let (exit, answer) = shell.json(&["nothing-known", "--blocks", "errors.csv"]);
    assert_eq!((exit, &answer["rules_are_proposed"]), (0, &true.into()));
}

#[test]
fn the_picture_is_written() {
    let shell = Shell::new();
    shell.file("blocks.csv", &blocks());
    let said = shell.says(&["submit-errors", "--blocks", "blocks.csv", "--onset", "300", "--svg", "out.svg"]);
    assert!(said.contains("picture    out.svg"), "{said}");
    let svg = fs::read_to_string(shell.path().join("out.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    for words in [
        "submit-errors (blocks.csv)",
        "evidence, ln e",
        "number of the block",
        "class=\"onset\"",
        "class=\"fired\"",
        "worse than control by 20%",
    ] {
        assert!(svg.contains(words), "{words}");
    }
    assert!(svg.len() < 200_000, "{}", svg.len());
    let said = shell.says(&["x", "--blocks", "blocks.csv", "--svg", "no/such/place.svg"]);
    assert!(
        said.contains("no/such/place.svg cannot be written") && said.ends_with("[exit status 1]\n"),
        "{said}"
    );
}

#[test]
fn every_mistake_in_a_file_is_named_and_nothing_replayed() {
    let shell = Shell::new();
    shell.file(
        "bad.csv",
        "time,requests,errors\n2014-03-07,10,1\nsoon,10,1\n2014-03-08,ten,1\n2014-03-09,10,11\n",
    );
    insta::assert_snapshot!(shell.says(&["x", "--blocks", "bad.csv"]), @r"
    bad.csv:3:1: not an instant (time): `soon`
      3 | soon,10,1
      expected an instant such as 2014-03-07T03:41:00Z, 2014-03-07 03:41:00 (UTC),
      or seconds or milliseconds since 1970

    bad.csv:4:12: not a count (requests): `ten`
      4 | 2014-03-08,ten,1
      expected a whole number, at least 0

    bad.csv:5:15: 11 among 10 (errors): `11`
      5 | 2014-03-09,10,11
      expected at most as many as all; where one thing can happen several times,
      name what it happens over: --columns exposure=COLUMN

    error: 3 mistakes in bad.csv; nothing was replayed
    [exit status 1]
    ");
    let (exit, error) = shell.json(&["x", "--blocks", "bad.csv"]);
    let first = &error["error"]["findings"]["listed"][0];
    assert_eq!(
        (exit, &first["line"], &first["column"], &first["text"]),
        (1, &3.into(), &1.into(), &"soon".into())
    );
}

#[test]
fn what_cannot_be_replayed_is_refused_with_what_to_do() {
    let shell = Shell::new();
    shell.file("errors.csv", &errors());
    shell.file("two.csv", "time,p50,p99\n1,2,3\n");
    shell.file("empty.csv", "");
    fs::write(shell.path().join("latin.csv"), b"time,value\n1,2\n2,\xfc\n").unwrap();
    for (arguments, status, parts) in [
        (vec!["x", "--blocks", "none.csv"], 1, vec!["none.csv cannot be read"]),
        (
            vec!["x", "--blocks", "empty.csv"],
            1,
            vec!["empty.csv:1:1: there are no rows", "expected a line with the names"],
        ),
        (vec!["x", "--blocks", "latin.csv"], 1, vec!["latin.csv:3: this is not UTF-8 text", "iconv"]),
        (
            vec!["x", "--blocks", "two.csv"],
            1,
            vec!["`p50` and `p99` could both be `value`", "--columns value=p50"],
        ),
        (vec!["x", "--blocks", "errors.csv", "--rules", "often"], 1, vec!["`often` is not a rule"]),
        (
            vec!["x", "--blocks", "errors.csv", "--rules", "worse than control by 20%"],
            1,
            vec!["there is no control", "`worse than baseline by 20%`"],
        ),
        (vec!["x", "--blocks", "errors.csv", "--onset", "2030-01-01"], 1, vec!["is not within the series"]),
        (
            vec!["x", "--blocks", "errors.csv", "--onset", "1", "--rules", "above 2x baseline for 5m"],
            1,
            vec!["wrong from the first block on"],
        ),
        (
            vec!["x", "--blocks", "errors.csv", "--columns", "value=nothing"],
            1,
            vec!["there is no column `nothing`", "timestamp, requests, errors"],
        ),
        (vec!["x", "--blocks", "errors.csv", "--from", "2020-01-01"], 1, vec!["no row is left"]),
        (
            vec!["x", "--blocks", "errors.csv", "--onset", "soon"],
            2,
            vec!["neither an instant nor the number"],
        ),
        (vec!["x", "--blocks", "errors.csv", "--alpha", "2"], 2, vec!["expected a chance"]),
        (vec!["x", "--blocks", "errors.csv", "--columns", "colour=red"], 2, vec!["is no role of a column"]),
        (vec!["submit-errors"], 1, vec!["no ripcord.yaml", "--blocks FILE.csv"]),
    ] {
        let output = shell.backtest(&arguments);
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {text}");
        for part in parts {
            assert!(text.contains(part), "{arguments:?}: {text}");
        }
    }
}

#[test]
fn rows_out_of_order_repeated_or_empty_are_told_of() {
    let shell = Shell::new();
    let mut lines: Vec<String> = errors().lines().map(str::to_owned).collect();
    lines.swap(50, 51);
    lines.insert(80, lines[70].clone());
    let empty = lines[90].split(',').next().unwrap().to_owned() + ",,";
    lines[90] = empty;
    lines.drain(120..140);
    shell.file("messy.csv", &lines.join("\n"));
    let said = shell.says(&["x", "--blocks", "messy.csv", "--rules", "over 2%"]);
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "2 rows stood before an earlier one; put in order",
        "1 row with an instant or number seen before; ignored",
        "1 row with an empty cell or no finite number; they say nothing, which is not zero",
        "1 pause of more than three blocks, the longest 21 min",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
