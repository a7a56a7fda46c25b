//! Rows in the order of time, each once, and how far apart they are.

use ripcord_model::{Duration, Timestamp};

use super::{Clock, Step, Treatment, read::Row};

/// By instant, or by number; of equal ones the first stays. Rows get numbers where they have none.
pub(super) fn put_in_order(rows: &mut Vec<Row>, clock: Clock, step: Duration, treatment: &mut Treatment) {
    for (index, row) in rows.iter_mut().enumerate() {
        // A file without instants and numbers is numbered as its rows are.
        if row.seq.is_none() && (clock == Clock::Recorded || row.at.is_none()) {
            row.seq = Some(index as u64 + 1);
        }
    }
    let key = |row: &Row| match clock {
        Clock::Recorded => row.at.map_or(i64::MIN, Timestamp::as_ms),
        Clock::Assumed => row.seq.map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX)),
    };
    let mut highest = i64::MIN;
    for row in rows.iter() {
        treatment.reordered += usize::from(key(row) < highest);
        highest = highest.max(key(row));
    }
    rows.sort_by_key(key);
    let before = rows.len();
    rows.dedup_by_key(|row| key(row));
    treatment.duplicates = before - rows.len();
    let mut last_seq = None;
    for row in rows.iter_mut() {
        // Numbers that do not grow with time are replaced by those of the order.
        let seq = row.seq.unwrap_or(0);
        let seq = if last_seq.is_some_and(|last| seq <= last) { last_seq.unwrap_or(0) + 1 } else { seq };
        last_seq = Some(seq);
        row.seq = Some(seq);
        if clock == Clock::Assumed {
            let ms = i64::try_from(seq.saturating_mul(step.as_ms())).unwrap_or(i64::MAX);
            row.at = Some(Timestamp::from_ms(ms));
        }
    }
}

/// The median time between two blocks.
pub(super) fn usual_step(steps: &[Step]) -> Option<Duration> {
    let mut between: Vec<u64> = steps.windows(2).map(|pair| pair[1].at.since(pair[0].at).as_ms()).collect();
    between.sort_unstable();
    between.get(between.len() / 2).map(|ms| Duration::from_ms((*ms).max(1)))
}

pub(super) fn count_gaps(steps: &[Step], step: Duration, treatment: &mut Treatment) {
    for pair in steps.windows(2) {
        let pause = pair[1].at.since(pair[0].at).as_ms();
        if pause > 3 * step.as_ms() {
            treatment.gaps += 1;
            treatment.longest_gap_ms = treatment.longest_gap_ms.max(pause);
        }
    }
}
