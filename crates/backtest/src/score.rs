//! What the firings of a rule amount to: what was noticed and how late, and how often it fired with nothing wrong.
//!
//! A firing belongs to a span in which something was wrong when it happened in it, or when what it rests on began in it.
//! The first one counts as noticing; later ones in the same span say nothing new. All others are false. Where nobody
//! said what was wrong, nothing is false and nothing is noticed: a firing is a firing.

use ripcord_model::{Duration, Timestamp};
use serde::Serialize;

use crate::trace::{Span, Trace};

/// A rule, or a set of them, fired.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Firing {
    /// The block, by its place in the series.
    pub index: usize,
    /// The block's number.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Since when what it rests on has lasted: the violation, or the growth of the evidence.
    pub since: Option<Timestamp>,
    /// Which rules of the set, by their place in it.
    pub rules: Vec<usize>,
    /// The evidence, as a natural logarithm, where evidence decided.
    pub log_e: Option<f64>,
    /// What it had to reach.
    pub threshold: Option<f64>,
}

/// What a firing was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The first one in a span in which something was wrong.
    Noticed {
        /// The span, by its place.
        span: usize,
    },
    /// A later one in a span that was noticed already.
    Again {
        /// The span, by its place.
        span: usize,
    },
    /// With nothing wrong.
    False,
    /// Nobody said what was wrong.
    Unknown,
}

/// How late something was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Delay {
    /// From the first block of the span to the firing.
    pub ms: u64,
    /// Blocks from the first of the span to the firing, both counted.
    pub blocks: usize,
    /// Requests on what is judged in those blocks; `None` when they are not known.
    pub requests: Option<u64>,
}

/// What the firings of one rule, or set, amount to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// What each firing was.
    pub meanings: Vec<Meaning>,
    /// For each span in which something was wrong: how late it was noticed, or `None` when it was missed.
    pub spans: Vec<Option<Delay>>,
    /// Firings with nothing wrong.
    pub false_firings: usize,
    /// Blocks looked at in which nothing was wrong.
    pub quiet_blocks: usize,
    /// How long they are together.
    pub quiet_ms: u64,
    /// Whether anybody said what was wrong.
    pub is_marked: bool,
}

impl Score {
    /// From the firings of a replay that began at the block `start`.
    pub fn of(trace: &Trace, start: usize, firings: &[Firing]) -> Self {
        let spans = trace.wrong.as_deref().unwrap_or_default();
        let is_marked = trace.wrong.is_some();
        let mut noticed: Vec<Option<Delay>> = vec![None; spans.len()];
        let mut meanings = Vec::with_capacity(firings.len());
        for firing in firings {
            let meaning = match belongs_to(trace, spans, firing) {
                Some(span) if noticed[span].is_some() => Meaning::Again { span },
                Some(span) => {
                    noticed[span] = Some(delay(trace, spans[span], firing.index));
                    Meaning::Noticed { span }
                }
                None if is_marked => Meaning::False,
                None => Meaning::Unknown,
            };
            meanings.push(meaning);
        }
        let quiet_blocks = quiet_blocks(trace.steps.len(), start, spans);
        Self {
            false_firings: meanings.iter().filter(|meaning| **meaning == Meaning::False).count(),
            meanings,
            spans: noticed,
            quiet_blocks,
            quiet_ms: (quiet_blocks as u64).saturating_mul(trace.step.as_ms()),
            is_marked,
        }
    }

    /// How many spans were noticed.
    pub fn noticed(&self) -> usize {
        self.spans.iter().flatten().count()
    }

    /// The middle one of all delays; the later of two middle ones.
    pub fn median_delay(&self) -> Option<Delay> {
        let mut delays: Vec<Delay> = self.spans.iter().flatten().copied().collect();
        delays.sort_unstable_by_key(|delay| (delay.ms, delay.blocks));
        delays.get(delays.len() / 2).copied()
    }
}

impl Delay {
    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_ms(self.ms)
    }
}

