//! The one binary. Everything is in the library, so that nothing runs before the arguments are read.

fn main() -> std::process::ExitCode {
    ripcord_cli::main()
}
