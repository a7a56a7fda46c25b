//! The five frames: each one sentence, one number, and what is missing. The present one is lit.

use ripcord_engine::{BackStepState, CheckStatus, PhaseName, StageState, Status};
use ripcord_model::{Duration, blueprint::Blueprint};

use super::{super::gate, Rehearsed};
use crate::{
    look::{Mark, State},
    words,
};

/// One frame.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) mark: Mark,
    pub(super) lit: bool,
    pub(super) sentence: String,
    pub(super) figure: String,
    pub(super) caption: String,
    pub(super) missing: String,
}

impl Frame {
    fn new(id: &'static str, title: &'static str, mark: Mark) -> Self {
        Self {
            id,
            title,
            mark,
            lit: false,
            sentence: String::new(),
            figure: String::new(),
            caption: String::new(),
            missing: String::new(),
        }
    }
}

const DONE: Mark = Mark { state: State::Complete, word: "done" };
const AHEAD: Mark = Mark { state: State::Waiting, word: "ahead" };

/// Which frame a release is in.
fn present(status: &Status) -> usize {
    match status.phase {
        PhaseName::Planned | PhaseName::Cancelled => 0,
        PhaseName::Staging | PhaseName::Gating => 1,
        PhaseName::Releasing => 2,
        PhaseName::Verifying | PhaseName::Complete => 3,
        PhaseName::Contained | PhaseName::RollingBack | PhaseName::RolledBack | PhaseName::Stuck => 4,
    }
}

/// All five.
pub(super) fn frames(status: &Status, blueprint: &Blueprint, rehearsed: &Rehearsed) -> Vec<Frame> {
    let present = present(status);
    let mark = |index: usize| match index.cmp(&present) {
        std::cmp::Ordering::Less => passed(index, status),
        std::cmp::Ordering::Equal => Mark::of(status),
        std::cmp::Ordering::Greater => AHEAD,
    };
    let mut frames = vec![
        plan(mark(0), blueprint, rehearsed),
        stage(mark(1), status, blueprint),
        release(mark(2), status),
        verify(mark(3), status),
        rollback(mark(4), status, blueprint, rehearsed),
    ];
    frames[present].lit = true;
    frames
}

/// A frame that the release went through, or never reached because it went back before.
fn passed(index: usize, status: &Status) -> Mark {
    let never_reached = match index {
        2 => status.stages.iter().all(|stage| stage.baking_since.is_none()),
        3 => status.stages.last().is_none_or(|stage| stage.baking_since.is_none()),
        _ => false,
    };
    if never_reached {
        Mark { state: State::Waiting, word: "not reached" }
    } else if index >= 2 && present(status) == 4 {
        Mark { state: State::Restored, word: "left" }
    } else {
        DONE
    }
}

fn plan(mark: Mark, blueprint: &Blueprint, rehearsed: &Rehearsed) -> Frame {
    let changes = blueprint.changes.len() as u64;
    Frame {
        sentence: format!(
            "{}; its way back is of level {}",
            words::counted(changes, "change"),
            blueprint.way_back.level
        ),
        figure: words::counted(blueprint.way_back.steps.len() as u64, "step"),
        caption: format!("back in {} at most", blueprint.way_back.budget.human()),
        missing: if rehearsed.counts { String::new() } else { rehearsed.says.clone() },
        ..Frame::new("plan", "Plan", mark)
    }
}

fn stage(mark: Mark, status: &Status, blueprint: &Blueprint) -> Frame {
    let passed = status.gate.iter().filter(|check| check.status.opens()).count();
    let (figure, caption) = if status.gate.is_empty() {
        ("–".to_owned(), "the gate has not been asked".to_owned())
    } else {
        (format!("{passed} of {}", status.gate.len()), "checks let it out".to_owned())
    };
    let place = if blueprint.staging.is_some() { "Tried in staging" } else { "There is no staging" };
    let sentence = if status.gate.is_empty() { place.to_owned() } else { gate::answer(&status.gate) };
    let missing: Vec<&str> = status
        .gate
        .iter()
        .filter(|check| match check.status {
            CheckStatus::Fail | CheckStatus::Unknown => true,
            CheckStatus::Pass | CheckStatus::Overridden => false,
        })
        .map(|check| check.check.as_str())
        .collect();
    Frame { sentence, figure, caption, missing: missing.join(", "), ..Frame::new("stage", "Stage", mark) }
}

