//! Flags served to OpenFeature clients, and who has heard of which change.
//!
//! Owns: the configuration in force per environment, its clients and their newest revision, the OFREP listener, its keys.
//! Refuses to know: how a flag is evaluated (`ripcord-flags`) and how its change is recorded (the loop).
//!
//! | where | what |
//! |---|---|
//! | `published` | what is in force, swapped whole |
//! | `clients` | who has seen which revision |
//! | `confirm` | waiting until everybody has |
//! | `keys`, `tickets` | who may ask, who may listen |
//! | `ofrep/` | the protocol |
//! | `builtin` | the way back's hand on a flag |
//!
//! Invariant: reading asks neither loop nor store, so it goes on while both are down.

mod ask;
mod builtin;
mod clients;
mod confirm;
mod keys;
mod listen;
mod ofrep;
mod published;
mod tickets;

pub(crate) use builtin::BuiltinFlags;
pub use clients::{ClientKind, ClientView};
pub use confirm::Confirmation;
pub use keys::{FlagKey, FlagKeyError, KeyScope, add_key, keys, remove_key};
pub(crate) use listen::{FlagsListen, serve_flags};
pub use published::{FlagView, FlagsView};

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use ripcord_flags::Book;
use ripcord_model::EnvironmentName;

use clients::Clients;
use published::Published;
use tickets::Tickets;

/// The flags of all environments, as they are served. Clone it freely.
#[derive(Clone, Default)]
pub(crate) struct FlagService(Arc<RwLock<BTreeMap<EnvironmentName, Arc<Served>>>>);

/// The flags of one environment.
pub(crate) struct Served {
    pub(crate) published: tokio::sync::watch::Sender<Arc<Published>>,
    pub(crate) clients: Clients,
    pub(crate) tickets: Tickets,
}

impl FlagService {
    /// Puts a configuration in force. Whoever asks from now on gets it, and streams are told.
    pub(crate) fn publish(&self, environment: &EnvironmentName, book: &Book) {
        let published = Arc::new(Published::new(book));
        match self.get(environment) {
            Some(served) => {
                served.published.send_replace(published);
            }
            None => {
                let served = Served {
                    published: tokio::sync::watch::Sender::new(published),
                    clients: Clients::default(),
                    tickets: Tickets::new(),
                };
                self.0
                    .write()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(environment.clone(), Arc::new(served));
            }
        }
    }

    /// Whose ticket it is, and for which flags.
    pub(crate) fn by_ticket(&self, ticket: &str) -> Option<(Arc<Served>, String)> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.values().find_map(|served| Some((Arc::clone(served), served.tickets.read(ticket)?)))
    }

    /// The flags of an environment that has had any.
    pub(crate) fn get(&self, environment: &EnvironmentName) -> Option<Arc<Served>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(environment).cloned()
    }
}

impl Served {
    /// What is in force.
    pub(crate) fn now(&self) -> Arc<Published> {
        Arc::clone(&self.published.borrow())
    }
}
