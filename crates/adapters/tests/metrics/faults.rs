//! Faults of what instances say, each with its outcome. More stand beside the code they concern: resets, renamed labels,
//! answers in disorder (`counters`), arms that wait (`pending`), changed buckets (`histograms`), instances that come and
//! go (`instances`), servers that err (`scrape`, `prometheus_faults`).

use ripcord_engine::{Arms, Sample};
use ripcord_model::{
    Duration, Timestamp,
    blueprint::{Measure, Signal},
};

use crate::{
    exposer::Exposer,
    rig::{Rig, counts, ratio, scraping, sides, signal},
};

fn text(ok: u64, error: u64) -> String {
    format!("submit_total{{outcome=\"ok\"}} {ok}\nsubmit_total{{outcome=\"error\"}} {error}\n")
}

fn success() -> Signal {
    let (good, all) = ("submit_total{outcome=\"ok\"}".to_owned(), "submit_total".to_owned());
    signal("success", Measure::Success { good, all })
}

async fn exposing(text: &str) -> Rig {
    let rig = scraping().await;
    rig.canary.expose(text);
    rig.control.expose(text);
    rig
}

#[tokio::test]
async fn nothing_happened_is_said_as_nothing() {
    let mut rig = exposing(&text(10, 1)).await;
    rig.one(&ratio()).await;
    rig.control.expose(text(20, 1));
    assert_eq!(
        rig.one(&ratio()).await.0,
        Some(Sample::Counts(counts((0, 0), (10, 0)))),
        "none on the canary"
    );
    rig.canary.expose(text(20, 2));
    assert_eq!(
        rig.one(&ratio()).await.0,
        Some(Sample::Counts(counts((11, 1), (0, 0)))),
        "none on the control"
    );
}

#[tokio::test]
async fn ten_times_more_bad_than_all_is_all_of_them_and_said() {
    let odd = signal("odd", Measure::Ratio { bad: "bad_total".into(), all: "all_total".into() });
    let mut rig = exposing("bad_total 0\nall_total 0\n").await;
    rig.one(&odd).await;
    rig.canary.expose("bad_total 400\nall_total 40\n");
    let (sample, _, troubles) = rig.one(&odd).await;
    assert_eq!(sample, Some(Sample::Counts(counts((40, 40), (0, 0)))));
    assert!(troubles[0].contains("400 bad events among 40 on the canary: counted as 40"), "{troubles:?}");

    let odd = signal("odd", Measure::Success { good: "bad_total".into(), all: "all_total".into() });
    rig.control.expose("bad_total 400\nall_total 40\n");
    let (sample, _, troubles) = rig.one(&odd).await;
    assert_eq!(sample, Some(Sample::Counts(counts((0, 0), (40, 0)))), "more good than all is none bad");
    assert!(troubles[0].contains("400 good events among 40 on the control"), "{troubles:?}");
}

#[tokio::test]
async fn success_that_nobody_has_ever_shown_is_silence_and_afterwards_its_absence_is_failure() {
    let only_errors = |errors: u64| format!("submit_total{{outcome=\"error\"}} {errors}\n");
    let mut rig = exposing(&only_errors(5)).await;
    rig.one(&success()).await;
    rig.canary.expose(only_errors(25));
    let (sample, _, troubles) = rig.one(&success()).await;
    assert_eq!(sample, None, "a mistaken selector must not send a release back");
    assert!(
        troubles[0].contains("neither side has ever shown a series `submit_total{outcome=\"ok\"}`"),
        "{troubles:?}"
    );

    rig.control.expose(text(40, 5));
    let (sample, _, troubles) = rig.one(&success()).await;
    assert_eq!(sample, Some(Sample::Counts(counts((0, 0), (40, 0)))));
    let expected =
        "signal success: canary v2 has no series `submit_total{outcome=\"ok\"}`; counted as no good events";
    assert_eq!(troubles, [expected]);
    rig.canary.expose(only_errors(32));
    assert_eq!(rig.one(&success()).await.0, Some(Sample::Counts(counts((7, 7), (0, 0)))));
}

#[tokio::test]
async fn good_events_under_new_labels_are_not_taken_for_failures() {
    let body = |label: &str, good: u64, all: u64| format!("good_total{{{label}}} {good}\nall_total {all}\n");
    let success = signal("success", Measure::Success { good: "good_total".into(), all: "all_total".into() });
    let mut rig = exposing(&body("zone=\"a\"", 1_000, 1_000)).await;
    rig.one(&success).await;
    rig.canary.expose(body("zone=\"b\"", 1_100, 1_100));
    rig.control.expose(body("zone=\"a\"", 1_010, 1_010));
    assert_eq!(rig.one(&success).await.0, None, "how many of the hundred were good is not known");
    rig.canary.expose(body("zone=\"b\"", 1_119, 1_120));
    rig.control.expose(body("zone=\"a\"", 1_020, 1_020));
    let (sample, _, _) = rig.one(&success).await;
    assert_eq!(sample, Some(Sample::Counts(counts((20, 1), (20, 0)))), "and from then on it is");
}

