//! `ripcord serve`
use super::Ended;
use crate::context::Context;
/// Arguments
#[derive(Debug, clap::Args)]
pub struct Arguments {}
/// Run
pub fn run(_context: &Context, _arguments: Arguments) -> Ended { todo!() }
