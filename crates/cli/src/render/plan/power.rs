//! What the stages can notice: a short table per rule, or everything.

use ripcord_model::{Duration, ReleaseName};
use ripcord_power::{
    Bad, Delay, LeadsTo, Power, RegressionPower, RulePower, Safety, Sight, StagePower, Unknown, WhyUnknown,
};

use super::{NumbersInWords, amounts, indented, proposal, warnings};
use crate::render::{
    layout::{Rows, table, unbroken},
    look::{Look, Tone},
    words,
};

/// A chance above this needs no mention, one below the other is none.
const SURE: f64 = 0.95;
const NO_CHANCE: f64 = 0.05;

/// For the screen of the plan: times per stage and size, safety, a proposal.
pub(super) fn short(power: &Power, numbers: &NumbersInWords, look: &Look) -> String {
    let mut text = load(power, numbers, look);
    text.push('\n');
    for rule in &power.rules {
        text.push_str(&format!("  {}\n", look.paint(Tone::Strong, &title(rule))));
        text.push_str(&indented(&times(rule), look));
        text.push_str(&safety(rule, look));
        text.push('\n');
    }
    if !power.rules.is_empty() {
        text.push_str(&legend(power, look));
    }
    text.push_str(&unknown(&power.unknown, look));
    text.push_str(&proposal::proposal(power, look));
    text
}

/// Everything, and nothing else.
pub fn full(release: &ReleaseName, power: &Power, numbers: &NumbersInWords, look: &Look) -> String {
    let title_of_all = format!("{release}: what its stages can notice");
    let mut text = format!("{}\n\n", look.paint(Tone::Strong, &title_of_all));
    text.push_str(&warnings::warnings(&power.warnings, look));
    text.push_str(&load(power, numbers, look));
    text.push('\n');
    for rule in &power.rules {
        text.push_str(&format!("  {}\n", look.paint(Tone::Strong, &title(rule))));
        text.push_str(&indented(&everything(rule), look));
        text.push_str(&safety(rule, look));
        text.push('\n');
    }
    if !power.rules.is_empty() {
        let mut rows = Rows::new(look);
        let read = "a regression begins with the stage. noticed: the chance before the stage is over. mean, 95 %: time \
                    to notice; in brackets where that is longer than the stage lasts. least: what any test with this \
                    error rate needs on average. requests, bad: of the candidate until then. caused: by the regression";
        rows.row("to read", read);
        warming_up(power, &mut rows);
        text.push_str(&rows.finish());
        text.push('\n');
    }
    text.push_str(&unknown(&power.unknown, look));
    text.push_str(&proposal::proposal(power, look));
    text
}

fn load(power: &Power, numbers: &NumbersInWords, look: &Look) -> String {
    let mut rows = Rows::new(look);
    let source = |given: bool| if given { " (given)" } else { "" };
    let mut parts = vec![format!(
        "{}{}",
        amounts::per_second(power.load.requests_per_second),
        source(numbers.traffic_given)
    )];
    let mut named = Vec::new();
    for rule in power.rules.iter().filter(|rule| rule.bad != Bad::SlowAnswers) {
        if !named.contains(&&rule.signal) {
            named.push(&rule.signal);
            parts.push(format!(
                "{} {}{}",
                rule.signal,
                usual(rule),
                source(numbers.given.contains(&rule.signal))
            ));
        }
    }
    rows.row("power", &format!("at {}", parts.join(" · ")));
    if let Some(how) = &numbers.how {
        rows.row("power", how);
    }
    for note in &numbers.notes {
        rows.painted("power", note, Some(Tone::Warning));
    }
    rows.finish()
}

/// How often a signal is bad while nothing is wrong.
fn usual(rule: &RulePower) -> String {
    match rule.bad {
        Bad::Events | Bad::SlowAnswers => words::value(rule.base_rate, true),
        Bad::Happenings => amounts::often(rule.base_rate * rule.events_per_second),
    }
}

