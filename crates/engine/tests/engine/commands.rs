//! Who may ask for what, where. The table is the whole answer; a cell changes only on purpose.

use std::fmt::Write as _;

use ripcord_engine::{CheckStatus, Command, Event, Outcome, PhaseName, ReadBack, Refusal};
use ripcord_model::Level;
use ripcord_testkit::blueprints::all_levels;

use crate::support::{HEALTHY, Hand, agent, approver, check, on_call, owner, why};

fn hand() -> Hand {
    Hand::new(all_levels("exam-submit-v2"))
}

fn at_gate(status: CheckStatus) -> Hand {
    let mut hand = hand();
    hand.command(owner(), Command::Ship).unwrap();
    while hand.main().is_some_and(|effect| effect.desired != ripcord_engine::Desired::Gate) {
        hand.perform();
    }
    let gate = hand.main().unwrap();
    hand.outcome(gate.generation, Outcome::Done(ReadBack::Gate(vec![check(status)]))).unwrap();
    hand
}

fn ready_for_all() -> Hand {
    let mut hand = hand();
    hand.climb_to(2);
    hand.seconds(25, HEALTHY);
    hand
}

fn going_back_to(step: &str) -> Hand {
    let mut hand = hand();
    hand.climb_to(1);
    hand.roll_back();
    let began = |hand: &Hand| hand.release.status(hand.now).headline.contains(step);
    while !began(&hand) {
        assert!(hand.perform(), "{step} is not reached: {}", hand.waiting());
    }
    hand
}

fn stuck_at_traffic() -> Hand {
    let mut hand = going_back_to("traffic (");
    hand.fail(false);
    hand
}

fn contained() -> Hand {
    let mut hand = hand();
    hand.climb_to(1);
    hand.command(on_call(), Command::Contain { why: why() }).unwrap();
    hand.perform_all();
    assert_eq!(hand.release.phase(), PhaseName::Contained);
    hand
}

fn rolled_back() -> Hand {
    let mut hand = going_back_to("undo-attempts");
    hand.command(approver(), Command::Approve { step: "undo-attempts".to_owned() }).unwrap();
    hand.command(approver(), Command::Approve { step: "restore-answers".to_owned() }).unwrap();
    hand.perform_all();
    hand.seconds(15, HEALTHY);
    assert_eq!(hand.release.phase(), PhaseName::RolledBack);
    hand
}

fn validated() -> Hand {
    let mut hand = hand();
    hand.verify();
    hand.seconds(40, HEALTHY);
    hand
}

fn completing() -> Hand {
    let mut hand = validated();
    hand.command(owner(), Command::Complete { why: why() }).unwrap();
    hand
}

fn complete() -> Hand {
    let mut hand = completing();
    hand.perform_all();
    hand
}

fn cancelled() -> Hand {
    let mut hand = hand();
    hand.command(owner(), Command::Cancel { why: why() }).unwrap();
    hand
}

fn held() -> Hand {
    let mut hand = hand();
    hand.climb_to(0);
    hand.command(owner(), Command::Hold { why: why() }).unwrap();
    hand
}

fn in_staging() -> Hand {
    let mut hand = hand();
    hand.command(owner(), Command::Ship).unwrap();
    hand
}

fn baking(stage: usize) -> Hand {
    let mut hand = hand();
    hand.climb_to(stage);
    hand
}

/// Left containment into a freeze, so that it stands in front of the first stage again.
fn before_first_stage_again() -> Hand {
    use ripcord_model::nouns::freeze::{FreezeSpan, FreezeWindow};
    let mut blueprint = all_levels("exam-submit-v2");
    let from = crate::support::START.plus(ripcord_model::Duration::from_secs(25));
    let span = FreezeSpan::Absolute { from, until: from.plus(ripcord_model::Duration::from_mins(60)) };
    blueprint.production.freeze =
        vec![FreezeWindow { span, zone: "Europe/Berlin".to_owned(), reason: "fair".to_owned() }];
    let mut hand = Hand::new(blueprint);
    hand.climb_to(1);
    hand.command(on_call(), Command::Contain { why: why() }).unwrap();
    hand.perform_all();
    hand.wait(30);
    hand.command(owner(), Command::Promote { why: why() }).unwrap();
    assert_eq!(hand.release.phase(), PhaseName::Gating);
    hand
}

