//! The only place that reads environment variables.

/// What `EXAM_FAULTS` says, for processes whose command line is the same for every version.
pub fn faults() -> Option<String> {
    std::env::var("EXAM_FAULTS").ok()
}
