//! An environment bound to real systems. The adapters read these values and nothing else.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::rehearsal::RehearsePlan;
use crate::{Duration, EnvironmentName, nouns::freeze::FreezeWindow};

/// Where a service runs and through what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// What splits the traffic.
    pub router: RouterBinding,
    /// What runs the versions.
    pub workload: WorkloadBinding,
    /// Where the numbers come from.
    pub metrics: MetricsBinding,
    /// What switches flags; absent when no change goes back by flag.
    pub flags: Option<FlagsBinding>,
    /// Questions asked of a version before it counts as healthy.
    pub probes: Vec<Probe>,
    /// When forward motion stops.
    pub freeze: Vec<FreezeWindow>,
    /// Who is told.
    pub notify: Vec<NotifyBinding>,
    /// When releases may begin; at any time where no window is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub window: Vec<FreezeWindow>,
    /// How rehearsals are run here.
    #[serde(default, skip_serializing_if = "RehearsePlan::is_default")]
    pub rehearse: RehearsePlan,
}

/// What splits the traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouterBinding {
    /// Ripcord's own splitter.
    Edge(EdgeRouter),
    /// nginx with `split_clients` in an include file.
    Nginx(NginxRouter),
}

/// Ripcord's own splitter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeRouter {
    /// Where users connect.
    pub listen: SocketAddr,
    /// The loopback admin address; `None` lets the edge choose a free port and write it to its state.
    pub admin: Option<SocketAddr>,
    /// What keeps one user on one version.
    pub sticky: Sticky,
    /// How long a withdrawn version may finish its open requests.
    pub drain: Duration,
}

/// What keeps one user on one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sticky {
    /// Nothing: every request is drawn anew.
    None,
    /// A cookie the edge sets.
    Cookie(String),
    /// The value of a request header.
    Header(String),
    /// The client's address.
    Address,
}

/// nginx with `split_clients` in an include file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NginxRouter {
    /// The include file that Ripcord owns, relative to the service's root or absolute.
    pub split: String,
    /// A shell command that checks the whole configuration.
    pub test: String,
    /// A shell command that makes nginx read it.
    pub reload: String,
    /// A URL through the router that is probed to read back what is in force.
    pub probe: String,
    /// The nginx expression whose hash picks the version, `$remote_addr` by default.
    pub key: String,
    /// How long a withdrawn version may finish its open requests.
    pub drain: Duration,
}

/// What runs the versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkloadBinding {
    /// Local processes, one or more per version.
    Process(ProcessWorkload),
    /// Any command line.
    Command(CommandWorkload),
}

/// Local processes. `{port}`, `{version}` and `{artifact}` are replaced in the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessWorkload {
    /// The command line, run by `sh -c`.
    pub command: String,
    /// The path that answers 200 when the process is ready.
    pub ready: String,
    /// How long it may take to become ready.
    pub ready_within: Duration,
    /// How long it may take to stop before it is killed.
    pub grace: Duration,
    /// Processes per version.
    pub instances: u32,
    /// Names of environment variables handed on to the process; nothing else is.
    pub environment: Vec<String>,
}

/// Any command line. `{version}`, `{artifact}`, `{port}` and `{digest}` are replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandWorkload {
    /// Makes the version run; must be repeatable.
    pub start: String,
    /// Makes the version stop; must be repeatable.
    pub stop: String,
    /// Prints one `host:port` per line for the instances that run; exit status 0, nothing printed: none run.
    pub endpoints: String,
    /// Prints one `TARGET sha256:HEX` per line for the places that have the version's artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<String>,
    /// How long one command may take.
    pub timeout: Duration,
    /// Names of environment variables handed on to the commands; nothing else is.
    pub environment: Vec<String>,
}

/// Where the numbers come from, and how often they are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsBinding {
    /// The source.
    pub source: MetricsKind,
    /// Time between two samples.
    pub interval: Duration,
    /// How long one answer may take.
    pub timeout: Duration,
}

/// The source of the numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricsKind {
    /// The versions' own `/metrics`, asked directly at every instance.
    Scrape {
        /// The path.
        path: String,
    },
    /// A Prometheus server.
    Prometheus {
        /// Its base URL.
        url: String,
        /// The label that tells the versions apart.
        version_label: String,
    },
}

/// What switches flags: Ripcord itself, or two command lines with `{flag}` and `{state}` (`on` or `off`) replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagsBinding {
    /// Whether Ripcord serves the flags itself; then there are no commands.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub builtin: bool,
    /// Sets the flag; must be repeatable.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub set: String,
    /// Prints the state, `on` or `off`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub get: String,
    /// How long one command may take, or clients may take to hear of a change.
    pub timeout: Duration,
    /// Names of environment variables handed on to the commands; nothing else is.
    pub environment: Vec<String>,
}

/// A question asked of every instance of a version: an HTTP GET that must answer with `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The path.
    pub path: String,
    /// The expected status.
    pub status: u16,
    /// How long the answer may take.
    pub timeout: Duration,
}

/// Who is told, and through what. The address is a reference, never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyBinding {
    /// The kind of channel.
    pub kind: NotifyKind,
    /// The URL, or `env:NAME` for a secret one.
    pub url: String,
}

/// The kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NotifyKind {
    /// JSON by POST.
    Webhook,
    /// A Slack incoming webhook, Block Kit.
    Slack,
}
