//! The journal on the disk, and two people at once.

use std::{io::Write as _, os::unix::fs::PermissionsExt as _};

use ripcord_runner::{
    Ending,
    journal::{Journal, JournalError, latest, runs},
    wall,
};

use crate::support::{People, World, maya};

const ONE: &str = "```sh {run step=one timeout=5s idempotent}\necho one >> done\n```\n";
const JOURNAL: &str = "state/runbooks/demo-1.jsonl";

#[tokio::test]
async fn the_second_person_hears_who_runs_it_and_the_lock_goes_with_its_holder() {
    let world = World::new(ONE);
    let first = world.begin().unwrap();
    for refused in
        [world.begin().unwrap_err(), Journal::open(&world.state(), "demo-1", maya(), wall()).unwrap_err()]
    {
        let JournalError::Taken { taken, .. } = &refused else { panic!("{refused}") };
        let holder = taken.by.as_ref().unwrap();
        assert_eq!((holder.by.name.as_str(), holder.run.as_str()), ("maya", "demo-1"));
        let said = refused.to_string();
        assert!(
            said.contains(&format!("process {}", std::process::id())) && said.contains("maya, since 2"),
            "{said}"
        );
    }
    drop(first);
    let second = world.begin().unwrap();
    assert_eq!(second.header().run, "demo-2");
    let names: Vec<String> =
        runs(&world.state(), &world.runbook.name).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["demo-1", "demo-2"]);
    assert_eq!(latest(&world.state()).unwrap().run, "demo-2");
    let mode = std::fs::metadata(world.root().join(JOURNAL)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_last_line_that_was_cut_off_is_left_out_and_said() {
    let world = World::new(ONE);
    assert_eq!(world.run(&People::nobody()).await.ending, Ending::Done);
    // Without the line that says how it ended: a run that was killed has none.
    let text = world.file(JOURNAL);
    let end = text[..text.len() - 1].rfind('\n').unwrap() + 1;
    let whole = text.as_bytes()[..end].to_vec();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in last + 1..whole.len() - 1 {
        std::fs::write(world.root().join(JOURNAL), &whole[..length]).unwrap();
        let opened = Journal::open(&world.state(), "demo-1", maya(), wall()).unwrap();
        assert!(opened.was_torn, "cut at {length}");
        assert_eq!(std::fs::read(world.root().join(JOURNAL)).unwrap(), &whole[..last]);
    }
    // Cut off before its line's end alone, it says all it wanted to say.
    std::fs::write(world.root().join(JOURNAL), &whole[..whole.len() - 1]).unwrap();
    let opened = Journal::open(&world.state(), "demo-1", maya(), wall()).unwrap();
    assert!(!opened.was_torn);
    assert_eq!(std::fs::read(world.root().join(JOURNAL)).unwrap(), whole);
    drop(opened);
    // The end was lost: the step is idempotent and is done again.
    std::fs::write(world.root().join(JOURNAL), &whole[..last + 9]).unwrap();
    let report = world.resume(&People::nobody(), &world.options()).await;
    assert_eq!((report.ending, world.file("done").as_str()), (Ending::Done, "one\none\n"));
}

#[tokio::test]
async fn a_journal_that_was_changed_is_refused_and_the_line_named() {
    let world = World::new(ONE);
    world.run(&People::nobody()).await;
    let text = world.file(JOURNAL);
    let damaged = text.replacen("\"started\"", "\"startled\"", 1);
    std::fs::write(world.root().join(JOURNAL), damaged).unwrap();
    let refused = Journal::open(&world.state(), "demo-1", maya(), wall()).unwrap_err().to_string();
    assert!(refused.contains("demo-1.jsonl:2 is no record"), "{refused}");
    // Records that cannot follow each other are refused as well.
    let mut file = std::fs::File::create(world.root().join(JOURNAL)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    writeln!(file, "{}\n{}\n{}", lines[0], lines[2], lines[1]).unwrap();
    let refused = world.try_resume(&People::nobody(), &world.options()).await.unwrap_err().to_string();
    assert!(refused.contains("cannot follow") || refused.contains("backwards"), "{refused}");
    for name in ["demo-7", "../demo-1", "demo", "other-1"] {
        let missing = Journal::open(&world.state(), name, maya(), wall()).unwrap_err();
        assert!(matches!(missing, JournalError::NoSuchRun(_)), "{missing}");
    }
}

#[tokio::test]
async fn the_journal_of_another_text_is_refused() {
    let world = World::new(ONE);
    world.run(&People::nobody()).await;
    let other = World::new(&ONE.replace("one >>", "two >>"));
    let mut journal = world.reopen();
    let refused = ripcord_runner::run(
        &other.runbook,
        &mut journal,
        &crate::support::Systems::default(),
        &People::nobody(),
        &other.options(),
    )
    .await
    .unwrap_err();
    assert!(refused.to_string().contains("another text of the runbook"), "{refused}");
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_is_said_and_stops_nobody() {
    let world = World::new(ONE);
    std::fs::write(world.state(), "in the way").unwrap();
    let report = world.run(&People::nobody()).await;
    assert_eq!((&report.ending, world.file("done").as_str()), (&Ending::Done, "one\n"));
    assert!(report.notes.iter().any(|note| note.contains("could not be written")), "{:?}", report.notes);
}
