//! Generations without a conductor: above whatever is in force.

use ripcord_adapters::port::Router;
use ripcord_engine::Generation;

use crate::executor::trouble::Trouble;

/// Hands out generations above any it has heard of.
#[derive(Debug)]
pub(crate) struct Generations {
    newest: Generation,
}

impl Generations {
    /// Starts above what the router says. A router that does not answer tells later, by refusing.
    pub(crate) async fn above(router: &dyn Router) -> Self {
        let in_force = router.read_back().await.ok().flatten().map(|(generation, _)| generation);
        Self { newest: in_force.unwrap_or_default() }
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> Generation {
        self.newest = Generation(self.newest.0 + 1);
        self.newest
    }

    /// The newest one that was handed out or heard of.
    pub(crate) fn newest(&self) -> Generation {
        self.newest
    }

    /// Hears of a newer generation in a refusal. Whether trying again with the next one can help.
    pub(crate) fn hear(&mut self, trouble: &Trouble) -> bool {
        match trouble {
            Trouble::Superseded(Some(in_force)) => {
                self.newest = self.newest.max(*in_force);
                true
            }
            Trouble::Superseded(None) | Trouble::Transient(_) | Trouble::Permanent(_) => false,
        }
    }
}
