//! Whom the users ask, how often, how many of them.

use std::time::Duration;

/// The load to be made.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Whom to ask: `http://HOST:PORT` or `HOST:PORT`.
    pub target: String,
    /// Requests due per second.
    pub rate_per_second: f64,
    /// Keep-alive connections; as many requests are under way at most.
    pub connections: usize,
    /// When to stop by itself; until stopped when absent.
    pub duration: Option<Duration>,
    /// How many different users there are.
    pub users: u64,
    /// When a user gives up on an answer.
    pub timeout: Duration,
    /// One in so many requests reads the exam, the others submit; 0: all submit.
    pub read_every: u64,
    /// Where the draws begin.
    pub seed: u64,
}

impl LoadOptions {
    /// 200 requests per second from 1,000 users over 16 connections, until stopped.
    pub fn new(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            rate_per_second: 200.0,
            connections: 16,
            duration: None,
            users: 1_000,
            timeout: Duration::from_secs(5),
            read_every: 10,
            seed: 1,
        }
    }

    /// `HOST:PORT` of the target, or what is wrong with the options.
    pub(super) fn check(&self) -> Result<String, LoadError> {
        if !(0.01..=100_000.0).contains(&self.rate_per_second) {
            return Err(LoadError::Rate(self.rate_per_second));
        }
        if !(1..=4_096).contains(&self.connections) {
            return Err(LoadError::Connections(self.connections));
        }
        if self.users == 0 {
            return Err(LoadError::Users);
        }
        let refused = || LoadError::Target(self.target.clone());
        let bare = self.target.strip_prefix("http://").unwrap_or(&self.target);
        let authority = bare.strip_suffix('/').unwrap_or(bare);
        let (host, port) = authority.rsplit_once(':').ok_or_else(refused)?;
        let is_plain = !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']);
        if !is_plain || port.parse::<u16>().is_err() {
            return Err(refused());
        }
        Ok(authority.to_owned())
    }
}

/// Why there is no load.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LoadError {
    /// The target is not one.
    #[error("`{0}` is not a target: expected http://HOST:PORT without a path")]
    Target(String),
    /// The rate makes no sense.
    #[error("{0} requests per second are not possible: expected 0.01 to 100000")]
    Rate(f64),
    /// Too many connections, or none.
    #[error("{0} connections are not possible: expected 1 to 4096")]
    Connections(usize),
    /// No users.
    #[error("0 users send nothing: expected at least 1")]
    Users,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_host_and_port() {
        for (target, expected) in [
            ("http://127.0.0.1:80", Some("127.0.0.1:80")),
            ("localhost:8080/", Some("localhost:8080")),
            ("[::1]:8080", Some("[::1]:8080")),
            ("https://127.0.0.1:80", None),
            ("127.0.0.1", None),
            ("127.0.0.1:80/submit", None),
            (":80", None),
        ] {
            assert_eq!(LoadOptions::new(target).check().ok().as_deref(), expected, "{target}");
        }
    }
}
