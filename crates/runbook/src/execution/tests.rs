use std::sync::Arc;

use proptest::prelude::*;
use ripcord_model::{Actor, Duration, Level, Person, Timestamp, paper::RunbookResult, source::SourceFile};

use super::{Answer, Choice, Entry, Execution, FORMAT, Header, Next, Outcome, Record, Refusal};
use crate::{Runbook, StepId, read_runbook};

const PAGE: &str = "---\nrunbook: exam-submit\nowner: team-exams\nbudget: 1m\n---\n\
    ```sh {run step=once budget=10s timeout=20s}\ntrue\n```\n```sh {verify step=once timeout=5s}\ntrue\n```\n\
    ```sh {run step=often budget=10s timeout=20s idempotent}\ntrue\n```\n\
    ```manual {step=ask budget=10s timeout=1m}\nGo on?\n```\n";

fn runbook() -> Arc<Runbook> {
    Arc::new(read_runbook(&SourceFile::new("runbooks/a.md", PAGE)).unwrap_or_else(|found| panic!("{found}")))
}

fn header(runbook: &Runbook) -> Header {
    Header {
        format: FORMAT,
        run: "1".to_owned(),
        runbook: runbook.name.value.clone(),
        path: runbook.path.clone(),
        hash: runbook.hash.clone(),
        executed: runbook.executed.clone(),
        started_at: Timestamp::from_ms(0),
        by: maya(),
        environment: None,
        release: None,
    }
}

fn maya() -> Actor {
    Actor::person(Person::new("maya").unwrap())
}

fn id(text: &str) -> StepId {
    StepId::new(text).unwrap()
}

/// A run with a clock that tells each record's second.
struct Run {
    execution: Execution,
    records: Vec<Record>,
}

impl Run {
    fn new() -> Self {
        let runbook = runbook();
        let header = header(&runbook);
        Self { execution: Execution::new(runbook, &header).unwrap(), records: Vec::new() }
    }

    fn try_at(&mut self, seconds: u64, entry: Entry) -> Result<(), Refusal> {
        let elapsed = Duration::from_secs(seconds);
        let record = Record { at: Timestamp::from_ms(0).plus(elapsed), elapsed, entry };
        let before = format!("{:?}", self.execution);
        let recorded = self.execution.record(&record);
        match recorded {
            Ok(()) => self.records.push(record),
            Err(_) => assert_eq!(before, format!("{:?}", self.execution), "a refusal changed something"),
        }
        recorded
    }

    fn at(&mut self, seconds: u64, entry: Entry) -> &mut Self {
        self.try_at(seconds, entry).unwrap_or_else(|refusal| panic!("{refusal}"));
        self
    }
}

fn started(step: &str, attempt: u32) -> Entry {
    Entry::Started { step: id(step), attempt, out_of_order: None }
}

fn ended(step: &str, attempt: u32, outcome: Outcome) -> Entry {
    Entry::Ended { step: id(step), attempt, outcome }
}

fn verified(step: &str, attempt: u32) -> Entry {
    Entry::Verified { step: id(step), attempt, tries: 1 }
}

fn skipped(step: &str, reason: &str) -> Entry {
    Entry::Skipped { step: id(step), by: maya(), reason: reason.to_owned() }
}

fn confirmed(step: &str, attempt: u32, choice: Choice) -> Entry {
    Entry::Confirmed { step: id(step), attempt, by: maya(), choice, reason: "looked".to_owned() }
}

fn run(step: &str, attempt: u32) -> Next {
    Next::Run { step: id(step), attempt }
}

#[test]
fn a_run_goes_through_the_steps_and_measures_them() {
    let mut this = Run::new();
    assert_eq!(this.execution.next(), run("once", 1));
    this.at(1, started("once", 1));
    assert_eq!(this.execution.next(), Next::Underway { step: id("once"), attempt: 1 });
    this.at(4, ended("once", 1, Outcome::Done));
    assert_eq!(this.execution.next(), Next::Verify { step: id("once"), attempt: 1 });
    this.at(6, verified("once", 1)).at(6, started("often", 1)).at(8, ended("often", 1, Outcome::Done));
    assert_eq!(this.execution.next(), Next::Ask { step: id("ask"), attempt: 1 });
    this.at(9, started("ask", 1));
    let answer = Entry::Answered { step: id("ask"), attempt: 1, by: maya(), answer: Answer::Yes };
    this.at(39, answer);
    assert_eq!(this.execution.next(), Next::Done);
    let timings = this.execution.step_timings();
    let took: Vec<(u64, u64, bool)> = timings
        .iter()
        .map(|one| (one.took.machine.as_ms() / 1000, one.took.human.as_ms() / 1000, one.over))
        .collect();
    assert_eq!(took, [(5, 0, false), (2, 0, false), (0, 30, true)]);
    assert_eq!(this.execution.timing().total(), Duration::from_secs(39));
    assert!(!this.execution.is_over_budget());
}

