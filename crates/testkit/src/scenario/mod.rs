//! Commented scripts with golden outputs.
