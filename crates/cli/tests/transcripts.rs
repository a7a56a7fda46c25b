//! What people see when they type: the real program in a directory of its own.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// A directory, and the program in it.
struct Shell {
    directory: tempfile::TempDir,
}

impl Shell {
    fn new() -> Self {
        Self { directory: tempfile::Builder::new().prefix("exams-").tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn output(&self, line: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_ripcord"))
            .args(line.split(' '))
            .current_dir(self.path())
            .env_clear()
            .output()
            .unwrap()
    }

    /// The command, what it printed, and its exit status when that is not 0. Other directories read as `DIR`.
    fn type_in(&self, line: &str) -> String {
        let Output { status, stdout, stderr } = self.output(line);
        let mut text = format!("$ ripcord {line}\n");
        text.push_str(&String::from_utf8(stdout).unwrap());
        text.push_str(&String::from_utf8(stderr).unwrap());
        if status.code() != Some(0) {
            text.push_str(&format!("[exit status {}]\n", status.code().unwrap()));
        }
        let canonical = self.path().canonicalize().unwrap();
        text.replace(&canonical.display().to_string(), "DIR")
            .replace(&self.path().display().to_string(), "DIR")
    }

    fn json(&self, line: &str) -> (i32, serde_json::Value) {
        let output = self.output(line);
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    }

    fn initialised() -> Self {
        let shell = Self::new();
        let line = "init --yes --service exams --owner maya --on-call ran";
        assert!(shell.output(line).status.success());
        shell
    }
}

#[test]
fn from_nothing_to_a_compiled_plan() {
    let shell = Shell::new();
    insta::assert_snapshot!(shell.type_in("init --yes --service exams --owner maya --on-call ran"), @r"
    $ ripcord init --yes --service exams --owner maya --on-call ran
    Wrote ripcord.yaml, releases/first.yaml and runbooks/first.md in DIR

      next       read them, then: ripcord lint && ripcord plan first
    ");
    insta::assert_snapshot!(shell.type_in("lint"), @r"
    $ ripcord lint
    3 files, no mistake and no blind spot
    ");
    let plan = shell.type_in("plan first");
    assert!(plan.lines().all(|line| line.chars().count() <= 80), "80 columns suffice:\n{plan}");
    let (hash, rest) = plan.split_once("  blueprint  ").map(|(rest, hash)| (&hash[..64], rest)).unwrap();
    assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    insta::assert_snapshot!(rest, @r"
    $ ripcord plan first
    first: v2 of exams, back to v1 in 4 min 10 s

      people     owner maya · on call ran
      changes    first-change (code): the first release through Ripcord; back at
                 level deploy

      stage  share  at least  requests  ends
      1        1 %     5 min        50  by itself
      2       10 %    15 min       100  by itself
      3       50 %    30 min       100  a person promotes
      4      100 %       2 h         0  a person completes

      signals    errors: back worse than control by 20% or above 5% for 2m; hold
                 above 1% for 1m
                 latency-p99: back worse than control by 20% or above 2x control for
                 3m
      silence    silent for 2 min: blind; blind for 10 min: goes back
      evidence   a good release is rolled back with a chance of at most 0.1 %

      power      what the stages can notice depends on the traffic. See it with:
                 ripcord plan first --traffic 100/s --base errors=1%
                 ripcord plan first --measure

      way back  level   makes true                  may take  approval
      traffic   deploy  all traffic on last good       1 min
      withdraw  deploy  candidate stopped         1 min 10 s
      recovery  deploy  recovery seen                  2 min
      then recovery must be seen for 1 min

      change        class  undone  level   rehearsed
      first-change  code   yes     deploy  no
      the release goes back at level deploy

      confirmed  no: never rehearsed
    ");
}

#[test]
fn the_printed_blueprint_has_the_printed_hash() {
    let shell = Shell::initialised();
    let blueprint = shell.output("plan first --json").stdout;
    let hash = ripcord_model::blueprint::BlueprintHash::of(&blueprint);
    assert!(shell.type_in("plan first").contains(hash.as_str()));
}

#[test]
fn init_never_overwrites() {
    let shell = Shell::initialised();
    let before = fs::read(shell.path().join("ripcord.yaml")).unwrap();
    insta::assert_snapshot!(shell.type_in("init --yes"), @r"
    $ ripcord init --yes
    error: DIR/ripcord.yaml is there already, and nothing is overwritten
    next: ripcord lint   checks what is there
    [exit status 1]
    ");
    assert_eq!(fs::read(shell.path().join("ripcord.yaml")).unwrap(), before);
}

#[test]
fn lint_shows_every_mistake_in_its_place() {
    let shell = Shell::initialised();
    let path = shell.path().join("ripcord.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replacen("\"above 5% for 2m\"", "\"error rate is high\"", 1).replacen(
        "harm: user",
        "harm: all",
        1,
    );
    fs::write(&path, text).unwrap();
    insta::assert_snapshot!(shell.type_in("lint"), @r#"
    $ ripcord lint
    error[RC0108]: `all` is not a word that is known here
       ╭▸ ripcord.yaml:50:11
       │
    50 │     harm: all
       │           ━━━
       │
       ├ expected: one of: user, system, business
       ╰ more: ripcord explain RC0108

    error[RC0107]: a trigger needs a number and a duration
       ╭▸ ripcord.yaml:54:45
       │
    54 │     rollback: ["worse than control by 20%", "error rate is high"]
       │                                             ━━━━━━━━━━━━━━━━━━━━ no comparison: `above`, `below`, `over`, `worse than control by` or `worse than baseline by`
       │
       ├ expected: `above 5% for 5m`, `below 10 for 1m`, `above 2x control for 3m`, `above 3 in 30m`, `worse than control by 20%` or `over 1%`; `baseline` may stand for `control`
       ╰ more: ripcord explain RC0107

    3 files, 2 mistakes
    [exit status 1]
    "#);
    let (exit, json) = shell.json("lint --json");
    assert_eq!((exit, json["errors"].as_u64()), (1, Some(2)));
    assert_eq!(json["findings"][0]["path"], "ripcord.yaml");
    assert!(json["findings"][0]["line"].as_u64().unwrap() > 1);
}

#[test]
fn a_plan_with_mistakes_is_not_compiled_and_says_where() {
    let shell = Shell::initialised();
    let path = shell.path().join("releases/first.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "verzion: v3\n").unwrap();
    let typed = shell.type_in("plan first");
    assert!(typed.contains("releases/first.yaml:") && typed.contains("`verzion`"), "{typed}");
    assert!(typed.ends_with("[exit status 1]\n"), "{typed}");
}

#[test]
fn files_that_are_no_text_are_errors_with_a_place() {
    let shell = Shell::initialised();
    fs::write(shell.path().join("releases/first.yaml"), b"release: first\nversion: \xff\n").unwrap();
    let typed = shell.type_in("lint");
    assert!(typed.contains("releases/first.yaml:2:10") && typed.contains("RC0001"), "{typed}");
    fs::write(shell.path().join("releases/first.yaml"), vec![b'a'; 10 << 20]).unwrap();
    let typed = shell.type_in("lint");
    assert!(typed.contains("RC0002"), "{typed}");
}

#[test]
fn explain_knows_every_code_it_lists() {
    let shell = Shell::new();
    let (_, json) = shell.json("explain --json");
    let codes = json["codes"].as_array().unwrap();
    assert!(codes.len() > 20);
    let typed = shell.type_in("explain rc0107");
    assert!(typed.starts_with("$ ripcord explain rc0107\n# RC0107: "), "{typed}");
    insta::assert_snapshot!(shell.type_in("explain RC9999"), @r"
    $ ripcord explain RC9999
    error: no code is called `RC9999`
    next: ripcord explain   lists them all
    [exit status 1]
    ");
}

#[test]
fn without_a_service_every_command_says_where_to_go() {
    let shell = Shell::new();
    insta::assert_snapshot!(shell.type_in("lint"), @r"
    $ ripcord lint
    error: no ripcord.yaml here or in any directory above
    next: go to the service's repository, or name it with --root DIR
    next: ripcord init   writes a first one
    [exit status 1]
    ");
    assert!(shell.type_in("plan first").contains("error: no ripcord.yaml here or in any directory above"));
}

#[test]
fn an_unknown_plan_names_the_known_ones() {
    let shell = Shell::initialised();
    insta::assert_snapshot!(shell.type_in("plan second"), @r"
    $ ripcord plan second
    error: there is no releases/second.yaml in DIR
    next: there are: first
    [exit status 1]
    ");
}

#[test]
fn commands_without_a_server_say_how_to_do_without() {
    let shell = Shell::initialised();
    let typed = shell.type_in("hold first --why lunch");
    assert!(typed.contains("error: no server is running for this service\n"), "{typed}");
    assert!(typed.ends_with("next: ripcord serve   starts one\n[exit status 1]\n"), "{typed}");
    let typed = shell.type_in("rollback first --why fire");
    assert!(typed.contains("--offline"), "{typed}");
    assert!(typed.ends_with("[exit status 1]\n"), "{typed}");
}

#[test]
fn a_command_that_needs_a_reason_and_cannot_ask_is_used_wrongly() {
    let shell = Shell::initialised();
    insta::assert_snapshot!(shell.type_in("hold first"), @r#"
    $ ripcord hold first
    error: a reason is needed
    next: add --why "…"
    [exit status 2]
    "#);
}

#[test]
fn mistakes_in_the_arguments_exit_with_2() {
    let shell = Shell::new();
    for line in [
        "--bogus",
        "rollback",
        "rollback UPPER --why x",
        "rollback a --level deep --why x",
        "audit",
        "frobnicate",
    ] {
        let output = shell.output(line);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty(), "{line}");
    }
    let (exit, json) = shell.json("rollback --json");
    assert_eq!((exit, &json["error"]["code"]), (2, &"usage".into()));
}

#[test]
fn help_names_the_way_out_first_and_every_command_has_an_example() {
    let shell = Shell::new();
    assert!(shell.type_in("--help").contains("Something is wrong right now:\n  ripcord rollback RELEASE"));
    for command in
        ["init", "lint", "plan", "gate", "ship", "status", "watch", "rollback", "demo", "serve", "edge"]
    {
        let help = shell.type_in(&format!("{command} --help"));
        assert!(help.contains(&format!("  ripcord {command}")), "{help}");
    }
}

#[test]
fn completions_and_manual_pages_are_made() {
    let shell = Shell::new();
    for name in ["bash", "zsh", "fish"] {
        let script = shell.output(&format!("completions {name}")).stdout;
        let script = String::from_utf8(script).unwrap();
        assert!(script.contains("rollback"), "{name}");
    }
    assert!(shell.output("man --out pages").status.success());
    let page = fs::read_to_string(shell.path().join("pages/ripcord-rollback.1")).unwrap();
    assert!(page.contains(".SH NAME"), "{page}");
}
