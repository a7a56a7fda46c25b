//! The door: a token, and the name under which its holder acts.

use askama::Template;
use ripcord_model::Timestamp;

use super::{Chrome, Here};

/// The form at the door.
#[derive(Debug, Clone, Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    chrome: Chrome,
    /// Where to go afterwards.
    to: String,
    name: String,
    refusal: Option<String>,
}

impl LoginPage {
    /// The form; with what was typed, but for the token, and why it was refused.
    pub fn new(to: String, name: String, refusal: Option<String>, now: Timestamp) -> Self {
        let chrome = Chrome::still("Sign in", Here::Elsewhere, None, now);
        Self { chrome, to, name, refusal }
    }
}
