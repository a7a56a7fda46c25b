//! The service itself.
//!
//! | file | what it owns |
//! |---|---|
//! | `options` | how it is started |
//! | `faults` | what can be wrong with a version, and how that is written |
//! | `flag` | whether the new, possibly faulty path runs |
//! | `metrics` | what it counts |
//! | `routes` | what it answers |
//! | `run` | the socket, and how it ends |

mod faults;
mod flag;
mod metrics;
mod options;
mod routes;
mod run;

pub use faults::{FaultError, FaultSetting, Faults};
pub use options::Options;
pub use run::{Ended, Service, ServiceError, run};
