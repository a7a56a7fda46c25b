//! What switches flags.

mod command;
mod served;

use ripcord_model::blueprint::FlagsBinding;

use crate::{Context, port::Flags};

/// The adapter for a binding. Flags that Ripcord serves itself are switched by its server; without one they cannot be.
pub fn connect(binding: &FlagsBinding, context: &Context) -> Box<dyn Flags> {
    if binding.builtin {
        Box::new(served::NeedsServer)
    } else {
        Box::new(command::CommandFlags::new(binding, context))
    }
}
