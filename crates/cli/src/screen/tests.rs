//! The screen at 80 by 24, key by key.

use ratatui::{
    Terminal,
    backend::TestBackend,
    crossterm::event::{KeyCode, KeyEvent},
};

use super::{
    draw::draw,
    keys::Reaction,
    view::{Action, Link, Question, View},
};
use crate::render::{Look, samples};

fn press(view: &mut View, code: KeyCode) -> Reaction {
    view.key(KeyEvent::from(code))
}

fn typed(view: &mut View, text: &str) {
    for letter in text.chars() {
        press(view, KeyCode::Char(letter));
    }
}

fn drawn(view: &View) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(frame, view)).unwrap();
    let buffer = terminal.backend().buffer();
    let lines =
        (0..24).map(|y| (0..80).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn watching(sample: ripcord_engine::Status) -> View {
    let mut view = View::new(Look::plain());
    view.took(sample);
    view
}

#[test]
fn a_baking_release() {
    let mut view = watching(samples::baking());
    for second in 1..30_u32 {
        let mut next = samples::baking();
        next.now = next.now.plus(ripcord_model::Duration::from_secs(u64::from(second)));
        next.signals[0].canary = (second % 7 != 0).then(|| f64::from(second % 5) / 100.0);
        view.took(next);
    }
    insta::assert_snapshot!(drawn(&view), @r#"
    exam-submit-v2 · v2 of exams · last good v1                         14:03:50 UTC

    ▲ Baking at 10 %: 12 min of 2 h

       1 % ████████████████████████  done · 0 requests
      10 % ██░░░░░░░░░░░░░░░░░░░░░░  12 min of 2 h · 14,210 requests
      50 % ░░░░░░░░░░░░░░░░░░░░░░░░
     100 % ░░░░░░░░░░░░░░░░░░░░░░░░

    signal                 v2        v1  v2                   state
    submit-errors         4 %     0.9 %  ▁▃▅▆ ▁▃▅▆█▁ ▅▆█▁▃▅ █ ok
    latency-p99         0.271     0.262  ████████████████████ ok

    waiting  stage 2 has lasted 12 min of 2 h; goes on in 1 h 48 min when the
             signals stay within their limits
    next     ripcord hold exam-submit-v2 --why "…"







    h hold · r go back · q quit (the release goes on)
    "#);
}

#[test]
fn a_release_that_goes_back() {
    insta::assert_snapshot!(drawn(&watching(samples::rolling_back())), @r"
    exam-submit-v2 · v2 of exams · last good v1                         14:03:21 UTC

    ◀ Going back to v1: traffic is off v2, verifying recovery (step 3 of 3, 22 s of
    60 s)
       1 % ████████████████████████  done · 0 requests
      10 % ██░░░░░░░░░░░░░░░░░░░░░░  12 min of 2 h · 14,210 requests
      50 % ░░░░░░░░░░░░░░░░░░░░░░░░
     100 % ░░░░░░░░░░░░░░░░░░░░░░░░

    signal                 v2        v1  v2                   state
    submit-errors       3.1 %     0.9 %  █                    rollback above 5% for…

    why      submit-errors 3.1 % on v2 against 0.9 % on v1 (41 of 1,322 against 402
             of 44,700)
             by accident: under 1 in 12,000; you accepted 1 in 1,000
    clock    14:02:10 harm began +0 s
             14:02:58 noticed +48 s
             14:02:58 decided +48 s
             14:02:58 first action +48 s
             14:02:59 bleeding stopped +49 s
    waiting  recovery has been seen for 22 s of 60 s; rolled back in 38 s when the
             signals stay within their limits

    h hold · r go back · q quit (the release goes on)
    ");
}

#[test]
fn a_lost_connection_keeps_the_last_state_and_says_since_when() {
    let mut view = watching(samples::baking());
    view.lost(samples::ago(65), "connection refused");
    view.lost(samples::now(), "still refused");
    let text = drawn(&view);
    assert!(text.contains("no connection since 14:02:16"), "the first loss counts:\n{text}");
    assert!(text.contains("Baking at 10 %"), "the last state stays:\n{text}");
    assert!(text.contains("may be stale: connection refused"), "{text}");
    view.took(samples::baking());
    assert_eq!(view.link, Link::Live);
}

#[test]
fn going_back_asks_why_and_then_once_more() {
    let mut view = watching(samples::baking());
    press(&mut view, KeyCode::Char('r'));
    assert_eq!(press(&mut view, KeyCode::Enter), Reaction::Redraw, "an empty reason sends nothing");
    typed(&mut view, "teachers callx");
    press(&mut view, KeyCode::Backspace);
    assert!(drawn(&view).contains("Why go back? teachers call▏"), "{}", drawn(&view));
    assert_eq!(press(&mut view, KeyCode::Enter), Reaction::Redraw);
    assert!(drawn(&view).contains("Go back to v1 now?"), "{}", drawn(&view));
    assert_eq!(press(&mut view, KeyCode::Char('x')), Reaction::Redraw, "only y sends");
    let sent = press(&mut view, KeyCode::Char('y'));
    assert_eq!(sent, Reaction::Send { action: Action::Rollback, why: "teachers call".to_owned() });
    assert_eq!(view.question, Question::None);
}

#[test]
fn no_means_no() {
    let mut view = watching(samples::baking());
    press(&mut view, KeyCode::Char('r'));
    typed(&mut view, "q");
    press(&mut view, KeyCode::Enter);
    assert_eq!(press(&mut view, KeyCode::Char('n')), Reaction::Redraw);
    assert_eq!(view.question, Question::None);
}

#[test]
fn a_hold_needs_a_reason_and_no_second_question() {
    let mut view = watching(samples::baking());
    press(&mut view, KeyCode::Char('h'));
    typed(&mut view, "lunch");
    let sent = press(&mut view, KeyCode::Enter);
    assert_eq!(sent, Reaction::Send { action: Action::Hold, why: "lunch".to_owned() });
}

#[test]
fn nothing_can_be_done_to_a_release_that_is_over() {
    let mut view = watching(samples::complete());
    press(&mut view, KeyCode::Char('r'));
    assert_eq!(view.question, Question::None);
    assert!(drawn(&view).contains("it cannot go back any more"), "{}", drawn(&view));
    assert_eq!(press(&mut view, KeyCode::Char('q')), Reaction::Quit);
}
