//! One folder per kind of real system, one file or folder per system, behind four ports.
//!
//! Owns: how to make a desired state true in nginx, in the edge, in processes, and how to read it back; how to ask
//! for numbers; how to tell people. Refuses to know: what should be true, and when.

pub mod port;
