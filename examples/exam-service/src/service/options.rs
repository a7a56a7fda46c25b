//! How the service is started.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use super::faults::Faults;

/// How the service is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on, loopback by default.
    pub address: IpAddr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The version it answers as.
    pub version: String,
    /// What is wrong with it.
    pub faults: Faults,
    /// A file saying `on` or `off`: the faulty path runs only while it says `on`. Without a file it always runs.
    pub flag_file: Option<PathBuf>,
    /// Whether its metrics carry a `version` label.
    pub label_version: bool,
    /// Where its draws begin.
    pub seed: u64,
    /// How long open requests may take to end when it is stopped.
    pub drain: Duration,
}

impl Options {
    /// A healthy `version` on a free loopback port.
    pub fn healthy(version: impl Into<String>) -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            version: version.into(),
            faults: Faults::default(),
            flag_file: None,
            label_version: false,
            seed: 1,
            drain: Duration::from_secs(5),
        }
    }
}
