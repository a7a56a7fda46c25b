//! The conformance suite of the metrics port, against services that are asked directly and against a real
//! Prometheus server; then the faults of each.

mod exposer;
mod faults;
mod histograms;
mod instances;
mod labels;
mod prometheus;
mod prometheus_faults;
mod prometheus_past;
mod rig;
mod scrape;
mod server;
mod suite;
