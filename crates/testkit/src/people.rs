//! What people do in a simulation: mostly what they are asked to, sometimes something odd, sometimes forbidden.

use ripcord_engine::{AlertThen, Command, HoldCause, PhaseName, Status, WaitingOn};
use ripcord_model::{Actor, ActorKind, Duration, Level, Person, Timestamp};

use crate::{
    blueprints::{APPROVER, ON_CALL, OWNER},
    random::Random,
};

/// What somebody does next, if anything.
pub(crate) fn act(status: &Status, random: &mut Random) -> Option<(Actor, Command)> {
    if random.chance(40) {
        return Some((anybody(random), anything(random, status.now)));
    }
    if random.chance(15) {
        return Some((Actor::ripcord(), alert(status, random)));
    }
    let asked = status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Person { .. }));
    let why = || "looks right".to_owned();
    let held = |matches: fn(&HoldCause) -> bool| {
        status
            .waiting
            .iter()
            .any(|waiting| matches!(&waiting.on, WaitingOn::Hold { cause } if matches(cause)))
    };
    let exposed = matches!(
        status.phase,
        PhaseName::Releasing | PhaseName::Verifying | PhaseName::Gating | PhaseName::Staging
    );
    if exposed
        && held(|cause| matches!(cause, HoldCause::Rule { .. } | HoldCause::Blind { .. }))
        && random.chance(100)
    {
        return Some((person(ON_CALL), Command::Rollback { why: why(), level: None }));
    }
    if exposed && held(|cause| matches!(cause, HoldCause::Person { .. })) {
        return Some((person(OWNER), Command::Promote { why: why() }));
    }
    if exposed && held(|cause| matches!(cause, HoldCause::Freeze { .. })) && random.chance(300) {
        let until = status.now.plus(Duration::from_secs(random.between(1, 120)));
        return Some((person(APPROVER), Command::DespiteFreeze { why: why(), until }));
    }
    let waits_for_evidence =
        |waiting: &ripcord_engine::Waiting| matches!(waiting.on, WaitingOn::Evidence { .. });
    let goes_on_without = status.waiting.iter().all(waits_for_evidence)
        || held(|cause| matches!(cause, HoldCause::Distrusted { .. }));
    if status.phase == PhaseName::Releasing && goes_on_without && random.chance(300) {
        return Some((person(OWNER), Command::Promote { why: why() }));
    }
    let command = match status.phase {
        PhaseName::Planned => Command::Ship,
        PhaseName::Gating if !status.gate.is_empty() => Command::Ship,
        PhaseName::Releasing if asked => Command::Promote { why: why() },
        PhaseName::Releasing if random.chance(100) => Command::Promote { why: why() },
        PhaseName::Verifying if asked => Command::Complete { why: why() },
        PhaseName::Contained if random.chance(300) => Command::Promote { why: why() },
        PhaseName::Contained => Command::Rollback { why: why(), level: None },
        PhaseName::Stuck => {
            Command::Rollback { why: why(), level: random.chance(200).then_some(Level::Deploy) }
        }
        PhaseName::RollingBack if asked => {
            let waits =
                status.back.iter().find(|step| step.state == ripcord_engine::BackStepState::Approval)?;
            return Some((person(APPROVER), Command::Approve { step: waits.id.clone() }));
        }
        PhaseName::Staging
        | PhaseName::Gating
        | PhaseName::Releasing
        | PhaseName::Verifying
        | PhaseName::Complete
        | PhaseName::Cancelled
        | PhaseName::RollingBack
        | PhaseName::RolledBack => return None,
    };
    Some((person(OWNER), command))
}

/// What Alertmanager says: now and then, about now or about long ago.
fn alert(status: &Status, random: &mut Random) -> Command {
    let then =
        [AlertThen::Hold, AlertThen::Lift, AlertThen::Lift, AlertThen::Rollback][random.below(4) as usize];
    let ago = ripcord_model::Duration::from_secs(random.below(600));
    Command::Alert { alert: "ExamsSlow".to_owned(), since: status.now.minus(ago), then }
}

pub(crate) fn anybody(random: &mut Random) -> Actor {
    match random.below(4) {
        0 => person(OWNER),
        1 => person(APPROVER),
        2 => person(ON_CALL),
        _ => Actor { kind: ActorKind::Agent, name: Person::new("helper").expect("valid") },
    }
}

fn anything(random: &mut Random, now: Timestamp) -> Command {
    let why = if random.chance(100) { String::new() } else { "a hunch".to_owned() };
    match random.below(13) {
        0 => Command::Ship,
        1 | 2 => Command::Promote { why },
        3 => Command::Hold { why },
        4 => Command::Contain { why },
        5 => Command::Rollback { why, level: None },
        6 => Command::Rollback { why, level: Some(Level::ALL[random.below(4) as usize]) },
        7 => Command::Acknowledge,
        8 => Command::Approve {
            step: ["undo-attempts", "restore-answers", "traffic", "nothing"][random.below(4) as usize]
                .to_owned(),
        },
        9 => Command::Complete { why },
        10 => Command::Cancel { why },
        11 => Command::DespiteFreeze { why, until: now.plus(Duration::from_secs(random.below(60))) },
        _ => Command::Hold { why },
    }
}

/// A human being by this name.
pub(crate) fn person(name: &str) -> Actor {
    Actor::person(Person::new(name).expect("valid"))
}