fn title(rule: &RulePower) -> String {
    let leads_to = match rule.leads_to {
        LeadsTo::Rollback => "",
        LeadsTo::Contain => " (contain)",
        LeadsTo::Hold => " (hold)",
    };
    format!("{}: {}{leads_to}", rule.signal, rule.rule)
}

/// A row per stage: the time to notice each size, and what a doubling costs.
fn times(rule: &RulePower) -> Vec<String> {
    let rows: Vec<Vec<String>> = rule
        .stages
        .iter()
        .map(|stage| {
            let mut row = vec![stage.stage.to_string(), words::share(stage.share)];
            row.extend(stage.regressions.iter().map(|regression| in_stage(&regression.sight)));
            row.push(bad_of_doubling(stage));
            row
        })
        .collect();
    table(&["stage", "share", "1.5x", "2x", "5x", "10x", "bad (2x)"], &rows, &[1, 2, 3, 4, 5, 6])
}

/// Whether it is noticed within the stage: when, with what chance, or not.
fn in_stage(sight: &Sight) -> String {
    match sight {
        Sight::Simulated(Delay {
            within_dwell, mean_seconds: Some(mean), p95_seconds: Some(p95), ..
        }) if *within_dwell >= SURE => {
            format!("{} ({})", amounts::short_time(*mean), amounts::short_time(*p95))
        }
        Sight::Simulated(delay) if delay.within_dwell >= NO_CHANCE => amounts::percent(delay.within_dwell),
        Sight::Simulated(_) | Sight::OutOfReach { .. } => "no".to_owned(),
        Sight::NoControl => "-".to_owned(),
        Sight::Tolerated => "tolerated".to_owned(),
        Sight::Impossible => "over 100 %".to_owned(),
    }
}

fn bad_of_doubling(stage: &StagePower) -> String {
    let doubling = stage.regressions.iter().find(|regression| regression.times == 2.0);
    match doubling.map(|regression| &regression.sight) {
        Some(Sight::Simulated(Delay { within_dwell, bad: Some(bad), .. })) if *within_dwell >= SURE => {
            amounts::about(*bad)
        }
        Some(
            Sight::Simulated(_)
            | Sight::OutOfReach { .. }
            | Sight::NoControl
            | Sight::Tolerated
            | Sight::Impossible,
        )
        | None => "-".to_owned(),
    }
}

/// A row per stage and size, with everything that is known.
fn everything(rule: &RulePower) -> Vec<String> {
    let mut rows = Vec::new();
    for stage in &rule.stages {
        if stage.regressions.iter().all(|regression| regression.sight == Sight::NoControl) {
            let share = words::share(stage.share);
            rows.push(vec![stage.stage.to_string(), share, "all".to_owned(), "no control".to_owned()]);
            continue;
        }
        for (number, regression) in stage.regressions.iter().enumerate() {
            let (place, share) = match number {
                0 => (stage.stage.to_string(), words::share(stage.share)),
                _ => (String::new(), String::new()),
            };
            let mut row = vec![place, share, format!("{}x", regression.times)];
            row.extend(known(stage, regression));
            rows.push(row);
        }
    }
    let header = ["stage", "share", "size", "noticed", "mean", "95 %", "least", "requests", "bad", "caused"];
    table(&header, &rows, &[1, 2, 3, 4, 5, 6, 7, 8, 9])
}

fn known(stage: &StagePower, regression: &RegressionPower) -> Vec<String> {
    let dwell = stage.dwell.as_secs_f64();
    let time = |seconds: Option<f64>| match seconds {
        Some(seconds) if seconds <= dwell => amounts::short_time(seconds),
        Some(seconds) => format!("({})", amounts::short_time(seconds)),
        None => "?".to_owned(),
    };
    let number = |number: Option<f64>| number.map_or_else(|| "?".to_owned(), amounts::about);
    match &regression.sight {
        Sight::Simulated(delay) => vec![
            amounts::percent(delay.within_dwell),
            time(delay.mean_seconds),
            time(delay.p95_seconds),
            amounts::short_time(delay.floor_seconds),
            number(delay.requests),
            number(delay.bad),
            number(delay.caused),
        ],
        Sight::OutOfReach { floor_seconds } => {
            vec!["no".to_owned(), "?".to_owned(), "?".to_owned(), amounts::short_time(*floor_seconds)]
        }
        Sight::NoControl => vec!["no control".to_owned()],
        Sight::Tolerated => vec!["tolerated".to_owned()],
        Sight::Impossible => vec!["over 100 %".to_owned()],
    }
}

