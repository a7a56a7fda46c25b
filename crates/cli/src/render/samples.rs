//! Statuses for tests, one builder for all phases.

use ripcord_engine::{
    BackStepState, BackStepStatus, Cause, HoldCause, IncidentClock, PhaseName, RuleStatus, SignalStatus,
    StageState, StageStatus, Status, Verdict, VerdictKind, Waiting, WaitingOn,
};
use ripcord_model::{
    Duration, Level, ReleaseName, ServiceName, Share, SignalName, Timestamp, VersionName, blueprint::Harm,
};

/// The instant of every sample: 2026-11-21 14:03:21 UTC.
pub fn now() -> Timestamp {
    "2026-11-21T14:03:21Z".parse().unwrap()
}

/// `seconds` before [`now`].
pub fn ago(seconds: u64) -> Timestamp {
    now().minus(Duration::from_secs(seconds))
}

fn stage(percent: u32, dwell_mins: u64, state: StageState) -> StageStatus {
    StageStatus {
        share: Share::percent(percent),
        state,
        baking_since: None,
        dwell_ms: dwell_mins * 60_000,
        elapsed_ms: 0,
        requests: 0,
        min_requests: 500,
    }
}

/// A ratio signal with one rule.
pub fn signal(name: &str, canary: f64, control: f64) -> SignalStatus {
    SignalStatus {
        name: SignalName::new(name).unwrap(),
        harm: Harm::User,
        canary: Some(canary),
        control: Some(control),
        is_ratio: true,
        last_data: Some(ago(1)),
        blind: false,
        unusable: None,
        baseline: None,
        rules: vec![RuleStatus {
            rule: "above 5% for 5m".to_owned(),
            leads_to: "rollback".to_owned(),
            violated: false,
            since: None,
            log_e: None,
            threshold: None,
            detail: None,
        }],
    }
}

/// A release that bakes at 10 %.
pub fn baking() -> Status {
    let mut ten = stage(10, 120, StageState::Baking);
    ten.baking_since = Some(ago(720));
    ten.elapsed_ms = 720_000;
    ten.requests = 14_210;
    let mut latency = signal("latency-p99", 0.2714, 0.262);
    latency.is_ratio = false;
    Status {
        release: ReleaseName::new("exam-submit-v2").unwrap(),
        service: ServiceName::new("exams").unwrap(),
        candidate: VersionName::new("v2").unwrap(),
        last_good: Some(VersionName::new("v1").unwrap()),
        blueprint: "3af1c09b77de".to_owned(),
        phase: PhaseName::Releasing,
        headline: "Baking at 10 %: 12 min of 2 h".to_owned(),
        share: Share::percent(10),
        since: ago(720),
        now: now(),
        stages: vec![
            stage(1, 30, StageState::Done),
            ten,
            stage(50, 240, StageState::Waiting),
            stage(100, 1440, StageState::Waiting),
        ],
        waiting: vec![Waiting {
            on: WaitingOn::Dwell { until: now().plus(Duration::from_mins(108)) },
            why: "stage 2 has lasted 12 min of 2 h".to_owned(),
            until: "goes on in 1 h 48 min when the signals stay within their limits".to_owned(),
        }],
        signals: vec![signal("submit-errors", 0.0091, 0.009), latency],
        evidence: vec![],
        back: vec![],
        cause: None,
        clock: IncidentClock::default(),
        gate: vec![],
        next: vec!["ripcord hold exam-submit-v2 --why \"…\"".to_owned()],
        rehearsal: None,
        confirmed: None,
        warnings: vec![],
        despite_freeze: None,
        postmortems: vec![],
    }
}

/// Held by a person.
pub fn held() -> Status {
    let mut status = baking();
    status.headline = "Held at 10 % since 3 min: waiting for the support team".to_owned();
    status.waiting = vec![Waiting {
        on: WaitingOn::Hold { cause: HoldCause::Person { why: "waiting for the support team".to_owned() } },
        why: "maya: waiting for the support team".to_owned(),
        until: "goes on when a person promotes it".to_owned(),
    }];
    status.next = vec!["ripcord promote exam-submit-v2 --why \"…\"".to_owned()];
    status
}

/// Held because a signal is silent.
pub fn blind() -> Status {
    let mut status = baking();
    status.headline = "Held at 10 %: blind on submit-errors since 2 min 10 s".to_owned();
    status.signals[0].blind = true;
    status.signals[0].canary = None;
    status.signals[0].control = None;
    status.signals[0].last_data = Some(ago(130));
    status.waiting = vec![Waiting {
        on: WaitingOn::Hold {
            cause: HoldCause::Blind { signals: vec![SignalName::new("submit-errors").unwrap()] },
        },
        why: "no data from submit-errors".to_owned(),
        until: "goes on when data comes back; goes back in 2 min 50 s if it does not".to_owned(),
    }];
    status
}

