//! What a person reads about what a plan can notice, from numbers made by hand.

use std::collections::BTreeMap;

use ripcord_model::{Duration, ReleaseName, Share, SignalName};
use ripcord_power::{
    Bad, Delay, EFFECTS, LeadsTo, Load, Power, Proposal, ProposedStage, RegressionPower, RulePower, Safety,
    Sight, SignalLoad, StagePower, Unknown, Warning, WhyUnknown,
};

use super::*;
use crate::render::layout::WIDTH;

fn name(text: &str) -> SignalName {
    SignalName::new(text).unwrap()
}

fn delay(within_dwell: f64, mean: f64) -> Sight {
    Sight::Simulated(Delay {
        within_dwell,
        mean_seconds: Some(mean),
        p95_seconds: Some(2.0 * mean),
        requests: Some(4.0 * mean),
        bad: Some(0.072 * mean),
        caused: Some(0.036 * mean),
        floor_seconds: mean / 1.4,
    })
}

fn stage(stage: usize, percent: u32, minutes: u64, sights: [Sight; 4], safety: Safety) -> StagePower {
    let regressions =
        EFFECTS.iter().zip(sights).map(|(times, sight)| RegressionPower { times: *times, sight });
    let (share, dwell) = (Share::percent(percent), Duration::from_mins(minutes));
    StagePower { stage, share, dwell, regressions: regressions.collect(), safety }
}

fn rule() -> RulePower {
    let safe = |by_end| Safety::Simulated { by_end, mean_seconds: None };
    let never = Sight::Simulated(Delay {
        within_dwell: 0.0,
        mean_seconds: None,
        p95_seconds: None,
        requests: None,
        bad: None,
        caused: None,
        floor_seconds: 90_000.0,
    });
    RulePower {
        signal: name("errors"),
        rule: "worse than control by 20%".to_owned(),
        leads_to: LeadsTo::Rollback,
        bad: Bad::Events,
        events_per_second: 400.0,
        base_rate: 0.009,
        log_bar: 6.9,
        stages: vec![
            stage(1, 1, 30, [never, delay(0.63, 1_500.0), delay(1.0, 96.0), delay(0.999, 28.0)], safe(0.04)),
            stage(
                2,
                10,
                120,
                [
                    Sight::OutOfReach { floor_seconds: 9e6 },
                    delay(1.0, 260.0),
                    Sight::Tolerated,
                    Sight::Impossible,
                ],
                safe(1.0),
            ),
            stage(
                3,
                100,
                1_440,
                [Sight::NoControl, Sight::NoControl, Sight::NoControl, Sight::NoControl],
                safe(1.0),
            ),
        ],
    }
}

fn power() -> Power {
    let signals =
        BTreeMap::from([(name("errors"), SignalLoad { events_per_second: None, base_rate: 0.009 })]);
    let proposed = |percent, dwell: &str, min_requests| ProposedStage {
        share: Share::percent(percent),
        dwell: dwell.parse().unwrap(),
        min_requests,
    };
    Power {
        load: Load { requests_per_second: 400.0, signals, instances: None },
        warm_up: Duration::from_secs(60),
        warnings: vec![
            Warning::CannotSee {
                stage: 1,
                share: Share::percent(1),
                dwell: Duration::from_mins(30),
                signal: name("errors"),
                times: 2.0,
                chance: 0.0,
                mean_seconds: Some(7_812.0),
                p95_seconds: Some(14_400.0),
                sees_from: Some(5.0),
            },
            Warning::LittleTraffic {
                stage: 1,
                share: Share::percent(1),
                requests_per_second: 100.0,
                candidate_per_second: 1.0,
            },
        ],
        rules: vec![rule()],
        unknown: vec![
            Unknown {
                signal: name("cpu"),
                rule: "worse than control by 20%".to_owned(),
                why: WhyUnknown::Gauge,
            },
            Unknown {
                signal: name("crashes"),
                rule: "worse than control by 20%".to_owned(),
                why: WhyUnknown::NoBase,
            },
        ],
        harm: Some(55.0),
        proposal: Some(Proposal {
            stages: vec![proposed(1, "1h30m", 500), proposed(25, "1h", 1_000), proposed(100, "24h", 0)],
            harm: 32.0,
            harm_now: 55.0,
            by_effect: vec![(2.0, 64.0, 106.0), (5.0, 19.0, 34.0), (10.0, 13.0, 26.0)],
        }),
    }
}