fn safety(rule: &RulePower, look: &Look) -> String {
    let mut rows = Rows::new(look);
    let before_all = rule.stages.len().saturating_sub(1);
    let chances: Vec<String> = rule.stages[..before_all]
        .iter()
        .filter_map(|stage| match stage.safety {
            Safety::NoMargin | Safety::NotSaid => None,
            Safety::Simulated { by_end, .. } => {
                Some(unbroken(&format!("{}: {}", words::share(stage.share), amounts::percent(by_end))))
            }
        })
        .collect();
    if rule.stages.iter().any(|stage| stage.safety == Safety::NotSaid) {
        rows.row("safety", "cannot be said: it depends on how many answers are nearly slow");
    } else if chances.is_empty() {
        rows.row("safety", "never shown: the rule leaves no margin");
    } else {
        rows.row(
            "safety",
            &format!("shown by the end of a stage, with nothing wrong: {}", chances.join(" · ")),
        );
    }
    rows.finish()
}

fn legend(power: &Power, look: &Look) -> String {
    let mut rows = Rows::new(look);
    rows.row(
        "to read",
        "time until a regression that begins with the stage is noticed, on average (95 of 100 within); a percentage: \
         noticed before the stage is over with that chance only; no: not by then; bad: bad events of the candidate by \
         then. Thresholds are not part of it",
    );
    warming_up(power, &mut rows);
    if power.rules.iter().any(|rule| rule.bad == Bad::SlowAnswers) {
        rows.row("to read", "of a quantile, 2x is twice as many answers beyond what is now its value");
    }
    if power.rules.iter().any(ends_without_control) {
        rows.row("to read", "-: at 100 % nothing is left to compare with; thresholds and people watch");
    }
    let mut text = rows.finish();
    text.push('\n');
    text
}

fn warming_up(power: &Power, rows: &mut Rows<'_>) {
    if power.warm_up > Duration::ZERO {
        let warm_up = unbroken(&power.warm_up.human());
        rows.row(
            "to read",
            &format!("the first {warm_up} of the release is for warming up, and counts as time"),
        );
    }
}

fn ends_without_control(rule: &RulePower) -> bool {
    rule.stages
        .iter()
        .flat_map(|stage| &stage.regressions)
        .any(|regression| regression.sight == Sight::NoControl)
}

fn unknown(unknown: &[Unknown], look: &Look) -> String {
    let mut rows = Rows::new(look);
    for rule in unknown {
        let why = match rule.why {
            WhyUnknown::Gauge => {
                "cannot be said: how a gauge moves by itself is only known from its history (ripcord backtest)".to_owned()
            }
            WhyUnknown::NoBase => {
                format!("not known without its usual rate: add --base {0}=1% (or {0}=3/day), or --measure", rule.signal)
            }
            WhyUnknown::NothingBad => format!(
                "nothing bad is usual, and a multiple of nothing is nothing: add --base {}=0.01%",
                rule.signal
            ),
            WhyUnknown::AlreadyOver => format!("`{}` is below what is usual", rule.rule),
            WhyUnknown::NoTest => format!("`{}` leaves nothing worse to look for at this rate", rule.rule),
        };
        rows.row("unknown", &format!("{}: {why}", rule.signal));
    }
    let mut text = rows.finish();
    if !unknown.is_empty() {
        text.push('\n');
    }
    text
}
