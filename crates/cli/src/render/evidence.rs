//! A stream of evidence as people read it: a row per block as it comes, and the answer in words at the end.

use ripcord_engine::VerdictKind;

use super::{
    Look, Tone,
    layout::{WIDTH, wrap},
    words,
};
use crate::commands::evidence::{Answer, Arm, Setting, TestName};

/// The line above all rows, and what is looked for.
pub fn heading(setting: &Setting, look: &Look) -> String {
    let finish = format!("fires at ln e = {:.4} (alpha {})", setting.threshold, setting.alpha);
    let header = format!(
        "{:>7}  {:>18}  {:>18}  {:>9}  {:>9}  verdict",
        "block",
        "canary",
        "control",
        estimate_name(setting.test),
        "ln e"
    );
    format!("{}\n{}\n", look.paint(Tone::Quiet, &finish), look.paint(Tone::Quiet, &header))
}

/// One block.
pub fn row(setting: &Setting, answer: &Answer, look: &Look) -> String {
    let arm = |arm: Option<Arm>| {
        arm.map_or_else(String::new, |arm| format!("{} of {}", amount(arm.bad), amount(arm.n)))
    };
    let estimate =
        answer.estimate.map_or_else(|| "-".to_owned(), |value| shown_estimate(setting.test, value));
    let verdict = look.paint(tone(answer.verdict), name(answer.verdict));
    let ignored = if answer.ignored { "  (ignored: seen before)" } else { "" };
    format!(
        "{:>7}  {:>18}  {:>18}  {estimate:>9}  {:>9.4}  {verdict}{ignored}\n",
        answer.seq,
        arm(answer.canary),
        arm(answer.control),
        answer.log_e
    )
}

/// The answer in words.
pub fn words(setting: &Setting, last: Option<&Answer>, unusable: u64, look: &Look) -> String {
    let mut text = String::from("\n");
    let (tone, answer) = match last {
        None => (Tone::Warning, "No block could be used, so there is no answer.".to_owned()),
        Some(answer) => (tone(answer.verdict), sentence(setting, answer)),
    };
    // A number and its unit stay together.
    for line in wrap(&answer.replace(" %", "\u{a0}%"), WIDTH) {
        text.push_str(&look.paint(tone, &line.replace('\u{a0}', " ")));
        text.push('\n');
    }
    if unusable > 0 {
        let lines = words::counted(unusable, "line");
        let words = format!("{lines} could not be used and counted for nothing.");
        text.push_str(&look.paint(Tone::Warning, &words));
        text.push('\n');
    }
    text
}

fn sentence(setting: &Setting, answer: &Answer) -> String {
    let block = format!("after block {}", answer.seq);
    let since = answer.since.unwrap_or(answer.seq);
    let by_chance = words::one_in(answer.log_e.max(0.0));
    let verdict = match answer.verdict {
        VerdictKind::Rollback => {
            format!("Roll back: the evidence of harm reached its finish line at block {since}")
        }
        VerdictKind::Contain => {
            format!("Contain: the evidence of harm reached the lower bar at block {since}")
        }
        VerdictKind::Blind => format!("Blind: the last block says nothing, {block}"),
        VerdictKind::Advance => format!("Safe to advance as far as this test sees, {block}"),
        VerdictKind::Hold => format!("Hold: neither harm nor safety is shown {block}"),
    };
    let effect = match (setting.test, answer.estimate) {
        (_, None) => String::new(),
        (TestName::Absolute, Some(rate)) => format!(" The canary's rate is {}.", words::value(rate, true)),
        (TestName::SignFlip, Some(mean)) => format!(" The mean difference is {}.", words::value(mean, false)),
        (TestName::RateRatio | TestName::Poisson | TestName::TwoSample, Some(ratio)) => {
            let (canary, control) = (rate(answer.canary), rate(answer.control));
            format!(
                " The canary's rate is {canary} against {control}, {} times the control's.",
                words::value(ratio, false)
            )
        }
    };
    let chance = if answer.log_e > 0.0 {
        format!(
            " Evidence this strong arises by chance at most once in {}.",
            by_chance.trim_start_matches("1 in ")
        )
    } else {
        String::new()
    };
    format!("{verdict}.{effect}{interval}{chance}", interval = interval(setting, answer))
}

fn interval(setting: &Setting, answer: &Answer) -> String {
    let is_share = setting.test == TestName::Absolute;
    let shown = |value: f64| words::value(value, is_share);
    match answer.interval {
        Some((Some(low), Some(high))) => {
            format!(" With 95 % it lies between {} and {}.", shown(low), shown(high))
        }
        Some((Some(low), None)) => format!(" With 95 % it is at least {}.", shown(low)),
        Some((None, Some(high))) => format!(" With 95 % it is at most {}.", shown(high)),
        Some((None, None)) | None => String::new(),
    }
}

fn rate(arm: Option<Arm>) -> String {
    arm.and_then(|arm| arm.rate).map_or_else(|| "unknown".to_owned(), |rate| words::value(rate, true))
}

fn amount(amount: f64) -> String {
    if amount.fract() == 0.0 && amount < 1e15 {
        words::thousands(amount as u64)
    } else {
        format!("{amount:.2}")
    }
}

fn estimate_name(test: TestName) -> &'static str {
    match test {
        TestName::RateRatio | TestName::Poisson | TestName::TwoSample => "ratio",
        TestName::Absolute => "rate",
        TestName::SignFlip => "mean",
    }
}

fn shown_estimate(test: TestName, value: f64) -> String {
    words::value(value, test == TestName::Absolute)
}

fn name(verdict: VerdictKind) -> &'static str {
    match verdict {
        VerdictKind::Advance => "advance",
        VerdictKind::Hold => "hold",
        VerdictKind::Contain => "contain",
        VerdictKind::Rollback => "rollback",
        VerdictKind::Blind => "blind",
    }
}

fn tone(verdict: VerdictKind) -> Tone {
    match verdict {
        VerdictKind::Advance => Tone::Good,
        VerdictKind::Hold => Tone::Calm,
        VerdictKind::Contain | VerdictKind::Blind => Tone::Warning,
        VerdictKind::Rollback => Tone::Bad,
    }
}
