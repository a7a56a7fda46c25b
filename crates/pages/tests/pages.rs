//! Whole pages: what stands on them, and that nothing that comes from outside becomes markup.

use askama::Template as _;
use ripcord_engine::{
    CheckResult, CheckStatus, Confirmed, HoldCause, IncidentClock, PhaseName, StageState, StageStatus,
    Status, Waiting, WaitingOn,
};
use ripcord_model::{
    CompileContext, Duration, ReleaseName, ServiceName, Share, Timestamp, VersionName, blueprint::Blueprint,
    compile, read_plan, read_service, source::SourceFile,
};
use ripcord_pages::{
    Visitor,
    chart::Series,
    page::{
        Act, ActPage, GatePage, NowPage, Refusal, StoryboardPage, Typed,
        storyboard::{Rehearsed, charts},
    },
};

const SERVICE: &str = "\
service: exams
owner: team-exams
environments:
  production:
    router: { edge: { listen: 127.0.0.1:8080, drain: 1s } }
    workload: { process: { command: \"exams --port {port}\", ready: /ready } }
    metrics: { scrape: { path: /metrics }, interval: 100ms, timeout: 1s }
    probes: [{ path: /live }]
signals:
  errors:
    harm: user
    ratio: { bad: 'submit_total{outcome=\"error\"}', all: submit_total }
    rollback: [\"worse than control by 20%\", \"above 5% for 5m\"]
";
const PLAN: &str = "\
release: submit-v2
version: v2
owner: maya
on_call: ran
last_good: v1
changes:
  - { id: flow, class: code, summary: \"new flow <script>alert(1)</script>\", back: { level: deploy, budget: 5s } }
stages: standard
";
const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>";

fn blueprint() -> Blueprint {
    let service = read_service(&SourceFile::new("ripcord.yaml", SERVICE)).unwrap();
    let plan = read_plan(&SourceFile::new("releases/submit-v2.yaml", PLAN)).unwrap();
    compile(&service, &plan, &CompileContext::default()).unwrap()
}

fn now() -> Timestamp {
    "2026-11-21T14:03:21Z".parse().unwrap()
}

fn visitor() -> Visitor {
    Visitor { name: "maya".to_owned(), form_key: "key-of-the-form".to_owned(), signed_in: true }
}

fn stage(percent: u32, state: StageState) -> StageStatus {
    let begun = state != StageState::Waiting;
    StageStatus {
        share: Share::percent(percent),
        state,
        baking_since: begun.then(|| now().minus(Duration::from_mins(12))),
        dwell_ms: 7_200_000,
        elapsed_ms: 720_000,
        requests: 14_210,
        min_requests: 500,
    }
}

fn baking() -> Status {
    Status {
        release: ReleaseName::new("submit-v2").unwrap(),
        service: ServiceName::new("exams").unwrap(),
        candidate: VersionName::new("v2").unwrap(),
        last_good: Some(VersionName::new("v1").unwrap()),
        blueprint: "3af1c09b77de".to_owned(),
        phase: PhaseName::Releasing,
        headline: "v2 has 10% of the traffic, stage 2 of 4".to_owned(),
        share: Share::percent(10),
        since: now().minus(Duration::from_mins(12)),
        now: now(),
        stages: vec![
            stage(1, StageState::Done),
            stage(10, StageState::Baking),
            stage(50, StageState::Waiting),
            stage(100, StageState::Waiting),
        ],
        waiting: vec![Waiting {
            on: WaitingOn::Dwell { until: now() },
            why: "stage 2 has lasted 12 min of 2 h".to_owned(),
            until: "in 1 h 48 min".to_owned(),
        }],
        signals: vec![],
        evidence: vec![],
        back: vec![],
        cause: None,
        clock: IncidentClock::default(),
        gate: vec![],
        next: vec![],
        rehearsal: None,
        confirmed: Some(Confirmed {
            rehearsal: ReleaseName::new("submit-v2-rehearsal-1").unwrap(),
            at: now(),
            took: Duration::from_secs(100),
            budget: Duration::from_mins(6),
            until: None,
        }),
        warnings: vec![],
        despite_freeze: None,
        postmortems: vec![],
    }
}

fn storyboard(status: &Status) -> String {
    let blueprint = blueprint();
    let series = vec![Series::new(Duration::from_mins(1))];
    let charts = charts(status, &blueprint, &series);
    let rehearsed = Rehearsed { says: "confirmed 1 min 40 s".to_owned(), counts: true };
    let page = StoryboardPage::new(
        status,
        &blueprint,
        rehearsed,
        &charts,
        "/releases/submit-v2/live".to_owned(),
        visitor(),
    );
    page.render().unwrap()
}

#[track_caller]
fn assert_tame(page: &str) {
    for bad in ["<script>alert", "<img", " style=", " onclick", "onerror='"] {
        assert!(!page.contains(bad), "{bad} in {page}");
    }
    assert_eq!(page.matches("<script").count(), 1, "the module, and no other script");
}

#[test]
fn the_storyboard_says_where_it_is_why_nothing_happens_and_how_to_go_back() {
    let page = storyboard(&baking());
    for said in [
        "v2 has 10% of the traffic, stage 2 of 4",
        "stage 2 has lasted 12 min of 2 h",
        "in 1 h 48 min",
        ">Go back, confirmed 1 min 40 s</a>",
        "href=\"/releases/submit-v2/rollback\"",
        "data-watch=\"/releases/submit-v2/live\"",
        "Stage 2 of 4 at 10 %",
        "12 min of 2 h",
        "goes back when errors is above 5% for 5m",
        "aria-current=\"step\"",
        "<noscript><meta http-equiv=\"refresh\"",
    ] {
        assert!(page.contains(said), "{said} is missing in {page}");
    }
    let order: Vec<usize> = ["frame-plan", "frame-stage", "frame-release", "frame-verify", "frame-rollback"]
        .iter()
        .map(|id| page.find(&format!("id=\"{id}\"")).unwrap())
        .collect();
    assert!(order.is_sorted());
    assert_tame(&page);
}

#[test]
fn every_phase_has_a_storyboard_and_exactly_one_lit_frame() {
    use PhaseName::{
        Cancelled, Complete, Contained, Gating, Planned, Releasing, RolledBack, RollingBack, Staging, Stuck,
        Verifying,
    };
    for phase in [
        Planned,
        Staging,
        Gating,
        Releasing,
        Verifying,
        Complete,
        Cancelled,
        Contained,
        RollingBack,
        RolledBack,
        Stuck,
    ] {
        let page = storyboard(&Status { phase, ..baking() });
        assert_eq!(page.matches(" lit\"").count(), 1, "{phase:?}");
        let out = matches!(phase, Releasing | Verifying | Contained | Stuck | Gating);
        assert_eq!(page.contains("class=\"button primary pull back\""), out, "{phase:?}");
        assert_eq!(page.contains("data-watch"), !phase.is_final(), "{phase:?}");
    }
}

#[test]
fn nothing_from_outside_becomes_markup() {
    let mut status = baking();
    status.headline = HOSTILE.to_owned();
    status.waiting[0].why = HOSTILE.to_owned();
    status.waiting.push(Waiting {
        on: WaitingOn::Hold { cause: HoldCause::Person { why: HOSTILE.to_owned() } },
        why: HOSTILE.to_owned(),
        until: HOSTILE.to_owned(),
    });
    status.warnings = vec![HOSTILE.to_owned()];
    status.gate = vec![CheckResult {
        check: "lint".to_owned(),
        status: CheckStatus::Fail,
        reason: HOSTILE.to_owned(),
        fix: HOSTILE.to_owned(),
        owner: HOSTILE.to_owned(),
    }];
    assert_tame(&storyboard(&status));
    let now_page =
        NowPage::new(&[status.clone()], Some(HOSTILE.to_owned()), Some(HOSTILE.to_owned()), visitor(), now());
    assert_tame(&now_page.render().unwrap());
    assert_tame(
        &GatePage::new("submit-v2".to_owned(), &status.gate, true, visitor(), now()).render().unwrap(),
    );
    let typed =
        Typed { why: format!("</textarea>{HOSTILE}"), step: HOSTILE.to_owned(), level: HOSTILE.to_owned() };
    let refusal = Some(Refusal { message: HOSTILE.to_owned(), hints: vec![HOSTILE.to_owned()] });
    let form = ActPage::new(Act::Rollback, &status, typed, refusal, visitor(), now()).render().unwrap();
    assert_tame(&form);
    assert_eq!(form.matches("</textarea>").count(), 1, "{form}");
}

#[test]
fn a_refused_form_keeps_what_was_typed() {
    let typed = Typed { why: "students lose answers".to_owned(), ..Typed::default() };
    let refusal = Some(Refusal { message: "not now".to_owned(), hints: vec![] });
    let form = ActPage::new(Act::Rollback, &baking(), typed, refusal, visitor(), now()).render().unwrap();
    for said in [
        ">students lose answers</textarea>",
        "not now",
        "Nothing has changed",
        "name=\"form_key\" value=\"key-of-the-form\"",
        "confirmed 1 min 40 s in rehearsal on 21 November, budget 6 min",
    ] {
        assert!(form.contains(said), "{said} is missing in {form}");
    }
    assert!(!form.contains("http-equiv=\"refresh\""), "a page that reloads itself would lose what is typed");
}

#[test]
fn the_first_page_has_the_most_urgent_first_and_stays_small() {
    let named = |index: usize, phase| Status {
        release: ReleaseName::new(format!("r-{index}")).unwrap(),
        phase,
        ..baking()
    };
    let mut statuses: Vec<Status> = (0..1_000).map(|index| named(index, PhaseName::Complete)).collect();
    statuses.push(named(2_001, PhaseName::Releasing));
    statuses.push(named(2_002, PhaseName::RollingBack));
    statuses.push(named(2_003, PhaseName::Stuck));
    let page = NowPage::new(&statuses, None, None, visitor(), now()).render().unwrap();
    assert!(page.contains("<h1>1 stuck, 1 going back, 1 advancing</h1>"), "{page}");
    let place = |name: &str| page.find(&format!("/releases/{name}\"")).unwrap();
    assert!(place("r-2003") < place("r-2002") && place("r-2002") < place("r-2001"));
    assert!(page.contains("980 more in the"), "{page}");
    assert!(page.len() < 100_000, "{} bytes", page.len());
    let empty = NowPage::new(&[], None, None, visitor(), now()).render().unwrap();
    assert!(empty.contains("ripcord ship NAME"), "an empty page teaches the next command");
}

#[test]
fn the_gate_shows_what_blocks_before_what_passes_with_fix_and_owner() {
    let check = |name: &str, status, fix: &str| CheckResult {
        check: name.to_owned(),
        status,
        reason: format!("{name} says so"),
        fix: fix.to_owned(),
        owner: "ran".to_owned(),
    };
    let checks = [
        check("lint", CheckStatus::Pass, ""),
        check("probes", CheckStatus::Unknown, "look at v1"),
        check("rehearsal", CheckStatus::Fail, "ripcord rehearse submit-v2"),
    ];
    let page = GatePage::new("submit-v2".to_owned(), &checks, true, visitor(), now()).render().unwrap();
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing in {page}"));
    assert!(place("Blocked: 1 of 3 checks fails, 1 cannot be answered") < place("rehearsal says so"));
    assert!(
        place("rehearsal says so") < place("probes says so")
            && place("probes says so") < place("lint says so")
    );
    assert!(place("Fix: ripcord rehearse submit-v2") < place("Owner: ran"));
}