#[test]
fn after_a_crash_what_is_idempotent_goes_on_and_the_rest_asks() {
    let mut this = Run::new();
    this.at(1, started("once", 1)).at(11, Entry::Resumed { by: maya() });
    assert_eq!(this.execution.next(), Next::Confirm { step: id("once"), attempt: 1 });
    assert_eq!(this.try_at(12, started("once", 2)), Err(Refusal::NeedsConfirmation(id("once"))));
    this.at(15, confirmed("once", 1, Choice::Again));
    assert_eq!(this.execution.next(), run("once", 2));
    this.at(15, started("once", 2)).at(16, ended("once", 2, Outcome::Done)).at(17, verified("once", 2));
    this.at(17, started("often", 1)).at(20, Entry::Resumed { by: maya() });
    assert_eq!(this.execution.next(), run("often", 2));
    let once = &this.execution.step_timings()[0].took;
    let seconds = [once.machine, once.human, once.down].map(|part| part.as_ms() / 1000);
    assert_eq!(seconds, [2, 4, 10]);
}

#[test]
fn a_person_may_say_that_an_interrupted_step_has_been_done_and_it_is_verified_all_the_same() {
    let mut this = Run::new();
    this.at(1, started("once", 1)).at(2, Entry::Resumed { by: maya() });
    this.at(3, confirmed("once", 1, Choice::HasBeenDone));
    assert_eq!(this.execution.next(), Next::Verify { step: id("once"), attempt: 1 });
    this.at(4, Entry::Resumed { by: maya() });
    assert_eq!(this.execution.next(), Next::Verify { step: id("once"), attempt: 1 });
}

#[test]
fn a_failed_step_stops_the_run_until_somebody_decides() {
    let mut this = Run::new();
    this.at(1, started("once", 1)).at(2, ended("once", 1, Outcome::Exit(3)));
    let why = "ended with status 3".to_owned();
    assert_eq!(this.execution.next(), Next::Failed { step: id("once"), attempt: 1, why });
    assert_eq!(this.try_at(3, started("once", 2)), Err(Refusal::NeedsConfirmation(id("once"))));
    assert_eq!(this.try_at(3, skipped("once", "  ")), Err(Refusal::NoReason));
    let agent = Actor { kind: ripcord_model::ActorKind::Agent, name: Person::new("bot").unwrap() };
    let by_agent = Entry::Skipped { step: id("once"), by: agent, reason: "why not".to_owned() };
    assert_eq!(this.try_at(3, by_agent), Err(Refusal::NotAPerson("bot".to_owned())));
    this.at(3, skipped("once", "the flag service is down, done by hand"));
    assert_eq!(this.execution.next(), run("often", 1));
    this.at(4, started("often", 1)).at(5, ended("often", 1, Outcome::TimedOut)).at(6, started("often", 2));
    assert_eq!(this.try_at(7, skipped("often", "tired")), Err(Refusal::Underway(id("often"))));
    this.at(8, Entry::Stopped { by: maya(), reason: "rolled back otherwise".to_owned() });
    assert_eq!(this.execution.next(), Next::Stopped { reason: "rolled back otherwise".to_owned() });
    assert_eq!(this.try_at(9, ended("often", 2, Outcome::Done)), Err(Refusal::Stopped));
}

