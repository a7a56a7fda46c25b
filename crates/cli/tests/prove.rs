//! `ripcord prove` and what `ripcord lint` says of migrations: the real program on a real PostgreSQL that it starts itself.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

struct Shell {
    directory: tempfile::TempDir,
}

impl Shell {
    /// A directory that the server's unprivileged user can pass through.
    fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("prove-").tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(directory.path().join("tmp")).unwrap();
        fs::set_permissions(directory.path().join("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ripcord"));
        command.args(arguments).current_dir(self.path()).env_clear().env("TMPDIR", self.path().join("tmp"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Standard output, and the exit status.
    fn says(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "80 columns suffice:\n{text}");
        (output.status.code().unwrap(), text)
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code().unwrap(), value)
    }

    /// Scratch directories that are there.
    fn scratch(&self) -> Vec<std::path::PathBuf> {
        fs::read_dir(self.path().join("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

fn two_migrations() -> Shell {
    let shell = Shell::new();
    shell.file(
        "migrations/0001_users.up.sql",
        "CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL);\n",
    );
    shell.file("migrations/0001_users.down.sql", "DROP TABLE users;\n");
    shell.file("migrations/0002_no_email.up.sql", "ALTER TABLE users DROP COLUMN email;\n");
    shell.file(
        "migrations/0002_no_email.down.sql",
        "ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT '';\n",
    );
    shell
}

#[test]
fn the_exit_status_says_whether_the_declared_class_holds() {
    let shell = two_migrations();
    let (status, text) = shell.says(&["prove", "migrations", "--markdown", "proof.md"]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("Does not hold: 1 of 2"), "{text}");
    assert!(text.contains("public.users.email: values of its 3 rows are changed"), "{text}");
    assert!(fs::read_to_string(shell.path().join("proof.md")).unwrap().contains("| 0002 no email | lossy |"));

    let (status, value) = shell.json(&["prove", "migrations", "--declared", "partial", "--jobs", "2"]);
    assert_eq!((status, &value["holds"]), (0, &Value::Bool(true)), "{value:#}");
    let verdicts: Vec<_> = value["proof"]["migrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trial| trial["verdict"].clone())
        .collect();
    assert_eq!(verdicts, ["exact", "lossy"]);
    assert!(shell.scratch().is_empty(), "nothing is left: {:?}", shell.scratch());
}

#[test]
fn what_cannot_be_proven_is_refused_with_what_to_do() {
    let shell = two_migrations();
    for (arguments, words) in [
        (&["prove", "nowhere"][..], "nowhere could not be read"),
        (&["prove", "migrations", "--to", "7"], "no migration has version \"7\""),
        (&["prove", "migrations", "--convention", "rails"], "db:migrate:down"),
        (&["prove", "migrations", "--postgres-bin", "/nowhere"], "initdb did not start"),
    ] {
        let output = shell.run(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(flat.contains(words), "{text}");
    }
    assert_eq!(
        shell.run(&["prove", "migrations", "--dump", "x"]).status.code(),
        Some(2),
        "--dump needs --from"
    );
    shell.file("migrations/V3__odd.sql", "SELECT 1");
    let text = String::from_utf8(shell.run(&["prove", "migrations"]).stderr).unwrap();
    assert!(text.contains("V3__odd.sql") && text.contains("0001_users.up.sql"), "{text}");
    assert!(shell.scratch().is_empty(), "nothing is left: {:?}", shell.scratch());
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next_and_nothing_else() {
    let shell = two_migrations();
    shell.file("migrations/0003_sleeps.up.sql", "SELECT pg_sleep(600);\n");
    let mut killed =
        shell.command(&["prove", "migrations"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let server = wait_for(|| {
        let pid = fs::read_to_string(shell.scratch().first()?.join("data/postmaster.pid")).ok()?;
        // The eighth line says that connections are taken.
        (pid.lines().count() >= 8).then(|| pid.lines().next().unwrap().to_owned())
    });
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = shell.scratch();
    assert_eq!(left.len(), 1);
    fs::create_dir(shell.path().join("tmp/ripcord-scratch-of-somebody")).unwrap();
    let (_, value) = shell.json(&["prove", "migrations", "--to", "0001"]);
    assert_eq!(value["holds"], Value::Bool(true), "{value:#}");
    assert!(!left[0].exists(), "its files are gone");
    assert!(shell.path().join("tmp/ripcord-scratch-of-somebody").exists(), "what has no mark of ours stays");
    wait_for(|| (!Path::new("/proc").join(&server).join("exe").exists() || ended(&server)).then_some(()));
}

/// A process that has ended and waits for its parent counts as gone.
fn ended(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "it did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn lint_reads_the_migrations_a_plan_names() {
    let shell = two_migrations();
    let init = ["init", "--yes", "--service", "exams", "--owner", "maya", "--on-call", "ran"];
    assert!(shell.run(&init).status.success());
    let plan = fs::read_dir(shell.path().join("releases")).unwrap().next().unwrap().unwrap().path();
    let before = fs::read_to_string(&plan).unwrap();
    let change = "changes:\n  - { id: emails, class: schema, migrations: migrations, from: \"0001\", to: \"0002\", back: { level: migration } }\n";
    fs::write(&plan, before.replace("changes:\n", change)).unwrap();
    let codes = |value: &Value| -> Vec<(String, String, u64)> {
        let about_sql = |finding: &&Value| finding["code"].as_str().unwrap().starts_with("RC09");
        let findings = value["findings"].as_array().unwrap().iter().filter(about_sql);
        let of = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
        findings
            .map(|finding| (of(finding, "code"), of(finding, "path"), finding["line"].as_u64().unwrap()))
            .collect()
    };
    let (_, value) = shell.json(&["lint"]);
    let up = || "migrations/0002_no_email.up.sql".to_owned();
    assert_eq!(codes(&value), [("RC0903".into(), up(), 1), ("RC0904".into(), up(), 1)], "{value:#}");

    fs::write(shell.path().join("migrations/0002_no_email.down.sql"), "-- later\n").unwrap();
    let (status, value) = shell.json(&["lint"]);
    assert_eq!(status, 1);
    assert!(codes(&value).iter().any(|(code, ..)| code == "RC0902"), "{value:#}");

    fs::rename(shell.path().join("migrations"), shell.path().join("elsewhere")).unwrap();
    let (status, value) = shell.json(&["lint"]);
    assert_eq!((status, codes(&value)[0].0.as_str()), (1, "RC0901"), "{value:#}");
}