type Place = (&'static str, fn() -> Hand);

const PLACES: [Place; 20] = [
    ("planned", hand),
    ("staging", in_staging),
    ("blocked at the gate", || at_gate(CheckStatus::Unknown)),
    ("starting in production", || at_gate(CheckStatus::Overridden)),
    ("stage 1", || baking(0)),
    ("stage 1, held", held),
    ("stage 3, before 100%", || baking(2)),
    ("ready for 100%", ready_for_all),
    ("validating", || baking(3)),
    ("validated", validated),
    ("completing", completing),
    ("complete", complete),
    ("cancelled", cancelled),
    ("contained", contained),
    ("frozen after containment", before_first_stage_again),
    ("going back: traffic", || going_back_to("traffic (")),
    ("going back: approval", || going_back_to("undo-attempts")),
    ("going back: recovery", || {
        let mut hand = going_back_to("undo-attempts");
        hand.command(approver(), Command::Approve { step: "undo-attempts".to_owned() }).unwrap();
        hand.command(approver(), Command::Approve { step: "restore-answers".to_owned() }).unwrap();
        hand.perform_all();
        hand
    }),
    ("stuck at traffic", stuck_at_traffic),
    ("rolled back", rolled_back),
];

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("ship", Command::Ship),
        ("promote", Command::Promote { why: why() }),
        ("hold", Command::Hold { why: "another reason".to_owned() }),
        ("contain", Command::Contain { why: why() }),
        ("back", Command::Rollback { why: why(), level: None }),
        ("level", Command::Rollback { why: why(), level: Some(Level::Data) }),
        ("ack", Command::Acknowledge),
        ("approve", Command::Approve { step: "undo-attempts".to_owned() }),
        ("complete", Command::Complete { why: why() }),
        ("cancel", Command::Cancel { why: why() }),
    ]
}

/// `p`: a person who approves, `o`: the owner, `a`: an agent; `.` for those refused.
#[test]
fn who_may_do_what_where() {
    let mut table = format!("{:26}", "");
    for (name, _) in commands() {
        let _infallible = write!(table, "{name:9}");
    }
    table = table.trim_end().to_owned() + "\n";
    for (place, arrive) in PLACES {
        let _infallible = write!(table, "{place:26}");
        for (_, command) in commands() {
            let cell: String = [('p', approver()), ('o', owner()), ('a', agent())]
                .into_iter()
                .map(|(letter, by)| {
                    let mut hand = arrive();
                    let before = hand.release.clone();
                    let accepted = hand.command(by, command.clone()).is_ok();
                    assert!(
                        accepted || hand.release == before,
                        "{place}: {command:?} was refused and changed something"
                    );
                    if accepted { letter } else { '.' }
                })
                .collect();
            let _infallible = write!(table, "{cell:9}");
        }
        table = table.trim_end().to_owned() + "\n";
    }
    let expected = include_str!("commands.txt");
    assert_eq!(table, expected, "\n{table}");
}

#[test]
fn a_reason_is_asked_for_wherever_one_is_given() {
    let empty = || "  ".to_owned();
    let commands = [
        Command::Promote { why: empty() },
        Command::Hold { why: empty() },
        Command::Contain { why: empty() },
        Command::Rollback { why: empty(), level: None },
        Command::Complete { why: empty() },
        Command::Cancel { why: empty() },
    ];
    for command in commands {
        let refusal = ready_for_all().command(owner(), command.clone()).unwrap_err();
        assert!(matches!(refusal, Refusal::NeedsReason { .. }), "{command:?}: {refusal}");
    }
}

