//! What is shown where there is no page: what is wrong, and what to do.

use askama::Template;
use ripcord_model::Timestamp;

use super::{Chrome, Here, Refusal, Visitor};

/// Why there is no page.
#[derive(Debug, Clone, Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    chrome: Chrome,
    refusal: Refusal,
    code: String,
}

impl ProblemPage {
    /// With the code under which machines know it.
    pub fn new(refusal: Refusal, code: String, visitor: Option<Visitor>, now: Timestamp) -> Self {
        let chrome = Chrome::still("Not possible", Here::Elsewhere, visitor, now);
        Self { chrome, refusal, code }
    }
}
