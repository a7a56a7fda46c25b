//! What a release leaves behind: the documents, and that every number in them stands in the ledger.

mod found;
mod golden;
mod hostile;
mod metrics;
mod numbers;
mod package;
mod papers;
mod support;