#[test]
fn a_gate_opens_over_passed_and_overridden_checks_only() {
    for (status, opens) in [
        (CheckStatus::Pass, true),
        (CheckStatus::Overridden, true),
        (CheckStatus::Fail, false),
        (CheckStatus::Unknown, false),
    ] {
        let hand = at_gate(status);
        assert_eq!(hand.has(|event| matches!(event, Event::StageEntered { .. })), opens, "{status:?}");
    }
    let mut hand = hand();
    hand.command(owner(), Command::Ship).unwrap();
    while hand.main().unwrap().desired != ripcord_engine::Desired::Gate {
        hand.perform();
    }
    let gate = hand.main().unwrap();
    hand.outcome(gate.generation, Outcome::Done(ReadBack::Gate(Vec::new()))).unwrap();
    assert!(hand.has(|event| matches!(event, Event::GateBlocked { .. })), "a gate without checks is none");
}

#[test]
fn the_same_hold_again_is_no_news() {
    let mut hand = held();
    hand.wait(5);
    let facts = hand.events.len();
    hand.command(owner(), Command::Hold { why: why() }).unwrap();
    assert_eq!(hand.events.len(), facts);
}

#[test]
fn only_named_approvers_approve() {
    let mut hand = going_back_to("undo-attempts");
    let approve = |step: &str| Command::Approve { step: step.to_owned() };
    let refused = |result: Result<(), Refusal>| result.unwrap_err().to_string();
    assert!(refused(hand.command(on_call(), approve("undo-attempts"))).contains("noor could"));
    assert!(refused(hand.command(owner(), approve("undo-attempts"))).contains("noor could"));
    assert!(refused(hand.command(agent(), approve("undo-attempts"))).contains("needs a named person"));
    for step in ["traffic", "recovery", "nothing"] {
        assert!(refused(hand.command(approver(), approve(step))).contains("waits for approval"), "{step}");
    }
    hand.command(approver(), approve("undo-attempts")).unwrap();
    assert!(refused(hand.command(approver(), approve("undo-attempts"))).contains("waits for approval"));
}

#[test]
fn where_only_the_owner_is_named_anybody_else_approves() {
    let mut blueprint = all_levels("exam-submit-v2");
    blueprint.approvers = vec![blueprint.owner.clone()];
    let mut hand = Hand::new(blueprint);
    hand.climb_to(0);
    hand.roll_back();
    hand.perform_all();
    let approve = || Command::Approve { step: "undo-attempts".to_owned() };
    assert!(matches!(hand.command(owner(), approve()), Err(Refusal::OwnApproval { .. })));
    hand.command(on_call(), approve()).unwrap();
}

#[test]
fn an_agent_does_not_leave_out_a_step_and_a_person_does() {
    let skip = || Command::Rollback { why: why(), level: Some(Level::Deploy) };
    assert!(matches!(stuck_at_traffic().command(agent(), skip()), Err(Refusal::NeedsPerson { .. })));
    stuck_at_traffic().command(agent(), Command::Rollback { why: why(), level: None }).unwrap();
    let mut hand = stuck_at_traffic();
    hand.command(owner(), skip()).unwrap();
    assert!(hand.has(|event| matches!(event, Event::BackStepSkipped { .. })));
}

#[test]
fn a_level_without_steps_is_refused_and_less_than_deploy_is_deploy() {
    let mut hand = Hand::new(ripcord_testkit::blueprints::exams("exam-submit-v2"));
    hand.climb_to(0);
    let level = |level| Command::Rollback { why: why(), level: Some(level) };
    assert!(matches!(hand.command(owner(), level(Level::Data)), Err(Refusal::NoSuchLevel { .. })));
    let mut hand = self::baking(0);
    hand.command(owner(), level(Level::Flag)).unwrap();
    let decided = |event: &Event| matches!(event, Event::RollbackDecided { level: Level::Deploy, .. });
    assert!(hand.has(decided), "a candidate that stays behind is not rolled back");
}
