//! What every adapter of a port must do, whatever is behind it. A new adapter gets a file beside `nginx.rs` that
//! sets up the real system and calls its port's suite.

pub mod router;
pub mod workload;
