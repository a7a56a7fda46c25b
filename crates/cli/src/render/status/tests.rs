//! What people read, phase by phase.

use super::{super::samples, *};

fn shown(sample: &Status) -> String {
    let text = status(sample, &Look::plain());
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "80 columns suffice:\n{text}");
    text
}

#[test]
fn baking() {
    insta::assert_snapshot!(shown(&samples::baking()), @r#"
    Baking at 10 %: 12 min of 2 h

      stages     1 % done · 10 % baking 12 min of 2 h, 14,210 requests · 50 %
                 100 %
      signals    submit-errors        0.91 % on v2,    0.9 % on v1   within limits
                 latency-p99           0.271 on v2,    0.262 on v1   within limits
      waiting    stage 2 has lasted 12 min of 2 h; goes on in 1 h 48 min when the
                 signals stay within their limits
      next       ripcord hold exam-submit-v2 --why "…"
    "#);
}

#[test]
fn held() {
    insta::assert_snapshot!(shown(&samples::held()), @r#"
    Held at 10 % since 3 min: waiting for the support team

      stages     1 % done · 10 % baking 12 min of 2 h, 14,210 requests · 50 %
                 100 %
      signals    submit-errors        0.91 % on v2,    0.9 % on v1   within limits
                 latency-p99           0.271 on v2,    0.262 on v1   within limits
      waiting    maya: waiting for the support team; goes on when a person promotes
                 it
      next       ripcord promote exam-submit-v2 --why "…"
    "#);
}

#[test]
fn blind() {
    insta::assert_snapshot!(shown(&samples::blind()), @r#"
    Held at 10 %: blind on submit-errors since 2 min 10 s

      stages     1 % done · 10 % baking 12 min of 2 h, 14,210 requests · 50 %
                 100 %
      signals    submit-errors             – on v2,        – on v1   blind
                 last data 2 min 10 s ago
                 latency-p99           0.271 on v2,    0.262 on v1   within limits
      waiting    no data from submit-errors; goes on when data comes back; goes back
                 in 2 min 50 s if it does not
      next       ripcord hold exam-submit-v2 --why "…"
    "#);
}

#[test]
fn contained() {
    insta::assert_snapshot!(shown(&samples::contained()), @r#"
    Contained: no traffic on v2, which still runs; a person decides

      why        ran: three teachers called
      clock      harm began 14:02:10 UTC · noticed +48 s · decided +48 s
                 first action +48 s · bleeding stopped +49 s · now +1 min 11 s
      waiting    the bleeding has stopped; a person promotes it or takes it back
      next       ripcord rollback exam-submit-v2 --why "…"
                 ripcord promote exam-submit-v2 --why "…"
    "#);
}

#[test]
fn rolling_back() {
    insta::assert_snapshot!(shown(&samples::rolling_back()), @r"
    Going back to v1: traffic is off v2, verifying recovery (step 3 of 3, 22 s of 60
    s)

      why        submit-errors 3.1 % on v2 against 0.9 % on v1 (41 of 1,322 against
                 402 of 44,700)
                 chance of so strong a sign by accident: under 1 in 12,000; you
                 accepted 1 in 1,000
      clock      harm began 14:02:10 UTC · noticed +48 s · decided +48 s
                 first action +48 s · bleeding stopped +49 s · now +1 min 11 s
      way back   traffic                deploy     done            1 s of 10 s
                 withdraw               deploy     done            1 s of 30 s
                 recovery               deploy     running         22 s of 1 min
      signals    submit-errors         3.1 % on v2,    0.9 % on v1   beyond limits
                 rollback: above 5% for 5m, violated for 48 s
      waiting    recovery has been seen for 22 s of 60 s; rolled back in 38 s when
                 the signals stay within their limits
      next       nothing to do
    ");
}

#[test]
fn rolled_back() {
    insta::assert_snapshot!(shown(&samples::rolled_back()), @r"
    Rolled back to v1, recovery verified

      why        submit-errors 3.1 % on v2 against 0.9 % on v1 (41 of 1,322 against
                 402 of 44,700)
                 chance of so strong a sign by accident: under 1 in 12,000; you
                 accepted 1 in 1,000
      clock      harm began 14:02:10 UTC · noticed +48 s · decided +48 s
                 first action +48 s · bleeding stopped +49 s
                 recovery verified +1 min 11 s · all clear +1 min 11 s
      way back   traffic                deploy     done            1 s of 10 s
                 withdraw               deploy     done            1 s of 30 s
                 recovery               deploy     done            1 s of 1 min
      next       nothing to do
    ");
}

#[test]
fn stuck() {
    insta::assert_snapshot!(shown(&samples::stuck()), @r#"
    Stuck: step withdraw failed; a person is needed now

      why        submit-errors 3.1 % on v2 against 0.9 % on v1 (41 of 1,322 against
                 402 of 44,700)
                 chance of so strong a sign by accident: under 1 in 12,000; you
                 accepted 1 in 1,000
      clock      harm began 14:02:10 UTC · noticed +48 s · decided +48 s
                 first action +48 s · bleeding stopped +49 s · now +1 min 11 s
      way back   traffic                deploy     done            1 s of 10 s
                 withdraw               deploy     FAILED          1 s of 30 s
                 recovery               deploy     waiting         may take 1 min
      signals    submit-errors         3.1 % on v2,    0.9 % on v1   beyond limits
                 rollback: above 5% for 5m, violated for 48 s
      waiting    process 4711 does not stop: operation not permitted; goes on when a
                 person says how
      next       ripcord rollback exam-submit-v2 --why "…"
    "#);
}

#[test]
fn complete() {
    insta::assert_snapshot!(shown(&samples::complete()), @r"
    Complete: v2 has all traffic and is the last good version

      next       nothing to do
    ");
}

#[test]
fn colour_marks_the_answer_and_changes_no_word() {
    let colour = Look { colour: true, ..Look::plain() };
    let text = status(&samples::stuck(), &colour);
    assert!(text.starts_with("\u{1b}[30;43mStuck"), "{text}");
}
