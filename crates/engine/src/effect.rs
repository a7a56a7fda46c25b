//! Effects: desired states, as data. The shell performs them; an adapter may be told the same one many times.

use std::fmt;

use ripcord_model::{ReleaseName, Share, VersionName, blueprint::Artifact};
use serde::{Deserialize, Serialize};

/// Grows with every intent of a service's releases; an adapter refuses a generation older than the one in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Generation(pub u64);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One intent: make `desired` true. Identified by its generation; repeating it is harmless.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Which intent this is; unique within a release.
    pub generation: Generation,
    /// How often it has been tried, counted from 1.
    pub attempt: u32,
    /// What shall be true.
    pub desired: Desired,
}

/// Which of the blueprint's environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The blueprint's staging environment.
    Staging,
    /// The blueprint's production environment.
    Production,
}

/// A desired state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Desired {
    /// Exactly these versions run and are ready; any other version of the service is stopped with grace.
    Workload {
        /// Where.
        place: Place,
        /// What runs.
        running: Vec<Artifact>,
    },
    /// The router splits traffic like this, and nothing reaches a version that is not named.
    Traffic {
        /// Where.
        place: Place,
        /// The split.
        weights: Weights,
    },
    /// The flag has this state.
    Flag {
        /// Where.
        place: Place,
        /// The key.
        flag: String,
        /// On or off.
        on: bool,
    },
    /// The gate's checks have been answered.
    Gate,
    /// What is in force there has been read back, for a rehearsal.
    Look {
        /// Where.
        place: Place,
    },
    /// What a rehearsal breaks on purpose is broken.
    Fault {
        /// Where.
        place: Place,
        /// The shell command.
        command: String,
    },
    /// The version's probes pass on every instance.
    Probe {
        /// Where.
        place: Place,
        /// Of what.
        version: VersionName,
    },
    /// The migrations of a change are undone.
    UndoMigration {
        /// The change.
        change: String,
    },
    /// The data of a change is restored.
    RestoreData {
        /// The change.
        change: String,
    },
    /// People have been told. Never blocks anything.
    Notice(Notice),
}

/// A split of traffic. Shares add up to 100 %; the order is the blueprint's: candidate first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weights(pub Vec<(VersionName, Share)>);

impl Weights {
    /// Everything to one version.
    pub fn all_to(version: &VersionName) -> Self {
        Self(vec![(version.clone(), Share::FULL)])
    }

    /// `share` to the candidate, the rest to the other.
    pub fn split(candidate: &VersionName, share: Share, other: &VersionName) -> Self {
        if share == Share::FULL {
            return Self::all_to(candidate);
        }
        if share == Share::ZERO {
            return Self::all_to(other);
        }
        Self(vec![(candidate.clone(), share), (other.clone(), share.complement())])
    }

    /// The share of `version`; zero when it is not named.
    pub fn share_of(&self, version: &VersionName) -> Share {
        self.0.iter().find(|(name, _)| name == version).map_or(Share::ZERO, |(_, share)| *share)
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (version, share)) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{version} {share}")?;
        }
        Ok(())
    }
}

/// Something people are told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Which release.
    pub release: ReleaseName,
    /// What kind of news.
    pub kind: NoticeKind,
    /// One sentence, the answer first.
    pub text: String,
}

/// What kind of news a notice brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// The release moved forward.
    Progress,
    /// It holds and someone should look.
    Attention,
    /// It is going back.
    RollingBack,
    /// It is back on last good and recovery has been seen.
    RolledBack,
    /// A person is needed now.
    Stuck,
    /// It is complete.
    Complete,
}

impl Desired {
    /// Whether asking for it again is harmless although nobody knows how far the last try came. What was undone or
    /// restored halfway needs a person to look first.
    pub const fn may_be_repeated(&self) -> bool {
        match self {
            Self::UndoMigration { .. } | Self::RestoreData { .. } | Self::Fault { .. } => false,
            Self::Workload { .. }
            | Self::Traffic { .. }
            | Self::Flag { .. }
            | Self::Gate
            | Self::Look { .. }
            | Self::Probe { .. }
            | Self::Notice(_) => true,
        }
    }

    /// What is being made true, in a few words.
    pub fn in_words(&self) -> String {
        match self {
            Self::Workload { running, .. } if running.is_empty() => "stopping the candidate".to_owned(),
            Self::Workload { running, .. } => {
                let versions: Vec<_> = running.iter().map(|artifact| artifact.version.as_str()).collect();
                format!("running {}", versions.join(" and "))
            }
            Self::Traffic { weights, .. } => format!("traffic to {weights}"),
            Self::Flag { flag, on, .. } => format!("switching {flag} {}", if *on { "on" } else { "off" }),
            Self::Gate => "answering the gate's checks".to_owned(),
            Self::Look { .. } => "reading back what is in force".to_owned(),
            Self::Fault { .. } => "breaking what is to be broken".to_owned(),
            Self::Probe { version, .. } => format!("probing {version}"),
            Self::UndoMigration { change } => format!("undoing the migrations of {change}"),
            Self::RestoreData { change } => format!("restoring the data of {change}"),
            Self::Notice(_) => "telling people".to_owned(),
        }
    }
}