fn belongs_to(trace: &Trace, spans: &[Span], firing: &Firing) -> Option<usize> {
    let began = firing.since.and_then(|since| trace.index_at(since));
    let holds = |span: &Span| {
        let after_it = firing.index > span.last && began.is_some_and(|began| span.contains(began));
        span.contains(firing.index) || after_it
    };
    // The one it fired in comes before one it merely began in.
    spans.iter().position(|span| span.contains(firing.index)).or_else(|| spans.iter().rposition(holds))
}

fn delay(trace: &Trace, span: Span, index: usize) -> Delay {
    let blocks = &trace.steps[span.first..=index];
    let requests: u64 = blocks.iter().map(|step| step.requests.canary).sum();
    Delay {
        ms: trace.steps[index].at.since(trace.steps[span.first].at).as_ms(),
        blocks: blocks.len(),
        requests: (requests > 0).then_some(requests),
    }
}

fn quiet_blocks(blocks: usize, start: usize, spans: &[Span]) -> usize {
    let wrong = |span: &Span| (span.last + 1).saturating_sub(span.first.max(start));
    blocks.saturating_sub(start).saturating_sub(spans.iter().map(wrong).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{table::Table, trace};

    /// Twenty blocks a minute apart; wrong at 5..=8 and 12..=13.
    fn trace(marked: bool) -> Trace {
        let rows = (0..20).map(|row| {
            let wrong = u8::from((5..=8).contains(&row) || (12..=13).contains(&row));
            format!("2014-03-07 00:{row:02}:00,10,1,{wrong}\n")
        });
        let label = if marked { "label" } else { "unknown" };
        let text = format!("timestamp,requests,errors,{label}\n{}", rows.collect::<String>());
        trace::read(&Table::read(&text).unwrap(), &trace::Options::default()).unwrap()
    }

    fn firing(trace: &Trace, index: usize, since: usize) -> Firing {
        let (seq, at) = (trace.steps[index].seq, trace.steps[index].at);
        let since = Some(trace.steps[since].at);
        Firing { index, seq, at, since, rules: vec![0], log_e: None, threshold: None }
    }

    #[test]
    fn the_first_firing_in_a_span_notices_it_and_those_outside_are_false() {
        let trace = trace(true);
        let firings =
            [(2, 1), (7, 6), (8, 8), (15, 13), (18, 17)].map(|(at, since)| firing(&trace, at, since));
        let score = Score::of(&trace, 0, &firings);
        let (first, second) = (Meaning::Noticed { span: 0 }, Meaning::Noticed { span: 1 });
        let expected = [Meaning::False, first, Meaning::Again { span: 0 }, second, Meaning::False];
        assert_eq!(score.meanings, expected, "one that began in a span belongs to it");
        let delay = Delay { ms: 120_000, blocks: 3, requests: Some(30) };
        assert_eq!(score.spans, [Some(delay), Some(Delay { ms: 180_000, blocks: 4, requests: Some(40) })]);
        assert_eq!((score.noticed(), score.false_firings), (2, 2));
        assert_eq!((score.quiet_blocks, score.quiet_ms), (14, 14 * 60_000));
        assert_eq!(score.median_delay().unwrap().blocks, 4);
    }

    #[test]
    fn what_was_missed_and_what_lies_before_the_start_is_not_counted_as_seen() {
        let trace = trace(true);
        let score = Score::of(&trace, 7, &[]);
        assert_eq!(
            (score.spans.as_slice(), score.noticed(), score.quiet_blocks),
            ([None, None].as_slice(), 0, 9)
        );
        assert_eq!(score.median_delay(), None);
    }

    #[test]
    fn where_nobody_said_what_was_wrong_nothing_is_false() {
        let trace = trace(false);
        let score = Score::of(&trace, 0, &[firing(&trace, 7, 6)]);
        assert_eq!(
            (score.meanings.as_slice(), score.false_firings, score.is_marked),
            ([Meaning::Unknown].as_slice(), 0, false)
        );
    }
}
