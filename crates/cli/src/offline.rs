//! offline
use crate::{context::Context, commands::Ended};
use ripcord_model::ReleaseName;
/// x
pub fn rollback(_context: &Context, _release: &ReleaseName, _why: &str) -> Ended { todo!() }
