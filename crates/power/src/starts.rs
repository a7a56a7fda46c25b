//! How the wealth of a test is spread over the moments at which a regression may begin, for stretches of many blocks.

use ripcord_model::blueprint::EvidencePlan;

/// The weights of starts: `first` on block 0, the rest evenly over every later block before `blocks`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Starts {
    /// All on block 0.
    Plain,
    /// As the blueprint froze it.
    Weighted { first: f64, blocks: f64 },
}

impl Starts {
    /// Of a test for harm.
    pub(crate) fn of(plan: &EvidencePlan) -> Self {
        Self::Weighted { first: plan.first_start, blocks: f64::from(plan.planned_blocks.max(2)) }
    }

    /// The weight on block 0.
    pub(crate) const fn first(self) -> f64 {
        match self {
            Self::Plain => 1.0,
            Self::Weighted { first, .. } => first,
        }
    }

    /// The sum of the weights of all starts at or after `block`, which is at least 1.
    pub(crate) fn unspent_from(self, block: f64) -> f64 {
        match self {
            Self::Plain => 0.0,
            Self::Weighted { first, blocks } => {
                let left = (blocks - block.max(1.0)).max(0.0);
                (1.0 - first) * left / (blocks - 1.0)
            }
        }
    }

    /// The sum of the weights of the later starts from block `from` up to, not including, `until`.
    pub(crate) fn between(self, from: f64, until: f64) -> f64 {
        (self.unspent_from(from) - self.unspent_from(until)).max(0.0)
    }
}
