//! References to secrets, and the only place where they are resolved.

use crate::port::AdapterError;

/// What a reference to an environment variable begins with.
const ENVIRONMENT: &str = "env:";

/// A URL that must not be shown.
#[derive(Clone)]
pub(super) struct SecretUrl {
    url: reqwest::Url,
    shown: String,
}

impl SecretUrl {
    /// Resolves `env:NAME`, or takes the URL as it is.
    pub(super) fn resolve(reference: &str) -> Result<Self, AdapterError> {
        Self::resolve_in(reference, |name| std::env::var(name).ok())
    }

    fn resolve_in(reference: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, AdapterError> {
        let (text, place) = match reference.strip_prefix(ENVIRONMENT) {
            Some(name) => {
                let value = variable(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                    AdapterError::Permanent(format!(
                        "the environment variable {name} is not set: expected the channel's URL in it"
                    ))
                })?;
                (value, format!("in the environment variable {name}"))
            }
            None => (reference.to_owned(), "of the channel".to_owned()),
        };
        let usable = reqwest::Url::parse(text.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        // The text is not repeated: it may be a secret with a typing error in it.
        let url = usable.ok_or_else(|| {
            AdapterError::Permanent(format!("the URL {place} is not usable: expected https://… or http://…"))
        })?;
        let shown = format!("{}://{}/…", url.scheme(), url.host_str().unwrap_or_default());
        Ok(Self { url, shown })
    }

    /// The URL itself, to be handed to the HTTP client and nobody else.
    pub(super) fn reveal(&self) -> reqwest::Url {
        self.url.clone()
    }

    /// Scheme and host: enough to know which channel is meant.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(reference: &str) -> Result<SecretUrl, AdapterError> {
        SecretUrl::resolve_in(reference, |name| match name {
            "HOOK" => Some("https://hooks.slack.com/services/T0/B0/hunter2\n".to_owned()),
            "BROKEN" => Some("htps:/hunter2".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn references_resolve_and_what_is_shown_has_no_secret() {
        let url = resolve("env:HOOK").ok().unwrap();
        assert_eq!(url.reveal().path(), "/services/T0/B0/hunter2");
        assert_eq!(url.shown(), "https://hooks.slack.com/…");
        assert_eq!(resolve("http://a:hunter2@b:81/x?y=hunter2").ok().unwrap().shown(), "http://b/…");
    }

    #[test]
    fn what_cannot_be_resolved_is_named_but_not_shown() {
        for (reference, expected) in [
            ("env:MISSING", "MISSING is not set"),
            ("env:EMPTY", "EMPTY is not set"),
            ("env:BROKEN", "BROKEN is not usable"),
            ("mailto:hunter2", "of the channel is not usable"),
        ] {
            let error = resolve(reference).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
