//! What the loop is told.

use std::sync::Arc;

use ripcord_comms::Messages;
use ripcord_engine::{Block, Command, Generation, Outcome, Status};
use ripcord_flags::Edit;
use ripcord_model::{
    Actor, EnvironmentName, PostMortemId, ReleaseName, ServiceName, Timestamp,
    blueprint::{AlertRules, Artifact, Blueprint},
    paper::{NewFreezeException, Noted, Paper, RunbookRun, Sheet},
};
use ripcord_people::{Directory, TokenId, Wish, policy::PolicySource};
use tokio::sync::oneshot;

use super::overrides::OverrideAsked;
use crate::{
    alerts::{Alerts, Taken},
    failure::Failure,
    flags::FlagsView,
    gate::OnRecord,
    handle::Info,
    post_mortem::PostMortemState,
    rehearsal::{LookedAfter, RehearsalRecord, RehearsalRequest},
    telling::{Announced, Announcement, News},
};

/// Where an answer goes.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, Failure>>;

/// One thing the loop is told.
pub(crate) enum Message {
    /// Somebody asks.
    Request(Request),
    /// An effect ended.
    Outcome { release: ReleaseName, generation: Generation, outcome: Outcome },
    /// An observer saw something. Its number is given by the loop.
    Block { release: ReleaseName, block: Block },
    /// Something that was on its way to people.
    News(Box<News>),
    /// Time has passed.
    Tick,
    /// Stop.
    Shutdown(oneshot::Sender<()>),
}

/// One question of a handle.
pub(crate) enum Request {
    Create {
        blueprint: Box<Blueprint>,
        by: Actor,
        reply: Reply<()>,
    },
    Command {
        release: ReleaseName,
        command: Command,
        by: Actor,
        reply: Reply<Status>,
    },
    /// Begins a rehearsal; answers with its status.
    Rehearse {
        request: Box<RehearsalRequest>,
        reply: Reply<Status>,
    },
    /// The rehearsals of a release that have a result, oldest first, and the one of its service that runs.
    Rehearsals {
        of: ReleaseName,
        service: ServiceName,
        reply: Reply<(Vec<RehearsalRecord>, Option<ReleaseName>, Timestamp)>,
    },
    /// The releases whose confirmed times are looked after.
    LookAfter {
        reply: Reply<Vec<LookedAfter>>,
    },
    Status {
        release: ReleaseName,
        reply: Reply<Status>,
    },
    Statuses {
        reply: Reply<Vec<Status>>,
    },
    Blueprint {
        release: ReleaseName,
        reply: Reply<Blueprint>,
    },
    /// The blueprint of a release if there is one.
    Known {
        release: ReleaseName,
        reply: Reply<Option<Blueprint>>,
    },
    /// The version the next release of the service goes back to.
    LastGood {
        service: ServiceName,
        reply: Reply<Option<Artifact>>,
    },
    /// Releases of a service that are not over.
    UnderWay {
        service: ServiceName,
        except: ReleaseName,
        reply: Reply<Vec<ReleaseName>>,
    },
    /// What people have put on record about a release; it need not exist.
    OnRecord {
        release: ReleaseName,
        reply: Reply<OnRecord>,
    },
    /// Put a paper on record that somebody may.
    Note {
        release: ReleaseName,
        paper: Paper,
        by: Actor,
        reply: Reply<Vec<Noted>>,
    },
    /// Accept a check that does not pass, and open a post-mortem with it.
    Override {
        release: ReleaseName,
        asked: Box<OverrideAsked>,
        reply: Reply<PostMortemState>,
    },
    /// Let a hotfix move in spite of freezes.
    ExceptFreeze {
        release: ReleaseName,
        blueprint: Box<Blueprint>,
        new: NewFreezeException,
        by: Actor,
        reply: Reply<Vec<Noted>>,
    },
    /// All post-mortems.
    PostMortems {
        reply: Reply<Vec<PostMortemState>>,
    },
    ClosePostMortem {
        id: PostMortemId,
        file: Sheet,
        by: Actor,
        reply: Reply<PostMortemState>,
    },
    /// Take a run of a runbook into the record; says whether it was news.
    NoteRun {
        run: Box<RunbookRun>,
        reply: Reply<bool>,
    },
    /// Put a paper on record that somebody may, about a release or about none.
    NoteAbout {
        release: Option<ReleaseName>,
        paper: Paper,
        by: Actor,
        reply: Reply<()>,
    },
    /// Entries from a position on, as stored, and how many there are.
    Entries {
        from: u64,
        limit: usize,
        reply: Reply<Entries>,
    },
    /// What Alertmanager says.
    Alerts {
        delivery: Box<Alerts>,
        rules: AlertRules,
        reply: Reply<Taken>,
    },
    /// What was told to whom about a release, and what is due.
    Messages {
        release: ReleaseName,
        reply: Reply<Messages>,
    },
    /// A named person confirms that people outside are told, or looks at what they would be told.
    Announce {
        release: ReleaseName,
        asked: Announcement,
        by: Actor,
        reply: Reply<Announced>,
    },
    /// Up to `limit` blocks of a release with a number of at least `from`, in order.
    Blocks {
        release: ReleaseName,
        from: u64,
        limit: usize,
        reply: Reply<Vec<Block>>,
    },
    /// Change flags; answers with all of the environment.
    ChangeFlags {
        environment: EnvironmentName,
        edit: Box<Edit>,
        why: Option<String>,
        by: Actor,
        reply: Reply<FlagsView>,
    },
    Info {
        reply: Reply<Info>,
    },
    /// What an admin asks about people and tokens; everybody afterwards.
    Wish {
        wish: Box<Wish>,
        by: Actor,
        reply: Reply<Arc<Directory>>,
    },
    /// Somebody came in with a token.
    TokenUsed {
        id: TokenId,
        reply: Reply<()>,
    },
    /// Other rules are in force.
    PolicyChanged {
        source: PolicySource,
        reply: Reply<()>,
    },
}

/// A run of entries.
pub(crate) struct Entries {
    pub(crate) entries: Vec<ripcord_store::StoredEntry>,
    pub(crate) len: u64,
}
