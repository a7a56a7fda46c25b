//! Which samples of a series with a memory belong to which batch.

use serde::{Deserialize, Serialize};

use crate::memory::Memory;

/// The batch that is being filled.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batching {
    /// In samples; 0 before it begins.
    length: u32,
    /// How many samples are left out before it.
    gap: u32,
    taken: u32,
}

/// What becomes of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It belongs to no batch.
    LeftOut,
    /// It belongs to the batch, which goes on.
    Within,
    /// It is the last of its batch.
    Last,
}

impl Batching {
    /// Places the next sample of a series with `memory`: batches of twice the memory within `bounds`, fixed when they
    /// begin, and the memory left out between them, half a batch at most. While the memory is not known, nothing begins.
    pub(crate) fn place(&mut self, memory: &Memory, (least, most): (u32, u32)) -> Place {
        if self.gap > 0 {
            self.gap -= 1;
            return Place::LeftOut;
        }
        if self.length == 0 {
            if !memory.is_known() {
                return Place::LeftOut;
            }
            // A cast from f64 stays within the bounds of u32.
            self.length = ((2.0 * memory.samples()).ceil() as u32).clamp(least, most);
        }
        self.taken += 1;
        if self.taken < self.length {
            return Place::Within;
        }
        let gap = (memory.samples() as u32).min(self.length / 2);
        *self = Self { gap, ..Self::default() };
        Place::Last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of batches and gaps over a series.
    fn lengths(series: impl Iterator<Item = f64>) -> Vec<(Place, u32)> {
        let (mut memory, mut batching) = (Memory::default(), Batching::default());
        let mut runs: Vec<(Place, u32)> = Vec::new();
        for value in series {
            memory.take(value);
            let place = match batching.place(&memory, (20, 240)) {
                Place::LeftOut => Place::LeftOut,
                Place::Within | Place::Last => Place::Within,
            };
            match runs.last_mut() {
                Some((last, count)) if *last == place => *count += 1,
                Some(_) | None => runs.push((place, 1)),
            }
        }
        runs
    }

    #[test]
    fn noise_has_short_batches_and_short_gaps_after_a_time_of_learning() {
        let runs = lengths((0..400).map(|sample: u32| f64::from(sample * 7_919 % 101)));
        assert_eq!(runs[0], (Place::LeftOut, 19));
        assert!(runs[1..runs.len() - 1].iter().all(|(place, count)| match place {
            Place::LeftOut => *count <= 2,
            Place::Within | Place::Last => *count == 20,
        }));
    }

    #[test]
    fn a_long_memory_has_long_batches_and_long_gaps() {
        // A sawtooth over 160 samples.
        let runs = lengths((0..3_000).map(|sample: u32| f64::from(sample % 160)));
        let settled = &runs[5..runs.len() - 1];
        assert!(settled.len() > 10);
        assert!(
            settled.iter().all(|(place, count)| match place {
                Place::LeftOut => (30..=120).contains(count),
                Place::Within | Place::Last => (60..=240).contains(count),
            }),
            "{settled:?}"
        );
    }

    #[test]
    fn a_series_that_does_not_move_is_batched_as_noise_is() {
        let runs = lengths(std::iter::repeat_n(7.0, 100));
        assert_eq!(runs[..3], [(Place::LeftOut, 19), (Place::Within, 20), (Place::LeftOut, 1)]);
    }
}
