//! What switches flags.

mod command;

use ripcord_model::blueprint::FlagsBinding;

use crate::{Context, port::Flags};

/// The adapter for a binding.
pub fn connect(binding: &FlagsBinding, context: &Context) -> Box<dyn Flags> {
    Box::new(command::CommandFlags::new(binding, context))
}
