use ripcord_model::{
    Actor, CompileContext, Duration, Level, Person, Timestamp,
    blueprint::{Blueprint, MessageTemplate, OutsideWhen},
    comms::{Audience, MessageStatus},
    compile,
    paper::{MessageConfirmed, MessageFailed, MessageSent, Noted, Paper},
    read_plan, read_service,
    source::SourceFile,
};

use super::*;

const SERVICE: &str = "service: exams
owner: team-exams
environments:
  production:
    router: { edge: { listen: 127.0.0.1:8080 } }
    workload: { process: { command: \"bin/exams --port {port}\" } }
    metrics: { scrape: { path: /metrics } }
signals:
  errors: { harm: user, count: errors_total, rollback: above 3 in 30m }
channels:
  team: { slack: env:SLACK }
  page: { statuspage: { page: abc, key: env:KEY } }
audiences: { internal: [team], outside: [page] }
";
const PLAN: &str = "release: submit-v2
version: v2
owner: maya
on_call: ran
last_good: v1
changes: [ { id: flow, class: code, back: { level: deploy, budget: 1m } } ]
comms: { outside_after: 15m, update_every: 30m }
";

fn blueprint() -> Blueprint {
    let service = read_service(&SourceFile::new("ripcord.yaml", SERVICE)).unwrap();
    let plan = read_plan(&SourceFile::new("releases/submit-v2.yaml", PLAN)).unwrap();
    compile(&service, &plan, &CompileContext::default()).unwrap_or_else(|errors| panic!("{errors}"))
}

const fn minute(minutes: u64) -> Timestamp {
    Timestamp::from_ms(1_800_000_000_000).plus(Duration::from_mins(minutes))
}

const DECIDED: Timestamp = minute(0);

/// A release that goes back since minute 0.
fn view() -> View {
    View {
        incident: Some(Incident {
            decided: DECIDED,
            reason: "submit errors above 5 %".to_owned(),
            by: "ripcord".to_owned(),
            level: Some(Level::Deploy),
            harm_began: None,
            state: "going back to v1".to_owned(),
            bleeding_stopped: None,
            stuck: None,
            over: None,
        }),
        started_at: DECIDED.minus(Duration::from_mins(60)),
        confirmed: Some(Duration::from_secs(100)),
        afterwards: "v2 goes on".to_owned(),
    }
}

fn over(at: Timestamp) -> View {
    let mut view = view();
    view.incident.as_mut().unwrap().over = Some((at, "back on v1".to_owned()));
    view
}

/// Messages and channels that are due, and since which minute.
fn due_at(
    blueprint: &Blueprint,
    view: &View,
    papers: &[Noted],
    now: Timestamp,
) -> Vec<(String, String, u64)> {
    let since = |owed: &Owed| match owed.when {
        Waits::At(at) | Waits::ForPerson(at) => at.since(DECIDED).as_ms() / 60_000,
    };
    let due = due(blueprint, view, papers, now);
    due.iter().map(|owed| (owed.message.clone(), owed.channel.to_string(), since(owed))).collect()
}

fn noted(at: Timestamp, paper: Paper) -> Noted {
    Noted { at, by: Actor::ripcord(), paper }
}

/// The channel takes everything that is due now.
fn deliver(blueprint: &Blueprint, view: &View, papers: &mut Vec<Noted>, now: Timestamp) {
    for owed in due(blueprint, view, papers, now) {
        let letter = write(blueprint, view, &owed, now);
        let sent = MessageSent {
            incident: owed.incident,
            message: owed.message,
            channel: owed.channel,
            audience: owed.audience,
            status: owed.status,
            sha256: letter.sha256(),
            due: now,
            at: now,
            attempts: 1,
            next_update: letter.next_update,
            cut: false,
        };
        papers.push(noted(now, Paper::MessageSent(Box::new(sent))));
    }
}

fn failed(message: &str, at: Timestamp, gave_up: bool) -> Noted {
    let failed = MessageFailed {
        incident: DECIDED,
        message: message.to_owned(),
        channel: "team".parse().unwrap(),
        audience: Audience::Internal,
        status: MessageStatus::Identified,
        reason: "does not answer".to_owned(),
        attempts: 1,
        gave_up,
    };
    noted(at, Paper::MessageFailed(Box::new(failed)))
}

fn confirmed(at: Timestamp, text: Option<&str>) -> Noted {
    let paper = MessageConfirmed {
        incident: DECIDED,
        status: MessageStatus::Identified,
        why: "users ask".to_owned(),
        text: text.map(str::to_owned),
    };
    Noted { at, by: Actor::person(Person::new("maya").unwrap()), paper: Paper::MessageConfirmed(paper) }
}

fn one(message: &str, channel: &str, since: u64) -> Vec<(String, String, u64)> {
    vec![(message.to_owned(), channel.to_owned(), since)]
}

#[test]
fn those_who_work_on_it_are_told_at_the_decision_and_once() {
    let (blueprint, mut papers) = (blueprint(), Vec::new());
    assert_eq!(due_at(&blueprint, &view(), &papers, DECIDED), one("identified", "team", 0));
    deliver(&blueprint, &view(), &mut papers, DECIDED);
    assert!(due(&blueprint, &view(), &papers, minute(14)).is_empty());
    let late = due_at(&blueprint, &view(), &[], minute(20));
    assert_eq!(late, one("identified", "team", 0), "one message per channel at a time, the oldest first");
    let quiet = View { incident: None, ..view() };
    assert!(due(&blueprint, &quiet, &[], minute(1)).is_empty(), "nothing happened, nobody is told");
}

#[test]
fn people_outside_are_told_only_once_a_person_confirmed_and_people_are_asked_at_the_limit() {
    let (blueprint, mut papers) = (blueprint(), Vec::new());
    deliver(&blueprint, &view(), &mut papers, DECIDED);
    assert_eq!(due_at(&blueprint, &view(), &papers, minute(15)), one("ask", "team", 15));
    deliver(&blueprint, &view(), &mut papers, minute(15));
    assert!(due(&blueprint, &view(), &papers, minute(29)).is_empty(), "nobody confirmed");
    let waiting = schedule(&blueprint, &view(), &papers, minute(29));
    assert!(waiting.iter().any(|owed| owed.when == Waits::ForPerson(minute(15))), "{waiting:#?}");
    papers.push(confirmed(minute(20), Some("Sorry. {{service}} is slow.")));
    let due = due(&blueprint, &view(), &papers, minute(20));
    assert_eq!((due[0].message.as_str(), due[0].channel.as_str(), due.len()), ("announce-1", "page", 1));
    assert_eq!(write(&blueprint, &view(), &due[0], minute(20)).text, "Sorry. exams is slow.");
}

#[test]
fn a_person_may_confirm_before_the_limit_and_then_nobody_is_asked() {
    let (blueprint, mut papers) = (blueprint(), Vec::new());
    deliver(&blueprint, &view(), &mut papers, DECIDED);
    papers.push(confirmed(minute(2), None));
    assert_eq!(due_at(&blueprint, &view(), &papers, minute(2)), one("announce-1", "page", 2));
    deliver(&blueprint, &view(), &mut papers, minute(2));
    assert!(due(&blueprint, &view(), &papers, minute(16)).is_empty());
}

#[test]
fn where_the_plan_says_so_people_outside_are_told_without_being_asked_for() {
    let (mut blueprint, mut papers) = (blueprint(), Vec::new());
    blueprint.comms.outside = OutsideWhen::Automatic;
    deliver(&blueprint, &view(), &mut papers, DECIDED);
    assert!(due(&blueprint, &view(), &papers, minute(14)).is_empty());
    assert_eq!(due_at(&blueprint, &view(), &papers, minute(15)), one("identified", "page", 15));
    // It was over in time: nobody outside ever hears of it.
    assert_eq!(due_at(&blueprint, &over(minute(9)), &papers, minute(20)), one("all-clear", "team", 9));
}

#[test]
fn a_promised_update_comes_at_its_time_and_promises_the_next() {
    let (blueprint, mut papers) = (blueprint(), vec![confirmed(minute(1), None)]);
    deliver(&blueprint, &view(), &mut papers, DECIDED);
    deliver(&blueprint, &view(), &mut papers, minute(1));
    assert!(due(&blueprint, &view(), &papers, minute(29)).is_empty());
    for (at, message) in [(31, "update-1"), (61, "update-2"), (91, "update-3")] {
        let at = minute(at);
        let said: Vec<_> =
            due(&blueprint, &view(), &papers, at).into_iter().map(|owed| owed.message).collect();
        assert_eq!(said, [message, message], "{at}");
        deliver(&blueprint, &view(), &mut papers, at);
        assert!(due(&blueprint, &view(), &papers, at).is_empty());
    }
    // Down for half a day: one update, not twenty.
    assert_eq!(due(&blueprint, &view(), &papers, minute(700)).len(), 2);
}

#[test]
fn the_all_clear_goes_to_everybody_who_was_told_and_to_nobody_else() {
    let (blueprint, mut papers) = (blueprint(), Vec::new());
    deliver(&blueprint, &view(), &mut papers, DECIDED);
    assert_eq!(due_at(&blueprint, &over(minute(3)), &papers, minute(3)), one("all-clear", "team", 3));
    papers.push(confirmed(minute(1), None));
    deliver(&blueprint, &view(), &mut papers, minute(1));
    let both = due_at(&blueprint, &over(minute(3)), &papers, minute(3));
    assert_eq!(both.len(), 2, "{both:?}");
    deliver(&blueprint, &over(minute(3)), &mut papers, minute(3));
    assert!(schedule(&blueprint, &over(minute(3)), &papers, minute(4)).is_empty());
    assert!(due(&blueprint, &over(minute(3)), &[], minute(24 * 60)).is_empty(), "old news is none");
}

#[test]
fn a_rollback_of_seconds_still_tells_those_who_work_on_it_both_things_in_order() {
    let (blueprint, mut papers) = (blueprint(), Vec::new());
    let view = over(DECIDED.plus(Duration::from_secs(3)));
    let now = DECIDED.plus(Duration::from_secs(4));
    assert_eq!(due_at(&blueprint, &view, &papers, now), one("identified", "team", 0));
    deliver(&blueprint, &view, &mut papers, now);
    assert_eq!(due_at(&blueprint, &view, &papers, now), one("all-clear", "team", 0));
}

#[test]
fn a_contained_release_that_goes_forward_again_ends_its_incident_too() {
    let (blueprint, mut papers) = (blueprint(), Vec::new());
    deliver(&blueprint, &view(), &mut papers, DECIDED);
    let forward = View { incident: None, ..view() };
    let due = due(&blueprint, &forward, &papers, minute(5));
    assert_eq!((due.len(), due[0].message.as_str(), due[0].incident), (1, "all-clear", DECIDED));
    let letter = write(&blueprint, &forward, &due[0], minute(5));
    assert!(letter.text.contains("v2 goes on"), "{}", letter.text);
}

#[test]
fn what_failed_is_owed_until_it_is_given_up_and_then_the_next_update_is_tried() {
    let (blueprint, mut papers) = (blueprint(), vec![failed("identified", DECIDED, false)]);
    assert_eq!(
        due_at(&blueprint, &view(), &papers, minute(1)),
        one("identified", "team", 0),
        "owed after a restart"
    );
    assert_eq!(troubles(&papers).len(), 1);
    papers.push(failed("identified", minute(5), true));
    assert!(due(&blueprint, &view(), &papers, minute(6)).is_empty());
    assert_eq!(due_at(&blueprint, &view(), &papers, minute(15)), one("ask", "team", 15));
    deliver(&blueprint, &view(), &mut papers, minute(15));
    assert!(troubles(&papers).is_empty(), "it works again");
    papers.push(failed("update-1", minute(46), true));
    assert!(due(&blueprint, &view(), &papers, minute(50)).is_empty(), "not at once again");
    assert_eq!(due_at(&blueprint, &view(), &papers, minute(76)), one("update-2", "team", 76));
}

#[test]
fn the_id_of_a_message_is_the_same_after_a_restart_and_another_for_every_other() {
    let blueprint = blueprint();
    let owed = due(&blueprint, &view(), &[], DECIDED).remove(0);
    let (first, again) =
        (write(&blueprint, &view(), &owed, DECIDED), write(&blueprint, &view(), &owed, minute(1)));
    assert_eq!((&first.id, &first.incident), (&again.id, &again.incident));
    let other = Owed { message: "update-1".to_owned(), ..owed };
    assert_ne!(write(&blueprint, &view(), &other, DECIDED).id, first.id);
    assert_eq!(write(&blueprint, &view(), &other, DECIDED).incident, first.incident);
}

#[test]
fn the_plans_own_text_goes_before_the_built_in_one_and_the_channels_before_the_audiences() {
    let mut blueprint = blueprint();
    let template = |channel: &str, text: &str| MessageTemplate {
        channel: channel.to_owned(),
        status: MessageStatus::Identified,
        title: None,
        text: text.to_owned(),
    };
    let owed = due(&blueprint, &view(), &[], DECIDED).remove(0);
    let text = |blueprint: &Blueprint| write(blueprint, &view(), &owed, DECIDED).text;
    assert!(text(&blueprint).contains("The way back took 1 min 40 s in rehearsal"), "{}", text(&blueprint));
    blueprint.comms.templates = vec![template("internal", "all: {{reason}} {{level}}")];
    assert_eq!(text(&blueprint), "all: submit errors above 5 % deploy");
    blueprint.comms.templates.push(template("team", "team by {{next_update}}"));
    assert_eq!(text(&blueprint), "team by 08:30:00 UTC");
}

#[test]
fn a_long_text_is_cut_at_a_word_and_says_so() {
    assert_eq!(cut("short", 5, "(cut)"), ("short".to_owned(), false));
    let (text, was_cut) = cut("eins zwei drei vier fünf", 20, "(cut)");
    assert_eq!((text.as_str(), was_cut), ("eins zwei (cut)", true));
    for limit in 0..40 {
        let (text, _) = cut(&"wörter ".repeat(9), limit, "… (cut)");
        assert!(text.chars().count() <= limit, "{limit}: {text}");
    }
    let (text, _) = cut(&"x".repeat(99), 20, "(cut)");
    assert_eq!(text, "xxxxxxxxxxxxxx (cut)");
}