#[test]
fn order_attempts_and_time_are_held() {
    let mut this = Run::new();
    let open = Refusal::OutOfOrder { step: id("often"), open: id("once") };
    assert_eq!(this.try_at(1, started("often", 1)), Err(open));
    let early =
        |reason: &str| Entry::Started { step: id("often"), attempt: 1, out_of_order: Some(reason.into()) };
    assert_eq!(this.try_at(1, early("")), Err(Refusal::NoReason));
    this.at(1, early("the flag service is down"));
    assert_eq!(this.try_at(2, started("once", 1)), Err(Refusal::Underway(id("often"))));
    let wrong = Refusal::WrongAttempt { step: id("often"), expected: 1, found: 2 };
    assert_eq!(this.try_at(2, ended("often", 2, Outcome::Done)), Err(wrong));
    this.at(2, ended("often", 1, Outcome::Done));
    assert_eq!(this.try_at(3, started("often", 2)), Err(Refusal::Over(id("often"))));
    assert_eq!(this.execution.next(), run("once", 1));
    assert_eq!(this.try_at(3, started("ghost", 1)), Err(Refusal::NoSuchStep(id("ghost"))));
    let backwards =
        Refusal::TimeRunsBackwards { last: Duration::from_secs(2), found: Duration::from_secs(1) };
    assert_eq!(this.try_at(1, started("once", 1)), Err(backwards));
    assert_eq!(this.execution.elapsed_when_resumed(Timestamp::from_ms(-5)), Duration::from_secs(2));
    assert_eq!(this.execution.elapsed_when_resumed(Timestamp::from_ms(5_000)), Duration::from_secs(5));
}

#[test]
fn no_reason_lets_a_deep_step_begin_before_the_bleeding_has_stopped() {
    let mut this = deep();
    let early = Entry::Started { step: id("undo"), attempt: 1, out_of_order: Some("in a hurry".to_owned()) };
    let refused = this.try_at(1, early).unwrap_err();
    assert!(matches!(&refused, Refusal::BleedingFirst { open, .. } if *open == id("traffic")), "{refused}");
    this.at(2, started("traffic", 1)).at(3, ended("traffic", 1, Outcome::TimedOut));
    assert_eq!(
        this.try_at(4, Entry::Started { step: id("undo"), attempt: 1, out_of_order: Some("x".to_owned()) }),
        Err(refused)
    );
    assert!(matches!(this.try_at(4, approved("undo", "lea")), Err(Refusal::BleedingFirst { .. })));
    this.at(5, skipped("traffic", "moved by hand"));
    this.at(6, approved("undo", "lea")).at(6, started("undo", 1));
}

/// A run of a runbook that moves traffic and then undoes a migration.
fn deep() -> Run {
    let page = "---\nrunbook: deep\nowner: team-exams\nbudget: 1h\n---\n\
        ```traffic {step=traffic timeout=1m}\nlast-good\n```\n\
        ```migrate {step=undo timeout=5m}\nundo attempts\n```\n";
    let runbook = Arc::new(read_runbook(&SourceFile::new("runbooks/deep.md", page)).unwrap());
    Run { execution: Execution::new(Arc::clone(&runbook), &header(&runbook)).unwrap(), records: Vec::new() }
}

fn approved(step: &str, by: &str) -> Entry {
    Entry::Approved { step: id(step), by: Actor::person(Person::new(by).unwrap()) }
}

#[test]
fn a_deep_step_waits_for_somebody_who_does_not_run_it() {
    let mut this = deep();
    this.at(1, started("traffic", 1)).at(2, ended("traffic", 1, Outcome::Done));
    assert_eq!(this.execution.next(), Next::Approve { step: id("undo") });
    let alone = this.try_at(3, started("undo", 1)).unwrap_err();
    assert!(matches!(&alone, Refusal::NeedsApproval { level: Level::Migration, .. }), "{alone}");
    let own = this.try_at(3, approved("undo", "maya")).unwrap_err();
    assert_eq!(own.to_string(), "maya runs the runbook and cannot approve `undo`");
    let agent = Actor { kind: ripcord_model::ActorKind::Agent, name: Person::new("lea").unwrap() };
    let by_agent = this.try_at(3, Entry::Approved { step: id("undo"), by: agent });
    assert!(matches!(by_agent, Err(Refusal::NotAPerson(_))));
    assert!(this.try_at(3, approved("traffic", "lea")).is_err(), "nobody needs to be asked about traffic");
    // Whoever goes on with the run runs it, too.
    let lea = Actor::person(Person::new("lea").unwrap());
    this.at(4, Entry::Closed { result: RunbookResult::Left }).at(5, Entry::Resumed { by: lea });
    assert!(matches!(this.try_at(6, approved("undo", "lea")), Err(Refusal::OwnApproval { .. })));
    this.at(12, approved("undo", "noa"));
    assert_eq!(this.execution.next(), run("undo", 1));
    assert_eq!(this.execution.approved_by(&id("undo")).map(|by| by.name.as_str()), Some("noa"));
    let waited = this.execution.step_timings()[1].took;
    assert_eq!(waited.human, Duration::from_secs(9), "waiting for a person is a person's time");
    this.at(12, started("undo", 1)).at(13, ended("undo", 1, Outcome::Exit(1)));
    this.at(14, confirmed("undo", 1, Choice::Again));
    assert_eq!(this.execution.next(), run("undo", 2), "the word holds for the step of this run");
}

