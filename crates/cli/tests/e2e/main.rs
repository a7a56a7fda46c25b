//! The real program, from end to end: real processes, real users, real nginx and Prometheus.
//!
//! | file | what it shows |
//! |---|---|
//! | `kill` | `kill -9` of the control plane at any moment of a bad release costs nothing |
//! | `terminals` | one terminal ships, another goes back |

mod kill;
mod support;
mod terminals;
