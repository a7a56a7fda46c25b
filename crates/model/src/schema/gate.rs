//! The written shape of `gate:` in `ripcord.yaml`.
#![expect(dead_code, reason = "these types only describe; nothing constructs them")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::text::{DurationText, OneOrMany};
use crate::blueprint::RecordKind;

/// What the gate asks for beyond what it always asks.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Gate {
    /// Services that must answer before a release.
    downstream: Option<Vec<Downstream>>,
    /// What must be resolvable for the workload in production: presence only.
    requires: Option<Requires>,
    /// Who says whether the build has passed; of several, all must say so.
    ci: Option<OneOrMany<Ci>>,
    /// The signature that the artifact must have.
    signature: Option<Signature>,
    /// Whether every target must be able to say which digest it has; `when-known`.
    digests: Option<Digests>,
    /// How much room there must be: `cpu-headroom above 20% for 5m`.
    capacity: Option<String>,
    /// `off`: the flags of the changes must be off in production before the release; `any`.
    flags: Option<Flags>,
    /// Whether the plan must name a change ticket; `optional`.
    ticket: Option<Ticket>,
    /// How many people must approve, before the additional reviewer of levels 3 and 4; 0.
    approvals: Option<Approvals>,
    /// Results that must be on record.
    records: Option<OneOrMany<RecordKind>>,
    /// `acknowledged`: the on-call person must have said that they are there; `named`.
    on_call: Option<OnCall>,
    /// `reviewed`: somebody must have looked at how production differs from staging; `any`.
    config_diff: Option<ConfigDiff>,
}

/// Whether the plan must name a change ticket.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Ticket {
    /// It must.
    Required,
    /// It may.
    Optional,
}

/// How many people must approve.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Approvals {
    /// For every release.
    Every(#[schemars(range(max = 10))] u32),
    /// More for some classes of changes; the largest number that fits counts.
    ByClass(ApprovalsByClass),
}

/// How many people must approve, by what is changed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ApprovalsByClass {
    /// For every release.
    #[schemars(range(max = 10))]
    every: Option<u32>,
    /// With a change of class code.
    #[schemars(range(max = 10))]
    code: Option<u32>,
    /// With a change of class config.
    #[schemars(range(max = 10))]
    config: Option<u32>,
    /// With a change of class schema.
    #[schemars(range(max = 10))]
    schema: Option<u32>,
    /// With a change of class data.
    #[schemars(range(max = 10))]
    data: Option<u32>,
    /// With a change of class contract.
    #[schemars(range(max = 10))]
    contract: Option<u32>,
}

/// What is asked of the on-call person.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum OnCall {
    /// To have said that they are there.
    Acknowledged,
    /// To be named.
    Named,
}

/// What is asked about differences between staging and production.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum ConfigDiff {
    /// That somebody has looked at them.
    Reviewed,
    /// Nothing.
    Any,
}

/// A service that must answer: `http` or `tcp`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Downstream {
    /// Its name.
    name: String,
    /// A URL that is asked by GET.
    http: Option<String>,
    /// The status it must answer; 200.
    #[schemars(range(min = 100, max = 599))]
    expect: Option<u16>,
    /// `host:port` that must accept a connection.
    tcp: Option<String>,
    /// How long the answer may take; 5s.
    timeout: Option<DurationText>,
}

/// What must be resolvable for the workload in production.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Requires {
    /// Names of environment variables.
    env: Option<Vec<String>>,
    /// Files that must be readable and not empty.
    files: Option<Vec<String>>,
    /// Commands that must end with status 0; `{version}` is put in, their output is dropped.
    command: Option<OneOrMany<String>>,
    /// How long one command may take; 10s.
    timeout: Option<DurationText>,
}

/// Who says whether the build has passed: one of `command`, `url`, `github`, `gitlab`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Ci {
    /// A command that ends with status 0 when it has; `{commit}` and `{version}` are put in.
    command: Option<String>,
    /// Names of environment variables handed on to the command; nothing else is.
    environment: Option<Vec<String>>,
    /// A URL that answers 200 with JSON; `{commit}` and `{version}` are put in.
    url: Option<String>,
    /// What the JSON must say, by JSON pointer.
    expect: Option<BTreeMap<String, OneText>>,
    /// The bearer token for the URL, `env:NAME`.
    token: Option<String>,
    /// GitHub, or what speaks its REST API.
    github: Option<Github>,
    /// GitLab.
    gitlab: Option<Gitlab>,
    /// How long one answer may take; 10s.
    timeout: Option<DurationText>,
}

/// A text that may look like a number or a truth value.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum OneText {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
}

/// GitHub, or what speaks its REST API.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Github {
    /// `OWNER/NAME`.
    repository: String,
    /// The API's base URL; `https://api.github.com`.
    api: Option<String>,
    /// The token, `env:NAME`.
    token: Option<String>,
}

/// GitLab.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Gitlab {
    /// `GROUP/NAME`, or the project's number.
    project: String,
    /// The API's base URL; `https://gitlab.com/api/v4`.
    api: Option<String>,
    /// The token, `env:NAME`.
    token: Option<String>,
}

/// The signature that the artifact must have.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Signature {
    /// The signature's file; `{version}` is put in.
    file: String,
    /// The public key's file, PEM: ECDSA P-256 or Ed25519.
    key: String,
}

/// Whether every target must be able to say which digest it has.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Digests {
    /// A target that cannot say blocks.
    Required,
    /// Only targets that can say are compared.
    WhenKnown,
}

/// What the flags of the changes must be before the release.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Flags {
    /// Off.
    Off,
    /// Anything.
    Any,
}
