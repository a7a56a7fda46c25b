//! Playing a script: the same conductor and world as in the simulator, with steady delays and no chance.

use std::fmt::Write as _;

use ripcord_conductor::{Conductor, Todo};
use ripcord_engine::{Command, Generation, Outcome};
use ripcord_ledger::Entry;
use ripcord_model::{
    Duration, Person, ReleaseName, Timestamp,
    blueprint::{AdvanceOn, BlindAction, Blueprint},
    nouns::freeze::{FreezeSpan, FreezeWindow},
    paper::{Expiry, NewFreezeException, admit_exception},
};
use ripcord_store::{MemoryStore, Store};

use super::{
    print,
    script::{Part, ScriptError, Verb, level, parse},
};
use crate::{blueprints, people, queue::Queue, random::Random, world::World};

/// From handing out an effect to its happening, and from there to the answer.
const DELAY: Duration = Duration::from_ms(100);
/// How long `until` waits.
const PATIENCE: Duration = Duration::from_mins(30);

enum Happening {
    Tick,
    Sample,
    Perform(Todo),
    Answer(ReleaseName, Generation, Outcome),
}

struct Player {
    start: Timestamp,
    now: Timestamp,
    queue: Queue<Happening>,
    random: Random,
    world: World,
    conductor: Option<Conductor<MemoryStore>>,
    stored: Option<MemoryStore>,
    blueprint: Blueprint,
    release: ReleaseName,
    printed: u64,
    output: String,
}

/// Plays a script and returns what a reader sees: its lines, and below each what happened.
pub fn play(script: &str) -> Result<String, ScriptError> {
    played(script).map(|player| player.output)
}

/// Plays a script and returns the entries it leaves behind.
pub fn recorded(script: &str) -> Result<Vec<Entry>, ScriptError> {
    let player = played(script)?;
    let conductor = player.conductor.as_ref();
    let stored = match (conductor, &player.stored) {
        (Some(conductor), _) => conductor.store().read(0, usize::MAX),
        (None, Some(store)) => store.read(0, usize::MAX),
        (None, None) => Ok(Vec::new()),
    };
    let stored = stored.expect("a memory store always reads");
    Ok(stored.iter().map(|stored| Entry::from_bytes(&stored.bytes).expect("it was written here")).collect())
}

fn played(script: &str) -> Result<Player, ScriptError> {
    let lines = parse(script)?;
    let mut player = Player::new();
    for (line, verb) in lines {
        if line.trim().is_empty() {
            player.output.push('\n');
            continue;
        }
        let _infallible = writeln!(player.output, "{line}");
        if let Some(verb) = verb {
            player.act(&verb);
            player.print_facts();
        }
    }
    Ok(player)
}

impl Player {
    fn new() -> Self {
        let start = Timestamp::from_ms(1_790_000_000_000);
        let mut queue = Queue::new();
        queue.put(start.plus(Duration::from_ms(1_000)), Happening::Tick);
        queue.put(start.plus(Duration::from_ms(500)), Happening::Sample);
        Self {
            start,
            now: start,
            queue,
            random: Random::new(7),
            world: World::default(),
            conductor: None,
            stored: Some(MemoryStore::new()),
            blueprint: blueprints::exams("exam-submit-v2"),
            release: ReleaseName::new("exam-submit-v2").expect("valid"),
            printed: 0,
            output: String::new(),
        }
    }

