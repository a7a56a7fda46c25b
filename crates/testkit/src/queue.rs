//! What will happen, in order of virtual time.

use std::collections::BTreeMap;

use ripcord_model::Timestamp;

/// A queue of events; those of one instant come out in the order they went in.
#[derive(Debug)]
pub(crate) struct Queue<E> {
    events: BTreeMap<(i64, u64), E>,
    next: u64,
}

impl<E> Queue<E> {
    pub(crate) fn new() -> Self {
        Self { events: BTreeMap::new(), next: 0 }
    }

    pub(crate) fn put(&mut self, at: Timestamp, event: E) {
        self.events.insert((at.as_ms(), self.next), event);
        self.next += 1;
    }

    pub(crate) fn pop(&mut self) -> Option<(Timestamp, E)> {
        self.events.pop_first().map(|((at, _), event)| (Timestamp::from_ms(at), event))
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&E) -> bool) {
        self.events.retain(|_, event| keep(event));
    }
}