#[tokio::test]
async fn gauges_leave_out_what_is_no_number() {
    let lag = signal("lag", Measure::Gauge { gauge: "lag".into() });
    let mut rig = exposing("lag{queue=\"a\"} 4\nlag{queue=\"b\"} NaN\nlag{queue=\"c\"} +Inf\n").await;
    rig.control.expose("lag -Inf\n");
    let alone = Sample::Values(Arms { canary: Some(4.0), control: None });
    assert_eq!(rig.one(&lag).await.0, Some(alone));
    rig.canary.expose("lag NaN\n");
    assert_eq!(rig.one(&lag).await.0, None);
}

#[tokio::test]
async fn an_answer_that_came_from_a_cache_counts_once() {
    let stamped = |ok: u64, at_ms: u64| format!("submit_total{{outcome=\"ok\"}} {ok} {at_ms}\n");
    let mut rig = exposing(&stamped(100, 1_000)).await;
    rig.one(&ratio()).await;
    rig.canary.expose(stamped(110, 2_000));
    rig.control.expose(stamped(150, 2_000));
    assert_eq!(rig.one(&ratio()).await.0, Some(Sample::Counts(counts((10, 0), (50, 0)))));
    assert_eq!(rig.one(&ratio()).await.0, None, "the same answer twice is no news");
    rig.canary.expose(stamped(105, 1_500));
    rig.control.expose(stamped(155, 3_000));
    assert_eq!(rig.one(&ratio()).await.0, None, "an older answer after a newer one is no reset");
    rig.canary.expose(stamped(112, 3_000));
    assert_eq!(rig.one(&ratio()).await.0, Some(Sample::Counts(counts((2, 0), (5, 0)))));
}

#[tokio::test]
async fn a_clock_that_is_set_wrong_and_right_again_loses_no_counts_and_hides_no_arm() {
    let mut rig = exposing(&text(0, 0)).await;
    let noon = Timestamp::from_ms(1_800_000_000_000);
    let day = Duration::from_mins(24 * 60);
    rig.metrics.read(noon, &[ratio()], &rig.sides).await.unwrap();
    let instants = [
        noon.minus(day),
        noon.plus(day),
        noon.plus(day),
        noon,
        noon.minus(day),
        noon.plus(Duration::from_secs(5)),
    ];
    let mut canary = 0;
    for (step, at) in (1..).zip(instants) {
        rig.canary.expose(text(step * 10, step));
        rig.control.expose(text(step * 10, 0));
        let reading = rig.metrics.read(at, &[ratio()], &rig.sides).await.unwrap();
        if let Some(Sample::Counts(counts)) = reading.samples[0] {
            canary += counts.canary.n;
        }
        assert!(canary + 11 >= step * 11, "at most one reading is lost to a leap of a day");
    }
    // After the clock fell, a control that is silent still hides nothing.
    rig.control.stop().await;
    rig.canary.expose(text(70, 7));
    let reading = rig.metrics.read(noon.minus(day), &[ratio()], &rig.sides).await.unwrap();
    assert_eq!(reading.samples[0], Some(Sample::Counts(counts((11, 1), (0, 0)))));
}

#[tokio::test]
async fn instances_that_come_and_go_add_what_they_counted_while_they_were_known() {
    let mut rig = exposing(&text(0, 0)).await;
    rig.one(&ratio()).await;
    let second = Exposer::start().await;
    second.expose(text(900, 90));
    rig.sides = sides(&[&rig.canary, &second], &[&rig.control]);
    rig.canary.expose(text(10, 0));
    assert_eq!(rig.one(&ratio()).await.0, Some(Sample::Counts(counts((10, 0), (0, 0)))), "it comes");
    second.expose(text(903, 91));
    assert_eq!(rig.one(&ratio()).await.0, Some(Sample::Counts(counts((4, 1), (0, 0)))));
    rig.sides = sides(&[&rig.canary], &[&rig.control]);
    second.expose(text(950, 99));
    assert_eq!(rig.one(&ratio()).await.0, Some(Sample::Counts(counts((0, 0), (0, 0)))), "it goes");
    rig.sides = sides(&[&rig.canary, &second], &[&rig.control]);
    second.expose(text(2, 1));
    assert_eq!(
        rig.one(&ratio()).await.0,
        Some(Sample::Counts(counts((3, 1), (0, 0)))),
        "restarted at its address"
    );
}
