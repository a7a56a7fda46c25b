//! Order on one target: one effect at a time, and a newer generation never waits behind an older one that has not
//! begun.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use ripcord_engine::Generation;
use ripcord_model::{EnvironmentName, ReleaseName, ServiceName};
use tokio::sync::{Mutex as Turn, watch};

/// What an effect changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    Workload(ServiceName, EnvironmentName),
    Traffic(ServiceName, EnvironmentName),
    Flag(ServiceName, EnvironmentName, String),
    /// Nothing that another release could change as well.
    Own(ReleaseName, Generation),
}

/// All lanes.
#[derive(Default)]
pub(crate) struct Lanes {
    lanes: Mutex<HashMap<Target, Arc<Lane>>>,
}

struct Lane {
    newest: watch::Sender<Generation>,
    turn: Turn<()>,
}

/// A place in a lane.
pub(crate) struct Ticket {
    lane: Arc<Lane>,
    generation: Generation,
}

/// A newer generation stands in the lane.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Overtaken;

impl Lanes {
    /// Takes a place. From now on older generations give way.
    pub(crate) fn enrol(&self, target: Target, generation: Generation) -> Ticket {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        // Lanes of targets that nobody else can share would otherwise pile up over the years.
        lanes.retain(|target, lane| !matches!(target, Target::Own(..)) || Arc::strong_count(lane) > 1);
        let lane = lanes.entry(target).or_insert_with(|| {
            Arc::new(Lane { newest: watch::Sender::new(generation), turn: Turn::new(()) })
        });
        lane.newest.send_if_modified(|newest| {
            let newer = generation > *newest;
            *newest = (*newest).max(generation);
            newer
        });
        Ticket { lane: Arc::clone(lane), generation }
    }
}

impl Ticket {
    /// Runs `work` when its turn has come. Work that is overtaken while it waits is not begun; with `give_way` it is
    /// also given up when it is overtaken while it runs.
    pub(crate) async fn run<T>(self, give_way: bool, work: impl Future<Output = T>) -> Result<T, Overtaken> {
        let _turn = tokio::select! {
            biased;
            () = self.overtaken() => return Err(Overtaken),
            turn = self.lane.turn.lock() => turn,
        };
        if !give_way {
            return Ok(work.await);
        }
        tokio::select! {
            biased;
            () = self.overtaken() => Err(Overtaken),
            done = work => Ok(done),
        }
    }

    async fn overtaken(&self) {
        let mut newest = self.lane.newest.subscribe();
        // The sender lives in the lane this ticket holds, so the wait can only end by a newer generation.
        let _ = newest.wait_for(|newest| *newest > self.generation).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    fn target() -> Target {
        Target::Traffic(ServiceName::new("exams").unwrap(), EnvironmentName::new("production").unwrap())
    }

    #[tokio::test]
    async fn one_at_a_time_and_an_older_one_that_waits_is_never_begun() {
        let lanes = Lanes::default();
        let (release, held) = oneshot::channel::<()>();
        let first = lanes.enrol(target(), Generation(1));
        let first = tokio::spawn(first.run(false, async move { held.await.unwrap() }));
        tokio::task::yield_now().await;
        let second = tokio::spawn(lanes.enrol(target(), Generation(2)).run(false, async { "second" }));
        let third = tokio::spawn(lanes.enrol(target(), Generation(3)).run(false, async { "third" }));
        assert_eq!(second.await.unwrap(), Err(Overtaken));
        assert!(!third.is_finished());
        release.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(()));
        assert_eq!(third.await.unwrap(), Ok("third"));
    }

    #[tokio::test]
    async fn work_that_gives_way_is_dropped_when_a_newer_generation_comes() {
        let lanes = Lanes::default();
        let hanging =
            tokio::spawn(lanes.enrol(target(), Generation(1)).run(true, std::future::pending::<()>()));
        tokio::task::yield_now().await;
        let newer = lanes.enrol(target(), Generation(2)).run(true, async { 2 }).await;
        assert_eq!(newer, Ok(2));
        assert_eq!(hanging.await.unwrap(), Err(Overtaken));
    }

    #[tokio::test]
    async fn the_same_generation_again_is_performed_again_and_an_older_one_is_not() {
        let lanes = Lanes::default();
        assert_eq!(lanes.enrol(target(), Generation(5)).run(true, async { 1 }).await, Ok(1));
        assert_eq!(lanes.enrol(target(), Generation(5)).run(true, async { 2 }).await, Ok(2));
        assert_eq!(lanes.enrol(target(), Generation(4)).run(true, async { 3 }).await, Err(Overtaken));
    }
}
