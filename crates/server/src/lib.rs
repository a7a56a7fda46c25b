//! Ripcord server.
