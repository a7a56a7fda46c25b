//! Plays a script on real processes, users and files, and writes down what was seen.

use std::{fs, process::Stdio, time::Duration};

use ripcord_engine::StageState;
use tokio::process::Command;

use crate::{
    plain::plain,
    script::{Step, Verb},
    support::{
        processes,
        server::Server,
        users::{Users, versions},
        world::{PROGRAM, World},
    },
};

const COMMAND_LIMIT: Duration = Duration::from_secs(60);
/// What every shell line may use, see `script.rs`.
const HELPERS: &str = r#"
only() { words=$1; shift; "$@" >said 2>&1; status=$?; grep -e "$words" said; return $status; }
quietly() { "$@" >said 2>&1; }
"#;
/// How many answers are looked at to see who answers.
const LOOKED_AT: u64 = 100;

/// A world, and what runs in it.
struct Stage {
    world: World,
    server: Option<Server>,
    users: Option<Users>,
}

/// The script with what each line printed below it.
pub async fn play(steps: &[Step]) -> String {
    let mut stage = Stage { world: World::behind_edge(), server: None, users: None };
    let mut played = String::new();
    for step in steps {
        played.push_str(&step.text);
        let seen = stage.perform(&step.verb).await;
        for line in plain(&seen, stage.world.root()).lines() {
            played.push_str(&if line.is_empty() { "\n".to_owned() } else { format!("    | {line}\n") });
        }
    }
    let Stage { world, server, users } = stage;
    if let Some(users) = users {
        drop(users.stop().await);
    }
    if let Some(server) = server {
        server.stop().await;
    }
    let stubborn = processes::end_all(world.root()).await;
    assert!(stubborn.is_empty(), "these do not listen to SIGTERM: {stubborn:#?}");
    played
}

impl Stage {
    async fn perform(&mut self, verb: &Verb) -> String {
        let root = self.world.root();
        match verb {
            Verb::Comment => {}
            Verb::Write { file, text } => {
                let path = root.join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Verb::Add { file, text } => self.world.add(file, text),
            Verb::Edit { file, from, to } => {
                let text = fs::read_to_string(root.join(file)).unwrap();
                assert!(text.contains(from), "{from} is not in {file}:\n{text}");
                fs::write(root.join(file), text.replace(from, to)).unwrap();
            }
            Verb::Shell(line) => return self.shell(line).await,
            Verb::Gate { release, checks } => return self.gate(release, checks).await,
            Verb::BringUp(version) => self.world.bring_up(version).await,
            Verb::UsersCome => self.users = Some(self.world.users()),
            Verb::UsersLeave => {
                let seen = self.users.take().expect("users came").stop().await;
                assert!(seen.responses > LOOKED_AT, "{seen:?}");
                let well = (seen.bad, seen.failed) == (0, 0);
                let said = if well {
                    "every user got a good answer"
                } else {
                    "some users got a bad answer, or none"
                };
                return said.to_owned();
            }
            Verb::Answers => {
                let seen = self.users.as_ref().expect("users came").next(LOOKED_AT).await;
                return versions(&seen).join(" and ");
            }
            Verb::Serve => self.server = Some(self.world.serve().await),
            Verb::KillServer => self.server.take().expect("a server runs").kill().await,
            Verb::StopServer => self.server.take().expect("a server runs").stop().await,
            Verb::Phase { release, phase } => {
                self.until(release, phase, |status| status["phase"] == phase.as_str()).await;
            }
            Verb::Stage { release, number } => {
                let baking = serde_json::to_value(StageState::Baking).unwrap();
                let what = format!("at stage {number}");
                self.until(release, &what, |status| status["stages"][number - 1]["state"] == baking).await;
            }
            Verb::Says { release, words } => {
                self.until(release, words, |status| status.to_string().contains(words)).await;
            }
            Verb::Starts(version) => {
                return match self.world.starts(version) {
                    0 => "never".to_owned(),
                    1 => "once".to_owned(),
                    times => format!("{times} times"),
                };
            }
        }
        String::new()
    }

    async fn until(&self, release: &str, what: &str, is_so: impl Fn(&serde_json::Value) -> bool) {
        let as_json = |status: &_| serde_json::to_value(status).unwrap();
        self.world.until(release, what, |status| is_so(&as_json(status))).await;
    }

    /// Standard output, then standard error, and the exit status when it is not 0.
    async fn shell(&self, line: &str) -> String {
        let path = std::env::var("PATH").unwrap_or_default();
        let programs = std::path::Path::new(PROGRAM).parent().unwrap().display();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{HELPERS}\n{line}")]).current_dir(self.world.root()).kill_on_drop(true);
        command.env("PATH", format!("{programs}:{path}")).stdin(Stdio::null());
        command.env_remove("RIPCORD_STATE").env_remove("RIPCORD_ACTOR");
        let ran = tokio::time::timeout(COMMAND_LIMIT, command.output()).await;
        let output = ran.unwrap_or_else(|_| panic!("`{line}` does not end")).unwrap();
        let mut said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        if !output.status.success() {
            said.push_str(&format!("[exit status {}]\n", output.status.code().unwrap_or(-1)));
        }
        said
    }

    async fn gate(&self, release: &str, checks: &[String]) -> String {
        let ended = self.world.ripcord(&["gate", release, "--json"]).await;
        let answer: serde_json::Value =
            serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("the gate has no answer: {ended:?}"));
        let asked = answer["checks"].as_array().unwrap_or_else(|| panic!("the gate was not asked: {answer}"));
        let mut said = String::new();
        for name in checks {
            let Some(check) = asked.iter().find(|check| check["check"] == name.as_str()) else {
                said.push_str(&format!("not asked {name}\n"));
                continue;
            };
            let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
            said.push_str(&format!("{:<8} {name}: {}\n", text("status"), text("reason")));
            if !text("fix").is_empty() {
                said.push_str(&format!("         fix: {}\n", text("fix")));
            }
        }
        said
    }
}