    fn act(&mut self, verb: &Verb) {
        match verb {
            Verb::AllLevels => self.blueprint = blueprints::all_levels("exam-submit-v2"),
            Verb::Rehearsal { fault } => {
                self.blueprint = blueprints::rehearsal(&self.blueprint, *fault);
                self.release = self.blueprint.release.clone();
            }
            Verb::BlindAsks => self.blueprint.blind.then = BlindAction::Ask,
            Verb::OnlyConfig => blueprints::only_config(&mut self.blueprint),
            Verb::AdvanceByEvidence => self.blueprint.evidence.advance_on = AdvanceOn::Evidence,
            Verb::Instances(count, unlike_ppm) => {
                self.world.instances = *count;
                self.world.unlike = f64::from(*unlike_ppm) / 1_000_000.0;
            }
            Verb::Freeze { from, length, reason } => {
                let from = self.start.plus(*from);
                let span = FreezeSpan::Absolute { from, until: from.plus(*length) };
                let window = FreezeWindow { span, zone: "Europe/Berlin".to_owned(), reason: reason.clone() };
                self.blueprint.production.freeze.push(window);
            }
            Verb::Hotfix(why) => self.blueprint.hotfix = Some(why.clone()),
            Verb::ExceptFreeze { length, by } => self.except_freeze(*length, by),
            Verb::Person { command, argument, by } => {
                self.person(command, argument.as_deref(), by.as_deref())
            }
            Verb::Wait(length) => self.run_until(self.now.plus(*length), None),
            Verb::Until(phase) => self.run_until(self.now.plus(PATIENCE), Some(phase)),
            Verb::Break { part, for_good } => self.set(*part, Some(!for_good)),
            Verb::Mend(part) => self.set(*part, None),
            Verb::Harm(ppm) => {
                self.world.harmful = *ppm > 0;
                self.world.candidate_rate = f64::from(*ppm) / 1_000_000.0;
            }
            Verb::Kill { midway } => self.kill(*midway),
            Verb::Start => self.begin(),
            Verb::Show => self.show(),
            Verb::Traffic => {
                let split = self
                    .world
                    .traffic
                    .as_ref()
                    .map_or_else(|| "none".to_owned(), |(_, weights)| weights.to_string());
                self.say(&format!("traffic: {split}"));
            }
        }
    }

    fn begin(&mut self) {
        let Some(store) = self.stored.take() else {
            return self.say("refused: it runs already");
        };
        let conductor = Conductor::open(store).expect("a memory store is never damaged");
        self.conductor = Some(conductor);
        let now = self.now;
        let todos = self.conductor.as_mut().map(|conductor| conductor.resume(now)).unwrap_or_default();
        self.dispatch(todos);
    }

    fn person(&mut self, command: &str, argument: Option<&str>, by: Option<&str>) {
        if self.conductor.is_none() && self.printed == 0 {
            self.begin();
        }
        let by = people::person(by.unwrap_or(blueprints::OWNER));
        let why = || "the script says so".to_owned();
        let command = match command {
            "ship" => Command::Ship,
            "promote" => Command::Promote { why: why() },
            "hold" => Command::Hold { why: why() },
            "contain" => Command::Contain { why: why() },
            "rollback" => Command::Rollback { why: why(), level: argument.and_then(level) },
            "acknowledge" => Command::Acknowledge,
            "approve" => Command::Approve { step: argument.unwrap_or_default().to_owned() },
            "complete" => Command::Complete { why: why() },
            _cancel => Command::Cancel { why: why() },
        };
        let (release, now, blueprint) = (self.release.clone(), self.now, self.blueprint.clone());
        let Some(conductor) = &mut self.conductor else {
            return self.say("refused: the control plane is down");
        };
        let created = conductor.create(blueprint, by.clone(), now);
        match created.and_then(|()| conductor.command(&release, command, by, now)) {
            Ok(todos) => self.dispatch(todos),
            Err(error) => self.say(&format!("refused: {error}")),
        }
    }

    fn except_freeze(&mut self, length: Duration, by: &str) {
        if self.conductor.is_none() && self.printed == 0 {
            self.begin();
        }
        let (release, now, by) = (self.release.clone(), self.now, people::person(by));
        let new =
            NewFreezeException { reason: "the script says so".to_owned(), expires: Expiry::After(length) };
        let admitted = admit_exception(&self.blueprint, new, &by, now);
        let Some(conductor) = &mut self.conductor else {
            return self.say("refused: the control plane is down");
        };
        let done = match admitted {
            Ok(exception) => conductor.except_freeze(&release, exception, by, now).map_err(|e| e.to_string()),
            Err(refusal) => Err(refusal.to_string()),
        };
        match done {
            Ok(todos) => self.dispatch(todos),
            Err(error) => self.say(&format!("refused: {error}")),
        }
    }

    fn set(&mut self, part: Part, broken: Option<bool>) {
        match (part, broken) {
            (Part::System(part), Some(transient)) => drop(self.world.broken.insert(part, transient)),
            (Part::System(part), None) => drop(self.world.broken.remove(&part)),
            (Part::Metrics, broken) => self.world.metrics_up = broken.is_none(),
            (Part::Gate, broken) => self.world.gate_fails = broken.is_some(),
            (Part::Staging, broken) => self.world.meddled = broken.is_some(),
            (Part::Answers, broken) => self.world.candidate_answers = broken.is_none(),
            (Part::LastGood, broken) => self.world.last_good_alive = broken.is_none(),
            (Part::Candidate, broken) => self.world.candidate_alive = broken.is_none(),
        }
    }