fn numbers() -> NumbersInWords {
    NumbersInWords {
        traffic_given: false,
        given: vec![name("errors")],
        how: Some("measured over 30 s on 2 instances".to_owned()),
        notes: vec!["errors: only 9 bad events seen, so its rate is rough".to_owned()],
    }
}

fn fits(text: &str) {
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "80 columns suffice:\n{text}");
    assert!(!text.contains('\u{a0}'), "{text}");
}

#[test]
fn the_short_form_shows_times_only_where_they_lie_within_the_stage() {
    let text = power::short(&power(), &numbers(), &Look::plain());
    fits(&text);
    insta::assert_snapshot!(text, @r"
      power      at 400 requests/s · errors 0.9 % (given)
                 measured over 30 s on 2 instances
                 errors: only 9 bad events seen, so its rate is rough

      errors: worse than control by 20%
      stage  share  1.5x           2x           5x         10x  bad (2x)
      1        1 %    no         63 %  1.6m (3.2m)   28s (56s)         -
      2       10 %    no  4.3m (8.7m)    tolerated  over 100 %        19
      3      100 %     -            -            -           -         -
      safety     shown by the end of a stage, with nothing wrong: 1 %: 4 % ·
                 10 %: 100 %

      to read    time until a regression that begins with the stage is noticed, on
                 average (95 of 100 within); a percentage: noticed before the stage
                 is over with that chance only; no: not by then; bad: bad events of
                 the candidate by then. Thresholds are not part of it
                 the first 1 min of the release is for warming up, and counts as
                 time
                 -: at 100 % nothing is left to compare with; thresholds and people
                 watch

      unknown    cpu: cannot be said: how a gauge moves by itself is only known from
                 its history (ripcord backtest)
                 crashes: not known without its usual rate: add --base crashes=1%
                 (or crashes=3/day), or --measure

      proposal   harms fewer users in the same time: a regression causes 32 bad
                 events until it is noticed, instead of 55
                 2x: 64 instead of 110 · 5x: 19 instead of 34 · 10x: 13 instead of
                 26
                 on average over these sizes; half of them begin with the release,
                 the others early, midway or late before 100 %

    stages:
      - { share: 1%, for: 1h30m, at_least: 500 requests }
      - { share: 25%, for: 1h, at_least: 1000 requests }
      - { share: 100%, for: 1d }
    ");
}

#[test]
fn the_full_form_shows_everything_and_brackets_what_is_longer_than_its_stage() {
    let release = ReleaseName::new("exam-submit-v2").unwrap();
    let text = power::full(&release, &power(), &numbers(), &Look::plain());
    fits(&text);
    insta::assert_snapshot!(text, @r"
    exam-submit-v2: what its stages can notice

      warning  1 % for 30 min cannot see a 2x regression of errors: it would take
               2 h 10 min (95 of 100 within 4 h). It sees 5x and more
      warning  at 1 % of 100 requests/s the candidate gets 1 request/s

      power      at 400 requests/s · errors 0.9 % (given)
                 measured over 30 s on 2 instances
                 errors: only 9 bad events seen, so its rate is rough

      errors: worse than control by 20%
      stage  share  size     noticed  mean   95 %  least  requests  bad  caused
      1        1 %  1.5x         0 %     ?      ?    25h         ?    ?       ?
                      2x        63 %   25m  (50m)    18m     6,000  110      54
                      5x       100 %  1.6m   3.2m    69s       380  6.9     3.5
                     10x   over 99 %   28s    56s    20s       110    2       1
      2       10 %  1.5x          no     ?      ?   104d
                      2x       100 %  4.3m   8.7m   3.1m     1,000   19     9.4
                      5x   tolerated
                     10x  over 100 %
      3      100 %   all  no control
      safety     shown by the end of a stage, with nothing wrong: 1 %: 4 % ·
                 10 %: 100 %

      to read    a regression begins with the stage. noticed: the chance before the
                 stage is over. mean, 95 %: time to notice; in brackets where that
                 is longer than the stage lasts. least: what any test with this
                 error rate needs on average. requests, bad: of the candidate until
                 then. caused: by the regression
                 the first 1 min of the release is for warming up, and counts as
                 time

      unknown    cpu: cannot be said: how a gauge moves by itself is only known from
                 its history (ripcord backtest)
                 crashes: not known without its usual rate: add --base crashes=1%
                 (or crashes=3/day), or --measure

      proposal   harms fewer users in the same time: a regression causes 32 bad
                 events until it is noticed, instead of 55
                 2x: 64 instead of 110 · 5x: 19 instead of 34 · 10x: 13 instead of
                 26
                 on average over these sizes; half of them begin with the release,
                 the others early, midway or late before 100 %

    stages:
      - { share: 1%, for: 1h30m, at_least: 500 requests }
      - { share: 25%, for: 1h, at_least: 1000 requests }
      - { share: 100%, for: 1d }
    ");
}

#[test]
fn every_warning_says_what_it_means() {
    let signal = || name("errors");
    let (share, dwell) = (Share::percent(10), Duration::from_mins(120));
    let cannot_see = |chance, mean_seconds, p95_seconds| Warning::CannotSee {
        stage: 2,
        share,
        dwell,
        signal: signal(),
        times: 2.0,
        chance,
        mean_seconds,
        p95_seconds,
        sees_from: None,
    };
    let all = [
        Warning::AlreadyOver { signal: signal(), rule: "over 1%".to_owned() },
        cannot_see(0.3, Some(9_000.0), Some(20_000.0)),
        cannot_see(0.0, None, Some(90_000.0)),
        cannot_see(0.0, None, None),
        cannot_see(0.0, Some(1e7), Some(2e7)),
        Warning::CannotAdvance {
            stage: 2,
            share,
            signal: signal(),
            chance: 0.1,
            mean_seconds: Some(9_000.0),
        },
        Warning::CannotAdvance { stage: 2, share, signal: signal(), chance: 0.0, mean_seconds: None },
        Warning::RequestsTakeLonger { stage: 2, share, dwell, min_requests: 1_000, seconds: 10_000.0 },
        Warning::NoGuard,
    ];
    let text = warnings::warnings(&all, &Look::plain());
    fits(&text);
    insta::assert_snapshot!(text, @r"
    warning  `over 1%` of errors is below what is usual: it fires with nothing
             wrong
    warning  10 % for 2 h sees a 2x regression of errors only with a chance of
             30 %: it would take 2 h 30 min (95 of 100 within 5 h 33 min)
    warning  10 % for 2 h cannot see a 2x regression of errors: it would take up
             to 1 d 1 h in 95 of 100 cases, and much longer in others
    warning  10 % for 2 h cannot see a 2x regression of errors: it would take more
             than 90 d
    warning  10 % for 2 h cannot see a 2x regression of errors: it would take more
             than 90 d
    warning  10 % waits for evidence that nothing is wrong with errors, and has it
             in time with a chance of 10 %; it would take 2 h 30 min. A person
             will have to promote
    warning  10 % waits for evidence that nothing is wrong with errors, and has it
             in time with a chance of 0 %; there is none to be had. A person will
             have to promote
    warning  10 % lasts 2 h 47 min, not 2 h: its 1,000 requests take that long
    warning  with one instance per version a slower host cannot be told from a
             regression: run two or more
    ");
}

#[test]
fn a_plan_that_cannot_be_bettered_says_so_and_one_without_harm_says_nothing() {
    let mut seen = power();
    seen.proposal = None;
    assert!(proposal::proposal(&seen, &Look::plain()).contains("none: a regression causes 55 bad events"));
    seen.harm = None;
    assert_eq!(proposal::proposal(&seen, &Look::plain()), "");
}

#[test]
fn a_proposal_can_be_pasted_into_a_plan() {
    let text = proposal::proposal(&power(), &Look::plain());
    let yaml = &text[text.find("stages:").unwrap()..];
    let plan = format!("release: r\nversion: v2\nowner: o\nchanges: []\n{yaml}");
    let read =
        ripcord_model::read_plan(&ripcord_model::source::SourceFile::new("releases/r.yaml", plan)).unwrap();
    let ripcord_model::plan::Stages::Listed(stages) = &read.stages.value else { panic!("{yaml}") };
    let shares: Vec<String> = stages.iter().map(|stage| stage.share.value.to_string()).collect();
    assert_eq!(shares, ["1%", "25%", "100%"]);
}