fn release(mark: Mark, status: &Status) -> Frame {
    let total = status.stages.len();
    let current = status.stages.iter().position(|stage| match stage.state {
        StageState::Applying | StageState::Baking | StageState::Ready => true,
        StageState::Waiting | StageState::Done => false,
    });
    let reached = status.stages.iter().filter(|stage| stage.baking_since.is_some()).count();
    let sentence = match current {
        Some(index) => {
            format!("Stage {} of {total} at {}", index + 1, words::share(status.stages[index].share))
        }
        None if reached == 0 => format!("{total} stages, the first at {}", first_share(status)),
        None => format!("{reached} of {total} stages reached"),
    };
    let caption = current.map_or_else(
        || "of traffic on the new version".to_owned(),
        |index| {
            let stage = &status.stages[index];
            let (elapsed, dwell) = (Duration::from_ms(stage.elapsed_ms), Duration::from_ms(stage.dwell_ms));
            format!("of traffic, {} of {}", elapsed.human(), dwell.human())
        },
    );
    let missing = current.map_or_else(String::new, |index| {
        let stage = &status.stages[index];
        let left = stage.min_requests.saturating_sub(stage.requests);
        if left == 0 {
            String::new()
        } else {
            format!("{} still to be seen", words::counted(left, "request"))
        }
    });
    Frame {
        sentence,
        figure: words::share(status.share),
        caption,
        missing,
        ..Frame::new("release", "Release", mark)
    }
}

fn first_share(status: &Status) -> String {
    status.stages.first().map_or_else(|| "–".to_owned(), |stage| words::share(stage.share))
}

fn verify(mark: Mark, status: &Status) -> Frame {
    let Some(last) = status.stages.last() else { return Frame::new("verify", "Verify", mark) };
    let dwell = Duration::from_ms(last.dwell_ms).human();
    let (sentence, figure) = match status.phase {
        PhaseName::Verifying => (
            "All traffic is on it; last good is kept warm".to_owned(),
            Duration::from_ms(last.elapsed_ms).human(),
        ),
        PhaseName::Complete => ("Validated and declared complete".to_owned(), dwell.clone()),
        PhaseName::Planned
        | PhaseName::Staging
        | PhaseName::Gating
        | PhaseName::Releasing
        | PhaseName::Cancelled
        | PhaseName::Contained
        | PhaseName::RollingBack
        | PhaseName::RolledBack
        | PhaseName::Stuck => ("A named person declares it complete".to_owned(), "–".to_owned()),
    };
    Frame {
        sentence,
        figure,
        caption: format!("of {dwell} validation"),
        ..Frame::new("verify", "Verify", mark)
    }
}

fn rollback(mark: Mark, status: &Status, blueprint: &Blueprint, rehearsed: &Rehearsed) -> Frame {
    let done = status.back.iter().filter(|step| step.state == BackStepState::Done).count();
    let (sentence, figure, caption) = if status.back.is_empty() {
        let figure = status.confirmed.as_ref().map_or_else(|| "–".to_owned(), |one| one.took.human());
        let caption = match &status.confirmed {
            Some(one) => format!("confirmed on {}, budget {}", one.at.day_and_month(), one.budget.human()),
            None => format!("nobody knows; budget {}", blueprint.way_back.budget.human()),
        };
        ("The way back stands open until it is complete".to_owned(), figure, caption)
    } else {
        let took = words::clock_points(&status.clock);
        let decided = status.clock.decided.or(took.first().map(|(_, at)| *at));
        let until = status.clock.all_clear.unwrap_or(status.now);
        let figure = decided.map_or_else(|| "–".to_owned(), |from| until.since(from).human());
        let caption = match &status.confirmed {
            Some(one) => format!("since the decision; confirmed {}", one.took.human()),
            None => "since the decision; never rehearsed".to_owned(),
        };
        (format!("{done} of {} done", words::counted(status.back.len() as u64, "step")), figure, caption)
    };
    let missing =
        if status.back.is_empty() && !rehearsed.counts { rehearsed.says.clone() } else { String::new() };
    let approval: Vec<String> = status
        .back
        .iter()
        .filter(|step| step.state == BackStepState::Approval)
        .map(|step| format!("{} needs approval", step.id))
        .collect();
    let missing = if approval.is_empty() { missing } else { approval.join(", ") };
    Frame { sentence, figure, caption, missing, ..Frame::new("rollback", "Rollback", mark) }
}
