//! The conformance suite of the metrics port, against services that are asked directly and against a real
//! Prometheus server; then the faults of each.

mod exposer;
mod prometheus;
mod prometheus_faults;
mod rig;
mod scrape;
mod suite;