    fn kill(&mut self, midway: bool) {
        self.stored = self.conductor.take().map(Conductor::into_store);
        let mut kept = Queue::new();
        while let Some((at, happening)) = self.queue.pop() {
            match happening {
                Happening::Perform(todo) if midway => drop(self.world.perform(&todo.effect)),
                Happening::Perform(_) | Happening::Answer(..) => {}
                Happening::Tick | Happening::Sample => kept.put(at, happening),
            }
        }
        self.queue = kept;
    }

    fn run_until(&mut self, end: Timestamp, phase: Option<&str>) {
        while phase.is_none_or(|phase| !self.is_in(phase)) {
            let Some((at, happening)) = self.queue.pop() else {
                break;
            };
            if at > end {
                self.queue.put(at, happening);
                break;
            }
            self.now = at;
            self.happen(happening);
            self.print_facts();
        }
        match phase {
            Some(phase) if !self.is_in(phase) => self.say(&format!("NOT REACHED: {phase}")),
            Some(_) => {}
            None => self.now = end,
        }
    }

    fn happen(&mut self, happening: Happening) {
        let (now, release) = (self.now, self.release.clone());
        match happening {
            Happening::Tick => {
                self.queue.put(now.plus(Duration::from_ms(1_000)), Happening::Tick);
                let todos = self.conductor.as_mut().map(|conductor| conductor.tick(now)).unwrap_or_default();
                self.dispatch(todos);
            }
            Happening::Sample => {
                self.queue.put(now.plus(Duration::from_ms(1_000)), Happening::Sample);
                let Some(conductor) =
                    self.conductor.as_mut().filter(|conductor| conductor.wants_observations(&release))
                else {
                    return;
                };
                let block =
                    self.world.sample(&self.blueprint, conductor.next_block(&release), now, &mut self.random);
                let todos = conductor.observe(&release, block).unwrap_or_default();
                self.dispatch(todos);
            }
            Happening::Perform(todo) => {
                let outcome = self.world.perform(&todo.effect);
                self.queue
                    .put(now.plus(DELAY), Happening::Answer(todo.release, todo.effect.generation, outcome));
            }
            Happening::Answer(release, generation, outcome) => {
                let Some(conductor) = &mut self.conductor else {
                    return;
                };
                let todos = conductor.outcome(&release, generation, outcome, now).unwrap_or_default();
                self.dispatch(todos);
            }
        }
    }

    fn dispatch(&mut self, todos: Vec<Todo>) {
        for todo in todos {
            self.queue.put(self.now.plus(DELAY), Happening::Perform(todo));
        }
    }

    fn is_in(&self, phase: &str) -> bool {
        let release = self.conductor.as_ref().and_then(|conductor| conductor.release(&self.release));
        release.is_some_and(|release| {
            serde_json::to_value(release.phase()).is_ok_and(|name| name.as_str() == Some(phase))
                || release.stage().is_some_and(|stage| format!("stage-{}", stage + 1) == phase)
        })
    }

    fn show(&mut self) {
        let status = self.conductor.as_ref().map(|conductor| conductor.status(&self.release, self.now));
        let lines = match status {
            Some(Ok(status)) => print::status(&status, self.start),
            Some(Err(error)) => vec![error.to_string()],
            None => vec!["the control plane is down".to_owned()],
        };
        for line in lines {
            self.say(&line);
        }
    }

    fn print_facts(&mut self) {
        let Some(conductor) = &self.conductor else {
            return;
        };
        let entries = conductor.store().read(self.printed, usize::MAX).unwrap_or_default();
        for stored in entries {
            self.printed = stored.position + 1;
            let entry = Entry::from_bytes(&stored.bytes).expect("a memory store is never damaged");
            let line = match serde_json::from_str(entry.fact.get()) {
                Ok(event) => print::fact(&event),
                Err(_) => print::paper(entry.fact.get(), self.start),
            };
            if let Some(line) = line {
                let by = if entry.by.name == ripcord() { String::new() } else { format!(" [{}]", entry.by) };
                let _infallible =
                    writeln!(self.output, "    +{:>8}  {line}{by}", print::offset(entry.at, self.start));
            }
        }
    }

    fn say(&mut self, line: &str) {
        let _infallible = writeln!(self.output, "    {line}");
    }
}

fn ripcord() -> Person {
    ripcord_model::Actor::ripcord().name
}
