//! Where plans come from: the port, and the files of a service's repository behind it.
//!
//! Owns: which files belong to a release. Refuses to know: what stands in them; that is the model's.

use ripcord_model::{
    ReleaseName, ServiceName,
    blueprint::{Artifact, Blueprint},
};

use crate::failure::Failure;

/// Compiles plans. Blocking: call it where blocking is allowed.
pub trait Plans: Send + Sync {
    /// The service that is described here.
    fn service(&self) -> Result<ServiceName, Failure>;

    /// Reads and compiles a plan as it stands now. `last_good` is used where the plan names none.
    fn compile(&self, release: &ReleaseName, last_good: Option<Artifact>) -> Result<Blueprint, Failure>;
}