fn verdict() -> Verdict {
    Verdict {
        kind: VerdictKind::Rollback,
        signal: Some(SignalName::new("submit-errors").unwrap()),
        rule: Some("worse than control by 20%".to_owned()),
        reason: "3.1 % on v2 against 0.9 % on v1 (41 of 1,322 against 402 of 44,700)".to_owned(),
        log_e: Some(12_345_f64.ln()),
        threshold: Some(1_000_f64.ln()),
        block: 71,
        harm_began: Some(ago(71)),
        evidence: None,
    }
}

fn step(id: &str, level: Level, state: BackStepState, budget_secs: u64) -> BackStepStatus {
    let (started, ended) = match state {
        BackStepState::Waiting | BackStepState::Skipped | BackStepState::Approval => (None, None),
        BackStepState::Running => (Some(ago(22)), None),
        BackStepState::Done | BackStepState::Failed => (Some(ago(23)), Some(ago(22))),
    };
    BackStepStatus { id: id.to_owned(), level, state, started, ended, budget_ms: budget_secs * 1_000 }
}

/// Going back by evidence, verifying recovery.
pub fn rolling_back() -> Status {
    let mut status = baking();
    status.phase = PhaseName::RollingBack;
    status.headline =
        "Going back to v1: traffic is off v2, verifying recovery (step 3 of 3, 22 s of 60 s)".to_owned();
    status.share = Share::ZERO;
    status.since = ago(23);
    status.cause = Some(Cause::Verdict(verdict()));
    status.back = vec![
        step("traffic", Level::Deploy, BackStepState::Done, 10),
        step("withdraw", Level::Deploy, BackStepState::Done, 30),
        step("recovery", Level::Deploy, BackStepState::Running, 60),
    ];
    status.signals = vec![signal("submit-errors", 0.031, 0.009)];
    status.signals[0].rules[0].violated = true;
    status.signals[0].rules[0].since = Some(ago(48));
    status.clock = IncidentClock {
        harm_began: Some(ago(71)),
        detected: Some(ago(23)),
        acknowledged: None,
        decided: Some(ago(23)),
        first_action: Some(ago(23)),
        bleeding_stopped: Some(ago(22)),
        verified_recovered: None,
        all_clear: None,
    };
    status.waiting = vec![Waiting {
        on: WaitingOn::Recovery { until: now().plus(Duration::from_secs(38)) },
        why: "recovery has been seen for 22 s of 60 s".to_owned(),
        until: "rolled back in 38 s when the signals stay within their limits".to_owned(),
    }];
    status.next = vec![];
    status
}

/// Rolled back.
pub fn rolled_back() -> Status {
    let mut status = rolling_back();
    status.phase = PhaseName::RolledBack;
    status.headline = "Rolled back to v1, recovery verified".to_owned();
    status.back[2] = step("recovery", Level::Deploy, BackStepState::Done, 60);
    status.clock.verified_recovered = Some(now());
    status.clock.all_clear = Some(now());
    status.waiting = vec![];
    status.signals = vec![];
    status
}

/// The way back failed.
pub fn stuck() -> Status {
    let mut status = rolling_back();
    status.phase = PhaseName::Stuck;
    status.headline = "Stuck: step withdraw failed; a person is needed now".to_owned();
    status.back[1] = step("withdraw", Level::Deploy, BackStepState::Failed, 30);
    status.back[2] = step("recovery", Level::Deploy, BackStepState::Waiting, 60);
    status.waiting = vec![Waiting {
        on: WaitingOn::Person { command: "ripcord rollback exam-submit-v2".to_owned(), who: None },
        why: "process 4711 does not stop: operation not permitted".to_owned(),
        until: "goes on when a person says how".to_owned(),
    }];
    status.next = vec!["ripcord rollback exam-submit-v2 --why \"…\"".to_owned()];
    status
}

/// Contained by a person.
pub fn contained() -> Status {
    let mut status = rolling_back();
    status.phase = PhaseName::Contained;
    status.headline = "Contained: no traffic on v2, which still runs; a person decides".to_owned();
    status.back = vec![];
    status.signals = vec![];
    status.cause = Some(Cause::Person {
        by: ripcord_model::Actor::person(ripcord_model::Person::new("ran").unwrap()),
        why: "three teachers called".to_owned(),
    });
    status.waiting = vec![Waiting {
        on: WaitingOn::Person { command: "ripcord rollback exam-submit-v2".to_owned(), who: None },
        why: "the bleeding has stopped".to_owned(),
        until: "a person promotes it or takes it back".to_owned(),
    }];
    status.next = vec![
        "ripcord rollback exam-submit-v2 --why \"…\"".to_owned(),
        "ripcord promote exam-submit-v2 --why \"…\"".to_owned(),
    ];
    status
}

/// Complete.
pub fn complete() -> Status {
    let mut status = baking();
    status.phase = PhaseName::Complete;
    status.headline = "Complete: v2 has all traffic and is the last good version".to_owned();
    status.share = Share::FULL;
    status.waiting = vec![];
    status.next = vec![];
    status
}
