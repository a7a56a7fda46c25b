//! Ripcord analysis.
