//! Ripcord testkit.
