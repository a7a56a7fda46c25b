//! What `ripcord plan` says about what its stages can notice: the real program in a directory of its own.

use std::process::{Command, Output};

use ripcord_model::blueprint::BlueprintHash;

/// A service as `init` writes it.
struct Shell(tempfile::TempDir);

impl Shell {
    fn new() -> Self {
        let shell = Self(tempfile::tempdir().unwrap());
        let made = shell.run("init --yes --service exams --owner maya --on-call ran");
        assert!(made.status.success(), "{made:?}");
        shell
    }

    fn run(&self, line: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_ripcord"))
            .args(line.split(' '))
            .current_dir(self.0.path())
            .env_clear()
            .output()
            .unwrap()
    }

    #[track_caller]
    fn says(&self, line: &str, status: i32) -> String {
        let Output { status: found, stdout, stderr } = self.run(line);
        let text = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        assert_eq!(found.code(), Some(status), "{text}");
        text
    }
}

#[test]
fn with_traffic_and_base_rates_the_plan_says_what_its_stages_notice_and_says_it_again() {
    let shell = Shell::new();
    let line = "plan first --traffic 40/s --base errors=0.9%";
    let text = shell.says(line, 0);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "80 columns suffice:\n{text}");
    assert_eq!(shell.says(line, 0), text, "the same input gives the same answer");
    let first_warning =
        text.find("  warning  1 % for 5 min cannot see a 2x regression of errors: it would take");
    assert!(
        first_warning.is_some_and(|at| at < text.find("  people").unwrap()),
        "warnings come first:\n{text}"
    );
    assert!(text.contains("at 40 requests/s (given) · errors 0.9 % (given)"), "{text}");
    for header in ["errors: worse than control by 20%", "stage  share", "bad (2x)", "  blueprint  "] {
        assert!(text.contains(header), "{header} is missing:\n{text}");
    }
    let same = shell.says("plan first --traffic 2400/min --base errors=0.9%", 0);
    assert_eq!(same, text, "2400/min is 40/s");
}

#[test]
fn a_proposal_taken_over_is_not_proposed_again() {
    let shell = Shell::new();
    let line = "plan first --traffic 1000/s --base errors=0.9%";
    let text = shell.says(line, 0);
    let proposed: Vec<&str> =
        text.lines().skip_while(|line| *line != "stages:").take_while(|line| !line.is_empty()).collect();
    assert!(proposed.len() >= 4, "nothing is proposed:\n{text}");
    let path = shell.0.path().join("releases/first.yaml");
    let plan = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, plan.replace("stages: small", &proposed.join("\n"))).unwrap();
    assert!(shell.says("lint", 0).contains("no mistake"), "what is pasted lints clean");
    let again = shell.says(line, 0);
    assert!(again.contains("none: a regression causes"), "{again}");
}

#[test]
fn the_full_form_and_its_json_know_the_blueprint_they_are_about() {
    let shell = Shell::new();
    let text = shell.says("plan first --traffic 30/s --base errors=2% --power", 0);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "80 columns suffice:\n{text}");
    assert!(text.starts_with("first: what its stages can notice\n"), "{text}");
    assert!(!text.contains("way back"), "only what the stages notice:\n{text}");
    let json = shell.says("plan first --traffic 30/s --base errors=2% --power --json", 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let hash = BlueprintHash::of(&shell.run("plan first --json").stdout);
    assert_eq!(json["blueprint"], hash.as_str());
    assert_eq!(json["sources"]["traffic"], "given");
    assert_eq!(json["power"]["load"]["requests_per_second"], 30.0);
    let rule = &json["power"]["rules"][0];
    assert_eq!((&rule["signal"], &rule["rule"]), (&"errors".into(), &"worse than control by 20%".into()));
    assert_eq!(rule["stages"].as_array().unwrap().len(), 4);
    let doubling = &rule["stages"][2]["regressions"][1];
    assert_eq!(doubling["times"], 2.0);
    let (mean, floor) = (&doubling["sight"]["mean_seconds"], &doubling["sight"]["floor_seconds"]);
    assert!(mean.as_f64().unwrap() > floor.as_f64().unwrap(), "{doubling}");
}

#[test]
fn the_blueprint_is_the_same_whatever_is_asked_about_power() {
    let shell = Shell::new();
    let plain = shell.says("plan first", 0);
    let with = shell.says("plan first --traffic 1/s", 0);
    let hash = |text: &str| text.split_once("  blueprint  ").unwrap().1[..64].to_owned();
    assert_eq!(hash(&plain), hash(&with));
    assert!(plain.contains("ripcord plan first --traffic 100/s --base errors=1%"), "{plain}");
    assert!(with.contains("errors: not known without its usual rate: add --base errors=1%"), "{with}");
}

#[test]
fn flags_that_make_no_sense_are_refused_with_what_does() {
    let shell = Shell::new();
    for (line, message, hint) in [
        ("plan first --base errors=1%", "not of how much", "--traffic 400/s"),
        ("plan first --power", "depends on the traffic", "--measure"),
        ("plan first --json --traffic 1/s", "does not depend on the traffic", "add --power"),
        ("plan first --traffic 1/s --base error=1%", "no signal of this release", "errors, latency-p99"),
        ("plan first --traffic 1/s --base errors=100%", "below 100%", "errors"),
        ("plan first --traffic 99999M/s", "at most 10^9", "99"),
        ("plan first --traffic fast", "expected a rate, like 400/s", "--help"),
        ("plan first --measure 2h", "from 1s to 1h", "--help"),
    ] {
        let text = shell.says(line, 2);
        assert!(text.contains(message) && text.contains(hint), "{line}: {text}");
    }
    let text = shell.says("plan first --measure 1s", 1);
    assert!(text.contains("v1 does not run") && text.contains("next: say it yourself"), "{text}");
}
