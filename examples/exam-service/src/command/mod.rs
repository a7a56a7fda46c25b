//! The command lines: `serve` and `load`. Also for programs that embed the service under a name of their own.

mod environment;
mod load;
mod serve;

pub use load::LoadArguments;
pub use serve::ServeArguments;
