//! Several instances per arm: summed, and the control's apart in groups for evidence.

use ripcord_engine::{Arms, Counts, Exposed, Groups, Sample};
use ripcord_model::blueprint::Measure;

use crate::{
    exposer::{Exposer, Mode},
    rig::{Rig, against_baseline, by_evidence, counts, ratio, scraping, sides, signal},
};

fn text(ok: u64, error: u64) -> String {
    format!("submit_total{{outcome=\"ok\"}} {ok}\nsubmit_total{{outcome=\"error\"}} {error}\n")
}

/// Three instances of the control, sorted as their groups will be.
async fn three(rig: &mut Rig) -> [Exposer; 3] {
    let mut controls = [Exposer::start().await, Exposer::start().await, Exposer::start().await];
    controls.sort_by_key(|exposer| exposer.address.to_string());
    rig.sides = sides(&[&rig.canary], &[&controls[2], &controls[0], &controls[1]]);
    controls
}

fn apart(pairs: &[(u64, u64)]) -> Option<Groups> {
    Some(Groups::Counts(pairs.iter().map(|(n, bad)| Counts { n: *n, bad: *bad }).collect()))
}

#[tokio::test]
async fn the_control_s_instances_are_summed_and_told_apart_for_evidence() {
    let mut rig = scraping().await;
    let controls = three(&mut rig).await;
    let expose = |by: u64| {
        for (place, control) in controls.iter().enumerate() {
            control.expose(text(100 + by * (place as u64 + 1), by));
        }
    };
    rig.canary.expose(text(10, 0));
    expose(0);
    let errors = by_evidence(ratio());
    assert_eq!(rig.one(&errors).await.0, None);
    rig.canary.expose(text(15, 0));
    expose(2);
    let (sample, groups, _) = rig.one(&errors).await;
    assert_eq!(sample, Some(Sample::Counts(counts((5, 0), (18, 6)))));
    assert_eq!(groups, apart(&[(4, 2), (6, 2), (8, 2)]));

    expose(3);
    let (_, groups, _) = rig.one(&ratio()).await;
    assert_eq!(groups, None, "nobody weighs evidence on it");
}

#[tokio::test]
async fn an_instance_that_misses_a_scrape_stays_in_its_group_and_one_that_goes_breaks_them() {
    let mut rig = scraping().await;
    let controls = three(&mut rig).await;
    let errors = by_evidence(ratio());
    rig.canary.expose(text(10, 0));
    controls.iter().for_each(|control| control.expose(text(10, 0)));
    rig.one(&errors).await;

    controls[0].set(Mode::Status(500, String::new()));
    controls[1].expose(text(14, 0));
    let (_, groups, _) = rig.one(&errors).await;
    assert_eq!(groups, apart(&[(0, 0), (4, 0), (0, 0)]));
    controls[0].expose(text(17, 0));
    let (_, groups, _) = rig.one(&errors).await;
    assert_eq!(groups, apart(&[(7, 0), (0, 0), (0, 0)]), "its gap is covered, in its own group");

    rig.sides = sides(&[&rig.canary], &[&controls[1], &controls[2]]);
    let (sample, groups, _) = rig.one(&errors).await;
    assert!(sample.is_some());
    assert_eq!(groups, None, "the set of instances changed");
    controls[2].expose(text(11, 1));
    let (_, groups, _) = rig.one(&errors).await;
    assert_eq!(groups, apart(&[(0, 0), (2, 1)]));

    rig.sides = sides(&[&rig.canary], &[&controls[1]]);
    rig.one(&errors).await;
    assert_eq!(rig.one(&errors).await.1, None, "one instance cannot differ from itself");
}

#[tokio::test]
async fn every_kind_of_signal_has_groups_of_its_kind() {
    let mut rig = scraping().await;
    let controls = three(&mut rig).await;
    let body = |lag: u64, crashes: u64, slow: u64| {
        format!(
            "lag {lag}\ncrashes_total {crashes}\nsessions_total {}\n{}\
             latency_bucket{{le=\"1\"}} 10\nlatency_bucket{{le=\"+Inf\"}} {}\n",
            crashes * 100,
            text(crashes * 10, 0),
            10 + slow
        )
    };
    let signals = [
        signal("lag", Measure::Gauge { gauge: "lag".into() }),
        signal("crashes", Measure::Count { counter: "crashes_total".into(), per: None }),
        signal("per", Measure::Count { counter: "crashes_total".into(), per: Some("sessions_total".into()) }),
        signal("p99", Measure::Quantile { histogram: "latency".into(), q: 0.99 }),
        signal(
            "ok",
            Measure::Success { good: "submit_total{outcome=\"ok\"}".into(), all: "submit_total".into() },
        ),
    ]
    .map(by_evidence);
    rig.canary.expose(body(1, 0, 0));
    controls.iter().for_each(|control| control.expose(body(1, 0, 0)));
    rig.read(&signals).await.unwrap();
    for (place, control) in controls.iter().enumerate() {
        control.expose(body(5 + place as u64, place as u64, 2 * place as u64));
    }
    rig.canary.expose(body(1, 1, 1));
    let reading = rig.read(&signals).await.unwrap();
    assert_eq!(reading.groups[0], Some(Groups::Values(vec![Some(5.0), Some(6.0), Some(7.0)])));
    let exposed = |per: f64| {
        (0..3).map(|n| Exposed { exposure: per * f64::from(n), events: f64::from(n) }).collect::<Vec<_>>()
    };
    assert_eq!(reading.samples[1], Some(Sample::Events(Arms { canary: 1.0, control: 3.0 })));
    assert_eq!(reading.groups[1], Some(Groups::Exposed(exposed(10.0))), "per request");
    let both = Arms {
        canary: Exposed { exposure: 100.0, events: 1.0 },
        control: Exposed { exposure: 300.0, events: 3.0 },
    };
    assert_eq!(reading.samples[2], Some(Sample::Exposed(both)));
    assert_eq!(reading.groups[2], Some(Groups::Exposed(exposed(100.0))));
    assert_eq!(reading.groups[3], Some(Groups::Histogram(vec![vec![0, 0], vec![0, 2], vec![0, 4]])));
    assert_eq!(reading.groups[4], apart(&[(0, 0), (10, 0), (20, 0)]));
}

#[tokio::test]
async fn a_count_compared_with_its_past_is_counted_per_request_of_the_same_source() {
    let mut rig = scraping().await;
    let crashes = signal("crashes", Measure::Count { counter: "crashes_total".into(), per: None });
    let signals = [against_baseline(crashes.clone()), ratio()];
    let body = |crashes: u64, ok: u64| format!("crashes_total {crashes}\n{}", text(ok, 0));
    rig.canary.expose(body(0, 0));
    rig.control.expose(body(0, 0));
    rig.read(&signals).await.unwrap();
    rig.canary.expose(body(2, 30));
    rig.control.expose(body(3, 50));
    let reading = rig.read(&signals).await.unwrap();
    let exposed = |exposure: f64, events: f64| Exposed { exposure, events };
    let both = Arms { canary: exposed(30.0, 2.0), control: exposed(50.0, 3.0) };
    assert_eq!(reading.samples[0], Some(Sample::Exposed(both)));
}
