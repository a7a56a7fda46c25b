//! HTTP clients for questions to routers and services: never through a proxy, never following redirects.

use std::time::Duration;

use crate::port::AdapterError;

/// A client for `url`. Without TLS it needs no certificates on the machine, so that a way back works on a bare one.
pub(crate) fn client(
    url: &str,
    timeout: Duration,
    keep_alive: bool,
) -> Result<reqwest::Client, AdapterError> {
    // Somebody else may have installed a provider before; either one will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeout)
        .timeout(timeout);
    if !keep_alive {
        builder = builder.pool_max_idle_per_host(0);
    }
    if !url.starts_with("https:") {
        builder = builder.tls_certs_only([]);
    }
    builder
        .build()
        .map_err(|error| AdapterError::Permanent(format!("no HTTP client for {url}: {}", chain(&error))))
}

/// An error with all its sources, since the outermost one of an HTTP client rarely says what happened.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}
