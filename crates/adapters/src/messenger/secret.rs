//! References to secrets, resolved when a channel is used.

use super::Undelivered;

/// A value that must not be shown.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    /// The value of `env:NAME`.
    pub(super) fn resolve(reference: &str) -> Result<Self, Undelivered> {
        let name = reference.strip_prefix("env:").unwrap_or(reference);
        let value =
            std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        value.map(Self).ok_or_else(|| {
            Undelivered::for_ever(format!("the environment variable {name} is not set where the server runs"))
        })
    }

    /// The value of `env:NAME`, or the text itself.
    pub(super) fn resolve_or_take(reference: &str) -> Result<Self, Undelivered> {
        if reference.starts_with("env:") { Self::resolve(reference) } else { Ok(Self(reference.to_owned())) }
    }

    /// The value, for the client that sends it and nobody else.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

/// The value of `env:NAME`, for those who compare it with what they were sent.
pub fn known_secret(reference: &str) -> Option<String> {
    Secret::resolve(reference).ok().map(|secret| secret.0)
}
