//! Tokens by reference, resolved at the last moment.

use reqwest::header::HeaderValue;

use super::CiTrouble;

/// What a reference to an environment variable begins with.
const ENVIRONMENT: &str = "env:";

/// The header value `PREFIX TOKEN`; marked sensitive, so that nothing prints it.
pub(super) fn header(reference: &str, prefix: &str) -> Result<HeaderValue, CiTrouble> {
    let name = reference.strip_prefix(ENVIRONMENT).unwrap_or(reference);
    let token = std::env::var(name).ok().filter(|token| !token.trim().is_empty());
    let token = token.ok_or_else(|| CiTrouble::NoToken(name.to_owned()))?;
    let value = HeaderValue::from_str(&format!("{prefix}{}", token.trim()));
    let mut value = value.map_err(|_| CiTrouble::Unasked {
        what: format!("the variable {name}"),
        why: "what it holds cannot be a token".to_owned(),
    })?;
    value.set_sensitive(true);
    Ok(value)
}
