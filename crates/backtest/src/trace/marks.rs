//! Where something is known to have been wrong.

use std::str::FromStr;

use ripcord_model::Timestamp;

use super::{Clock, Span, Trace};
use crate::instant::{self, Instant};

/// One mark of `--onset`: an instant or a block's number, or two of them with `..` between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    from: Instant,
    until: Option<Instant>,
}

/// A mark that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// Not an instant or a number.
    #[error("`{0}` is neither an instant nor the number of a block; expected {expected}, or a number", expected = instant::EXPECTED)]
    Unreadable(String),
    /// An instant, but the file has none.
    #[error("the onset is an instant, but the series has only numbers: give the number of the block")]
    NoInstants,
    /// After the end, or the end before the beginning.
    #[error("the onset {0} is not within the series, which goes from {1} to {2}")]
    Outside(String, String, String),
}

impl FromStr for Mark {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Self, MarkError> {
        let read = |text: &str| instant::parse(text).ok_or_else(|| MarkError::Unreadable(text.to_owned()));
        match text.split_once("..") {
            Some((from, until)) => Ok(Self { from: read(from)?, until: Some(read(until)?) }),
            None => Ok(Self { from: read(text)?, until: None }),
        }
    }
}

impl Trace {
    /// Sets where something is known to have been wrong. A mark without an end lasts until the next mark, or the end.
    ///
    /// # Errors
    /// A mark outside of the series, or an instant where the series has only numbers.
    pub fn mark(&mut self, marks: &[Mark]) -> Result<(), MarkError> {
        let last = self.steps.len().saturating_sub(1);
        let mut spans = Vec::new();
        for mark in marks {
            let first = self.first_from(mark.from)?.ok_or_else(|| self.outside(mark.from))?;
            let end = match mark.until {
                None => None,
                Some(until) => Some(
                    self.last_until(until)?.filter(|end| *end >= first).ok_or_else(|| self.outside(until))?,
                ),
            };
            spans.push((first, end));
        }
        spans.sort_unstable();
        let next_first = spans.iter().skip(1).map(|(first, _)| Some(*first)).chain([None]);
        let spans: Vec<Span> = spans
            .iter()
            .zip(next_first)
            .map(|((first, end), next)| {
                let until_next = next.map_or(last, |next| next.saturating_sub(1).max(*first));
                Span { first: *first, last: end.map_or(until_next, |end| end.min(until_next)) }
            })
            .collect();
        self.wrong = Some(spans);
        Ok(())
    }

    fn first_from(&self, instant: Instant) -> Result<Option<usize>, MarkError> {
        match instant {
            Instant::At(at) => self.timed(at).map(|at| self.index_at(at)),
            Instant::Number(seq) => {
                let index = self.steps.partition_point(|step| step.seq < seq);
                Ok((index < self.steps.len()).then_some(index))
            }
        }
    }

    fn last_until(&self, instant: Instant) -> Result<Option<usize>, MarkError> {
        let behind = match instant {
            Instant::At(at) => {
                let at = self.timed(at)?;
                self.steps.partition_point(|step| step.at <= at)
            }
            Instant::Number(seq) => self.steps.partition_point(|step| step.seq <= seq),
        };
        Ok(behind.checked_sub(1))
    }

    fn timed(&self, at: Timestamp) -> Result<Timestamp, MarkError> {
        match self.clock {
            Clock::Recorded => Ok(at),
            Clock::Assumed => Err(MarkError::NoInstants),
        }
    }

    fn outside(&self, instant: Instant) -> MarkError {
        let (first, last) = (self.steps.first(), self.steps.last());
        let text = |step: Option<&super::Step>| match (step, instant) {
            (Some(step), Instant::At(_)) => step.at.to_string(),
            (Some(step), Instant::Number(_)) => step.seq.to_string(),
            (None, _) => "nothing".to_owned(),
        };
        let given = match instant {
            Instant::At(at) => at.to_string(),
            Instant::Number(seq) => seq.to_string(),
        };
        MarkError::Outside(given, text(first), text(last))
    }
}

/// Spans from the marks of rows. `is_onset`: a mark that stands alone lasts until the next one, or the end.
pub(super) fn spans(marks: &[bool], is_onset: bool) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (index, marked) in marks.iter().enumerate() {
        if !marked {
            continue;
        }
        match spans.last_mut() {
            Some(span) if span.last + 1 == index => span.last = index,
            Some(_) | None => spans.push(Span { first: index, last: index }),
        }
    }
    if is_onset && spans.iter().all(|span| span.blocks() == 1) {
        for position in 0..spans.len() {
            let next = spans.get(position + 1).map_or(marks.len(), |next| next.first);
            spans[position].last = next - 1;
        }
    }
    spans
}
