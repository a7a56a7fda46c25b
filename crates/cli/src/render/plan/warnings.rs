//! What to mind before a release ships, in words.

use ripcord_model::Share;
use ripcord_power::Warning;

use super::amounts;
use crate::render::{
    layout::{WIDTH, unbroken, wrap},
    look::{Look, Tone},
    words,
};

const LABEL: &str = "warning  ";
/// A time that matters to nobody.
const LONG: &str = "more than 90 d";

/// One paragraph per warning, and an empty line when there are any.
pub(super) fn warnings(warnings: &[Warning], look: &Look) -> String {
    let mut text = String::new();
    for warning in warnings {
        let said = said(warning).replace(" %", "\u{a0}%");
        for (number, line) in wrap(&said, WIDTH - 2 - LABEL.len()).iter().enumerate() {
            let label = if number == 0 { look.paint(Tone::Warning, LABEL) } else { " ".repeat(LABEL.len()) };
            text.push_str(&format!("  {label}{}\n", line.replace('\u{a0}', " ")));
        }
    }
    if !warnings.is_empty() {
        text.push('\n');
    }
    text
}

fn said(warning: &Warning) -> String {
    match warning {
        Warning::AlreadyOver { signal, rule } => {
            format!("`{rule}` of {signal} is below what is usual: it fires with nothing wrong")
        }
        Warning::CannotSee {
            share,
            dwell,
            signal,
            times,
            chance,
            mean_seconds,
            p95_seconds,
            sees_from,
            ..
        } => {
            let stage = format!("{} for {}", words::share(*share), unbroken(&dwell.human()));
            let what = format!("a {times}x regression of {signal}");
            let sees = match chance {
                chance if *chance < 0.05 => format!("{stage} cannot see {what}"),
                chance => format!("{stage} sees {what} only with a chance of {}", amounts::percent(*chance)),
            };
            format!(
                "{sees}: it would take {}{}",
                time_it_takes(*mean_seconds, *p95_seconds),
                from(*sees_from)
            )
        }
        Warning::CannotAdvance { share, signal, chance, mean_seconds, .. } => {
            let what = format!(
                "{} waits for evidence that nothing is wrong with {signal}, and has it in time with a chance of {}",
                words::share(*share),
                amounts::percent(*chance)
            );
            let takes = mean_seconds.map_or_else(
                || "; there is none to be had".to_owned(),
                |seconds| format!("; it would take {}", time(seconds)),
            );
            format!("{what}{takes}. A person will have to promote")
        }
        Warning::RequestsTakeLonger { share, dwell, min_requests, seconds, .. } => format!(
            "{} lasts {}, not {}: its {} take that long",
            words::share(*share),
            time(*seconds),
            unbroken(&dwell.human()),
            words::counted(*min_requests, "request")
        ),
        Warning::LittleTraffic { share, requests_per_second, candidate_per_second, .. } => {
            little(*share, *requests_per_second, *candidate_per_second)
        }
        Warning::NoGuard => {
            "with one instance per version a slower host cannot be told from a regression: run \
                             two or more"
                .to_owned()
        }
    }
}

/// A time that is not torn apart at the end of a line.
fn time(seconds: f64) -> String {
    unbroken(&amounts::time(seconds))
}

fn little(share: Share, all: f64, candidate: f64) -> String {
    format!(
        "at {} of {} the candidate gets {}",
        words::share(share),
        amounts::per_second(all),
        amounts::requests_per_time(candidate)
    )
}

fn time_it_takes(mean: Option<f64>, p95: Option<f64>) -> String {
    match (mean, p95) {
        (Some(mean), _) if mean > ripcord_power::SIGHT_MAX.as_secs_f64() => LONG.to_owned(),
        (Some(mean), Some(p95)) => {
            format!("{} (95 of 100 within {})", time(mean), time(p95))
        }
        (Some(mean), None) => time(mean),
        (None, Some(p95)) => {
            format!("up to {} in 95 of 100 cases, and much longer in others", time(p95))
        }
        (None, None) => LONG.to_owned(),
    }
}

fn from(sees_from: Option<f64>) -> String {
    sees_from.map_or_else(String::new, |times| format!(". It sees {times}x and more"))
}
