//! What is remembered of the answers, in bounded memory: totals per version, the newest answers, the newest bad ones.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::{
    histogram::Histogram,
    report::{Report, VersionReport},
};

/// How many answers, and how many bad ones, are remembered one by one.
const ANSWERS_MAX: usize = 65_536;
/// How many versions are told apart; answers of further ones count as `?`.
const VERSIONS_MAX: usize = 64;

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// When it was answered or given up, in microseconds since 1970.
    pub at_us: u64,
    /// Who answered, by `x-exam-version`; `None` when nobody did.
    pub version: Option<Arc<str>>,
    /// The status; `None` when there was no answer.
    pub status: Option<u16>,
    /// From the instant the request was due.
    pub latency_us: u64,
}

impl Answer {
    /// Whether the user got what they asked for.
    pub fn is_good(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Everything remembered.
pub struct Recorder {
    whole: Tally,
    window: Tally,
    names: BTreeMap<String, Arc<str>>,
    answers: VecDeque<Answer>,
    bad_answers: VecDeque<u64>,
}

impl Recorder {
    /// Nothing seen yet.
    pub fn new(now_us: u64) -> Self {
        Self {
            whole: Tally::new(now_us),
            window: Tally::new(now_us),
            names: BTreeMap::new(),
            answers: VecDeque::new(),
            bad_answers: VecDeque::new(),
        }
    }

    /// Remembers an answer.
    pub fn answered(&mut self, at_us: u64, version: Option<&str>, status: u16, latency_us: u64) {
        let version = Some(self.intern(version.unwrap_or("?")));
        self.keep(Answer { at_us, version, status: Some(status), latency_us });
    }

    /// Remembers that there was no answer.
    pub fn failed(&mut self, at_us: u64, latency_us: u64, why: &str) {
        self.whole.last_failure = Some(why.to_owned());
        self.window.last_failure = Some(why.to_owned());
        self.keep(Answer { at_us, version: None, status: None, latency_us });
    }

    /// All that was seen.
    pub fn report(&self, now_us: u64) -> Report {
        self.whole.report(now_us)
    }

    /// What was seen since the last call.
    pub fn take_window(&mut self, now_us: u64) -> Report {
        std::mem::replace(&mut self.window, Tally::new(now_us)).report(now_us)
    }

    /// Bad answers and failed requests at `since_us` or later; exact for the newest 65,536 of them.
    pub fn bad_since(&self, since_us: u64) -> u64 {
        self.bad_answers.iter().rev().take_while(|at_us| **at_us >= since_us).count() as u64
    }

    /// The newest answers at `since_us` or later, oldest first; 65,536 at most.
    pub fn answers_since(&self, since_us: u64) -> Vec<Answer> {
        let newest = self.answers.iter().rev().take_while(|answer| answer.at_us >= since_us).count();
        self.answers.range(self.answers.len() - newest..).cloned().collect()
    }

    fn intern(&mut self, version: &str) -> Arc<str> {
        if let Some(known) = self.names.get(version) {
            return known.clone();
        }
        if self.names.len() >= VERSIONS_MAX || version.len() > 128 {
            return Arc::from("?");
        }
        let name: Arc<str> = Arc::from(version);
        self.names.insert(version.to_owned(), name.clone());
        name
    }

    fn keep(&mut self, answer: Answer) {
        self.whole.count(&answer);
        self.window.count(&answer);
        if !answer.is_good() {
            push_bounded(&mut self.bad_answers, answer.at_us);
        }
        push_bounded(&mut self.answers, answer);
    }
}

fn push_bounded<T>(ring: &mut VecDeque<T>, value: T) {
    if ring.len() == ANSWERS_MAX {
        ring.pop_front();
    }
    ring.push_back(value);
}

/// Totals since an instant.
struct Tally {
    from_us: u64,
    failed: u64,
    first_bad_at_us: Option<u64>,
    last_bad_at_us: Option<u64>,
    last_failure: Option<String>,
    versions: BTreeMap<Arc<str>, (VersionReport, Histogram)>,
    latency: Histogram,
}

impl Tally {
    fn new(from_us: u64) -> Self {
        Self {
            from_us,
            failed: 0,
            first_bad_at_us: None,
            last_bad_at_us: None,
            last_failure: None,
            versions: BTreeMap::new(),
            latency: Histogram::default(),
        }
    }

    fn count(&mut self, answer: &Answer) {
        if !answer.is_good() {
            self.first_bad_at_us.get_or_insert(answer.at_us);
            self.last_bad_at_us = Some(answer.at_us);
        }
        let Some(version) = &answer.version else {
            self.failed += 1;
            return;
        };
        self.latency.record(answer.latency_us);
        let (seen, latency) = self.versions.entry(version.clone()).or_default();
        latency.record(answer.latency_us);
        seen.responses += 1;
        seen.first_answer_at_us.get_or_insert(answer.at_us);
        seen.last_answer_at_us = Some(answer.at_us);
        if !answer.is_good() {
            seen.bad += 1;
            seen.first_bad_at_us.get_or_insert(answer.at_us);
            seen.last_bad_at_us = Some(answer.at_us);
        }
    }

    fn report(&self, now_us: u64) -> Report {
        let with_latency = |(name, (seen, latency)): (&Arc<str>, &(VersionReport, Histogram))| {
            (name.to_string(), VersionReport { latency: latency.report(), ..seen.clone() })
        };
        let versions: BTreeMap<String, VersionReport> = self.versions.iter().map(with_latency).collect();
        Report {
            from_us: self.from_us,
            to_us: now_us,
            responses: versions.values().map(|seen| seen.responses).sum(),
            bad: versions.values().map(|seen| seen.bad).sum(),
            failed: self.failed,
            last_failure: self.last_failure.clone(),
            first_bad_at_us: self.first_bad_at_us,
            last_bad_at_us: self.last_bad_at_us,
            versions,
            latency: self.latency.report(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_harm_and_withdrawal_can_be_told() {
        let mut recorder = Recorder::new(0);
        recorder.answered(10, Some("v1"), 200, 5);
        recorder.answered(20, Some("v2"), 500, 5);
        recorder.failed(30, 5, "torn");
        let first = recorder.take_window(35);
        recorder.answered(40, Some("v2"), 200, 5);
        recorder.answered(50, Some("v1"), 200, 5);

        let report = recorder.report(60);
        assert_eq!((report.responses, report.bad, report.failed), (4, 1, 1));
        assert_eq!((report.first_bad_at_us, report.last_bad_at_us), (Some(20), Some(30)));
        assert_eq!(report.last_answer_from("v2"), Some(40));
        assert_eq!(report.versions["v2"].last_bad_at_us, Some(20));
        assert_eq!((recorder.bad_since(20), recorder.bad_since(21), recorder.bad_since(31)), (2, 1, 0));
        assert_eq!((first.bad_or_failed(), recorder.take_window(60).bad_or_failed()), (2, 0));
        assert_eq!(recorder.answers_since(40).len(), 2);
    }

    #[test]
    fn memory_stays_bounded_whatever_is_answered() {
        let mut recorder = Recorder::new(0);
        for index in 0..100_000_u64 {
            recorder.answered(index, Some(&format!("v{index}")), 500, 1);
        }
        assert_eq!(recorder.answers.len(), ANSWERS_MAX);
        assert_eq!(recorder.bad_answers.len(), ANSWERS_MAX);
        let report = recorder.report(1);
        assert_eq!(report.versions.len(), VERSIONS_MAX + 1);
        assert_eq!(report.bad, 100_000);
    }
}
