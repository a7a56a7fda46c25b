//! What people see and are asked while a runbook runs: on a terminal a line with a bar for the step under way and the
//! finished steps above it, elsewhere one plain line per event.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use ripcord_model::{Actor, Duration};
use ripcord_runner::{
    Event,
    console::{Accepts, Console, Question, Typed},
};
use tokio::{task::AbortHandle, time};

use super::keyboard::Keyboard;
use crate::{
    output,
    render::{Look, layout::cut, run},
    surroundings,
};

/// How often the bar is moved.
const TICK: std::time::Duration = std::time::Duration::from_millis(100);

/// The terminal of whoever runs a runbook, or what stands for one.
pub(super) struct Terminal {
    look: Look,
    silent: bool,
    by: Option<Actor>,
    keyboard: Keyboard,
    bar: ProgressBar,
    ticking: Arc<Mutex<Option<AbortHandle>>>,
}

impl Terminal {
    /// `silent` where machines read the answer: then nobody is told and nobody asked.
    pub(super) fn new(look: &Look, silent: bool, by: Actor) -> Self {
        let asks = !silent && surroundings::can_ask();
        Self {
            look: look.clone(),
            silent,
            by: asks.then_some(by),
            keyboard: Keyboard::new(),
            bar: bar(!silent && surroundings::is_terminal()),
            ticking: Arc::default(),
        }
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| output::raw(text));
    }

    /// Shows the step under way with its bar, until [`Terminal::rest`].
    fn show(&self, label: String, budget: Duration) {
        self.rest();
        self.bar.set_length(budget.as_ms().max(1));
        self.bar.set_prefix(cut(&label, 34));
        self.bar.reset();
        let bar = self.bar.clone();
        let ticking = tokio::spawn(async move {
            loop {
                let elapsed = u64::try_from(bar.elapsed().as_millis()).unwrap_or(u64::MAX);
                bar.set_position(elapsed.min(bar.length().unwrap_or(u64::MAX)));
                bar.tick();
                time::sleep(TICK).await;
            }
        });
        *self.ticking.lock().unwrap_or_else(PoisonError::into_inner) = Some(ticking.abort_handle());
    }

    /// Nothing is under way.
    fn rest(&self) {
        let ticking = self.ticking.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(ticking) = ticking {
            ticking.abort();
        }
        self.bar.set_message("");
        self.bar.finish_and_clear();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.rest();
    }
}

#[async_trait]
impl Console for Terminal {
    fn tell(&self, event: &Event) {
        if self.silent {
            return;
        }
        let is_live = !self.bar.is_hidden();
        match event {
            // A question is shown by itself, and a bar would be in its way.
            Event::StepBegan { kind: "manual", .. } if is_live => {}
            Event::StepBegan { step, number, of, kind, budget, .. } if is_live => {
                self.show(format!("{number}/{of} {step} ({kind})"), *budget);
            }
            Event::Line { text, .. } | Event::Again { why: text, .. } if is_live => {
                self.bar.set_message(text.clone());
            }
            Event::StepEnded { .. } | Event::Skipped { .. } => {
                self.rest();
                self.say(&run::event(event, &self.look));
            }
            Event::Began { .. }
            | Event::StepBegan { .. }
            | Event::Line { .. }
            | Event::Again { .. }
            | Event::Message { .. }
            | Event::NeedsApproval { .. }
            | Event::Note { .. } => self.say(&run::event(event, &self.look)),
        }
    }

    fn who_answers(&self) -> Option<Actor> {
        self.by.clone()
    }

    async fn ask(&self, question: &Question) -> Typed {
        self.rest();
        output::error(&run::question(question, &self.look));
        match self.keyboard.line().await {
            Some(line) => Typed::Line(line),
            None => Typed::Closed,
        }
    }
}

fn bar(is_live: bool) -> ProgressBar {
    let target = if is_live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let time = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let human = |ms: u64| Duration::from_ms(ms / 1_000 * 1_000).human().replace("0 ms", "0 s");
        let elapsed = u64::try_from(state.elapsed().as_millis()).unwrap_or(u64::MAX);
        let _full = write!(out, "{} of {}", human(elapsed), human(state.len().unwrap_or_default()));
    };
    let style = ProgressStyle::with_template("{prefix:<34} {bar:18} {time}\n  {wide_msg}")
        .expect("the template is constant")
        .with_key("time", time);
    let bar = ProgressBar::with_draw_target(Some(1), target);
    bar.set_style(style.progress_chars("█▓░"));
    bar
}

/// What may be typed, for people.
pub(crate) fn expected(accepts: &Accepts) -> String {
    match accepts {
        Accepts::Words(words) => format!("type {words} to go on, or no"),
        Accepts::Decision => {
            "type again (do it again), done (it has been done), skip, or stop (give the run up)".to_owned()
        }
        Accepts::Reason => "type one line".to_owned(),
    }
}