#[test]
fn a_journal_of_another_text_is_refused() {
    let runbook = runbook();
    let other = PAGE.replace("Go on?", "Go on, really?");
    let other = read_runbook(&SourceFile::new("runbooks/a.md", other)).unwrap();
    let refused = Execution::new(Arc::clone(&runbook), &header(&other)).unwrap_err();
    assert!(matches!(refused, Refusal::OtherRunbook { .. }), "{refused}");
    let later = Header { format: FORMAT + 1, ..header(&runbook) };
    assert!(matches!(Execution::new(runbook, &later), Err(Refusal::UnknownFormat { .. })));
}

/// The lines of a journal are a file format: these were written by the first version.
#[test]
fn what_is_on_disk_stays_readable() {
    let lines = [
        r#"{"at":"1970-01-01T00:00:01.000Z","elapsed":"1s","entry":{"kind":"started","step":"once","attempt":1}}"#,
        r#"{"at":"1970-01-01T00:00:01.000Z","elapsed":"1s","entry":{"kind":"output","step":"once","attempt":1,"digest":"ab","bytes":3,"kept_bytes":3}}"#,
        r#"{"at":"1970-01-01T00:00:02.000Z","elapsed":"2s","entry":{"kind":"ended","step":"once","attempt":1,"outcome":{"exit":3}}}"#,
        r#"{"at":"1970-01-01T00:00:03.000Z","elapsed":"3s","entry":{"kind":"skipped","step":"once","by":{"kind":"person","name":"maya"},"reason":"by hand"}}"#,
        r#"{"at":"1970-01-01T00:00:04.000Z","elapsed":"4s","entry":{"kind":"resumed","by":{"kind":"person","name":"maya"}}}"#,
    ];
    let records: Vec<Record> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (line, record) in lines.iter().zip(&records) {
        assert_eq!(&serde_json::to_string(record).unwrap(), line);
    }
    let runbook = runbook();
    let execution = Execution::replay(Arc::clone(&runbook), &header(&runbook), &records).unwrap();
    assert_eq!(execution.next(), run("often", 1));
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let step = prop_oneof![Just("once"), Just("often"), Just("ask"), Just("ghost")];
    let outcome = prop_oneof![Just(Outcome::Done), Just(Outcome::Exit(1)), Just(Outcome::TimedOut)];
    let reason = prop_oneof![Just(String::new()), Just("because".to_owned())];
    (step, 1_u32..4, outcome, reason, 0..12).prop_map(|(step, attempt, outcome, reason, kind)| {
        let (step, by) = (id(step), maya());
        match kind {
            0..=2 => Entry::Started { step, attempt, out_of_order: (!reason.is_empty()).then_some(reason) },
            3 | 4 => Entry::Ended { step, attempt, outcome },
            5 | 6 => Entry::Verified { step, attempt, tries: 2 },
            7 => Entry::NotVerified { step, attempt, tries: 2, why: reason },
            8 => Entry::Answered { step, attempt, by, answer: Answer::Yes },
            9 => Entry::Confirmed { step, attempt, by, choice: Choice::Again, reason },
            10 => Entry::Skipped { step, by, reason },
            _ => Entry::Resumed { by },
        }
    })
}

proptest! {
    /// Whatever is recorded: refusals change nothing (held in `try_at`), all time is accounted for, replaying gives the
    /// same, at most one step is under way, and what is next can be begun.
    #[test]
    fn any_records_keep_the_invariants(entries in proptest::collection::vec((any_entry(), 0_u64..5), 0..60)) {
        let mut this = Run::new();
        let mut second = 0;
        for (entry, passed) in entries {
            second += passed;
            let _ = this.try_at(second, entry);
            prop_assert_eq!(this.execution.timing().total(), this.execution.elapsed());
            let under_way = this.execution.steps().filter(|(_, phase)| phase.words() == "under way").count();
            prop_assert!(under_way <= 1);
        }
        let runbook = runbook();
        let again = Execution::replay(Arc::clone(&runbook), &header(&runbook), &this.records).unwrap();
        prop_assert_eq!(format!("{:?}", again), format!("{:?}", this.execution));
        if let Next::Run { step, attempt } | Next::Ask { step, attempt } = this.execution.next() {
            let entry = Entry::Started { step, attempt, out_of_order: None };
            prop_assert!(this.try_at(second, entry).is_ok());
        }
    }
}
