//! What runs versions. A new workload is a file or folder here and a line in [`connect`].

mod command;
mod ports;
mod process;
mod targets;

use ripcord_model::blueprint::WorkloadBinding;

use crate::{Context, port::Workload};

/// The adapter for a binding. Nothing is touched before the first question or effect.
pub fn connect(binding: &WorkloadBinding, context: &Context) -> Box<dyn Workload> {
    match binding {
        WorkloadBinding::Process(process) => Box::new(process::Processes::new(process, context)),
        WorkloadBinding::Command(command) => Box::new(command::Commands::new(command, context)),
    }
}
