//! What the gate asks of the world outside: the services a release relies on, its secrets, its build, its artifact.
//!
//! Names and addresses only. A value of a secret is never here: variables are named, tokens are references.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Duration, SignalName};

use super::Condition;

/// What the gate asks of the world outside. Everything absent: nothing is asked, and blueprints are as they were.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    /// Services that must answer before a release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub downstream: Vec<Downstream>,
    /// What must be resolvable for the workload in production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<Requires>,
    /// Where it is asked whether the build has passed; all of them must say so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ci: Vec<Ci>,
    /// The signature that the artifact must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Whether every target must be able to say which digest it has; otherwise only those that can are compared.
    #[serde(default, skip_serializing_if = "is_false")]
    pub digests_required: bool,
    /// How much room there must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// Whether the flags of the changes must be off in production before the release.
    #[serde(default, skip_serializing_if = "is_false")]
    pub flags_off: bool,
    /// The commit the files were compiled at, 40 or 64 hex digits; known only when a build is asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Checks {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A service that must answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Downstream {
    /// Its name, for people.
    pub name: String,
    /// What it is asked.
    pub ask: DownstreamAsk,
    /// How long the answer may take.
    pub timeout: Duration,
}

/// What a downstream service is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DownstreamAsk {
    /// An HTTP GET that must answer with a status.
    Http {
        /// The URL.
        url: String,
        /// The expected status.
        expect: u16,
    },
    /// A connection that must be accepted: `host:port`.
    Tcp(String),
}

/// What must be resolvable for the workload in production: presence only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requires {
    /// Names of environment variables that must be set, not empty, and handed on to the workload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Files that must exist, be readable and not be empty, relative to the service's root or absolute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Shell commands that must end with status 0; their output is dropped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// How long one command may take.
    pub timeout: Duration,
}

/// Who says whether a build has passed, and how long the answers may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ci {
    /// Who is asked.
    pub source: CiSource,
    /// How long one answer may take.
    pub timeout: Duration,
}

/// Who says whether a build has passed. Tokens are references, `env:NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CiSource {
    /// A shell command: passed when it ends with status 0, whatever it prints.
    Command {
        /// The command line; `{commit}` and `{version}` are replaced.
        command: String,
        /// Names of environment variables handed on; nothing else is.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        environment: Vec<String>,
    },
    /// A URL that answers 200 with JSON.
    Url {
        /// The URL; `{commit}` and `{version}` are replaced.
        url: String,
        /// What the JSON must say, by JSON pointer (RFC 6901), as text.
        expect: BTreeMap<String, String>,
        /// The bearer token, `env:NAME`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// GitHub, or what speaks its REST API.
    Github {
        /// `OWNER/NAME`.
        repository: String,
        /// The API's base URL.
        api: String,
        /// The token, `env:NAME`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// GitLab.
    Gitlab {
        /// The project's path, `GROUP/NAME`, or its number.
        project: String,
        /// The API's base URL, with `/api/v4`.
        api: String,
        /// The token, `env:NAME`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
}

impl CiSource {
    /// Whether it can be asked only about a known commit.
    pub fn needs_commit(&self) -> bool {
        match self {
            Self::Command { command: text, .. } | Self::Url { url: text, .. } => text.contains("{commit}"),
            Self::Github { .. } | Self::Gitlab { .. } => true,
        }
    }
}

/// The signature that the artifact must have: a detached signature in a file, and the public key to check it with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The signature's file, relative to the service's root or absolute; `{version}` is replaced.
    pub file: String,
    /// The public key's file, PEM (SubjectPublicKeyInfo, RFC 5280).
    pub key: String,
}

/// How much room there must be: `SIGNAL above NUMBER for DURATION`, measured on last good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// A signal of the service.
    pub signal: SignalName,
    /// What must hold.
    pub condition: Condition,
}
