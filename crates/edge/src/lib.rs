//! Ripcord edge.
