//! The runner is killed in the middle, and somebody goes on.

use crate::support::{World, eventually, kill};

fn hanging(attributes: &str) -> World {
    World::new(&format!(
        "```sh {{run step=zero timeout=20s}}\necho zero >> done\n```\n\
         ```sh {{run step=one timeout=120s {attributes}}}\necho one >> done\n\
         test -e go || {{ echo $$ > waiting; exec sleep 600; }}\n```\n\
         ```sh {{run step=two timeout=20s}}\necho two >> done\n```\n"
    ))
}

/// `kill -9` of the runner while step `one` waits. The script lives on, as scripts do.
fn killed(world: &World) -> i32 {
    let mut runner = world.start_until("waiting");
    eventually("the script's process id", || world.file("waiting").ends_with('\n'));
    kill(i32::try_from(runner.id()).unwrap());
    runner.wait().unwrap();
    std::fs::write(world.root().join("go"), "").unwrap();
    let script = world.file("waiting").trim().parse().unwrap();
    assert!(world.processes().contains(&script), "the script is meant to survive its runner here");
    script
}

#[test]
fn an_idempotent_step_is_done_again_after_its_leftovers_were_ended() {
    let world = hanging("idempotent");
    let script = killed(&world);
    let said = world.runbook(&["resume"], 0);
    assert!(said.contains("demo-1 goes on") && said.contains("still ran and were ended"), "{said}");
    assert!(!world.processes().contains(&script), "no step runs twice at once");
    assert_eq!(world.file("done"), "zero\none\none\ntwo\n");
    world.runbook(&["resume", "demo-1"], 0);
    assert_eq!(world.file("done"), "zero\none\none\ntwo\n", "what is over is not done again");
}

#[test]
fn another_step_waits_for_a_person_who_has_looked() {
    let world = hanging("");
    killed(&world);
    let said = world.runbook(&["resume"], 1);
    assert!(said.contains("Waiting at one") && said.contains("resume demo-1 --done one --reason"), "{said}");
    assert_eq!(world.file("done"), "zero\none\n");
    world.runbook(&["resume", "demo-1", "--done", "one"], 2);
    let agent = ["runbook", "resume", "demo-1", "--done", "one", "--reason", "x"];
    let refused = world.command(&agent).env("RIPCORD_ACTOR", "claude").output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    world.runbook(&["resume", "demo-1", "--done", "one", "--reason", "I looked"], 0);
    assert_eq!(world.file("done"), "zero\none\ntwo\n");
}

#[test]
fn the_second_person_is_told_who_runs_it_since_when() {
    let world = hanging("");
    let mut runner = world.start_until("waiting");
    for refused in [world.run(&[], 1), world.runbook(&["resume"], 1)] {
        assert!(refused.contains("somebody else runs `demo`: "), "{refused}");
        assert!(refused.contains(&format!("as demo-1, process {}", runner.id())), "{refused}");
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&runner), rustix::process::Signal::INT)
        .unwrap();
    assert_eq!(runner.wait().unwrap().code(), Some(1), "it was left, not finished");
    assert_eq!(world.processes(), Vec::<i32>::new(), "its script was ended");
    std::fs::write(world.root().join("go"), "").unwrap();
    world.runbook(&["resume", "--again", "one", "--reason", "it was interrupted early"], 0);
    assert_eq!(world.file("done"), "zero\none\none\ntwo\n");
}

#[test]
fn a_runbook_that_was_changed_is_not_gone_on_with() {
    let world = World::new("```sh {run step=one timeout=20s}\nexit 1\n```\n");
    world.run(&[], 4);
    world.write("```sh {run step=one timeout=20s}\nexit 0\n```\n");
    let refused = world.runbook(&["resume", "--again", "one", "--reason", "mended"], 1);
    assert!(refused.contains("another text of the runbook") && refused.contains("--from STEP"), "{refused}");
    world.run(&[], 0);
}

#[test]
fn a_journal_cut_off_by_a_crash_is_read_and_one_that_was_changed_is_not() {
    let world = hanging("idempotent");
    killed(&world);
    let path = world.root().join(".ripcord/runbooks/demo-1.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{whole}{{\"at\":\"2026-")).unwrap();
    let said = world.runbook(&["resume"], 0);
    assert!(said.contains("last line of the journal was cut off"), "{said}");
    std::fs::write(&path, whole.replacen("zero", "nil", 1)).unwrap();
    world.runbook(&["resume"], 1);
    std::fs::write(&path, whole.replacen("\"kind\":\"started\"", "\"kin\":\"started\"", 1)).unwrap();
    let refused = world.runbook(&["resume"], 1);
    assert!(refused.contains("demo-1.jsonl:2 is no record"), "{refused}");
}
