//! A script sent as its tool would send it, with a time limit, and what it held.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use postgres::{Client, Config, NoTls};
use ripcord_migrations::{Piece, Script, Transaction};

use super::server::{SUPERUSER, Server};
use crate::port::{Failed, Lock, Missing, Ran, ScratchError};

/// How long a cancelled statement may take to end before its connection is cut.
const GRACE: Duration = Duration::from_secs(5);

/// Opens a connection.
pub(super) fn connect(server: &Server, database: &str, user: &str) -> Result<Client, postgres::Error> {
    Config::new()
        .host_path(server.socket())
        .dbname(database)
        .user(user)
        .connect_timeout(Duration::from_secs(20))
        .connect(NoTls)
}

/// A connection migrations run on.
pub(super) struct Runner {
    client: Client,
    pid: i32,
}

impl Runner {
    pub(super) fn open(server: &Server, database: &str, user: &str) -> Result<Self, ScratchError> {
        let mut client = connect(server, database, user).map_err(asked)?;
        let pid = client.query_one("SELECT pg_backend_pid()", &[]).map_err(asked)?.get(0);
        Ok(Self { client, pid })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs a script; a second connection looks at its locks and ends it when it takes too long.
    pub(super) fn run(
        &mut self,
        server: &Server,
        watch: &mut Client,
        script: &Script,
        limit: Duration,
    ) -> Result<Ran, Failed> {
        let guard = Guard::start(server, &self.client, self.pid, limit);
        let began = Instant::now();
        let result = self.send(watch, script);
        let seconds = began.elapsed().as_secs_f64();
        let late = guard.stop();
        let open = result.is_ok() && is_open(watch, self.pid);
        let tidied =
            self.client.batch_execute("ROLLBACK").and_then(|()| self.client.batch_execute("DISCARD ALL"));
        match result {
            Err((piece, error)) => Err(failure(&self.client, script, piece, &error, late.then_some(limit))),
            Ok(_) if open => Err(plain(format!(
                "{}: it leaves its transaction open, so nothing of it is kept",
                script.file
            ))),
            Ok(_) if tidied.is_err() => {
                Err(plain(format!("{}: the connection was lost at its end", script.file)))
            }
            Ok(locks) => Ok(Ran { seconds, locks }),
        }
    }

    fn send<'a>(
        &mut self,
        watch: &mut Client,
        script: &'a Script,
    ) -> Result<Vec<Lock>, (Option<&'a Piece>, postgres::Error)> {
        let wrapped = script.transaction == Transaction::Wrapped;
        if wrapped {
            self.client.batch_execute("BEGIN").map_err(|error| (None, error))?;
        }
        for piece in &script.pieces {
            self.client.batch_execute(&piece.text).map_err(|error| (Some(piece), error))?;
        }
        let mut locks = Vec::new();
        if wrapped {
            locks = held(watch, self.pid);
            self.client.batch_execute("COMMIT").map_err(|error| (None, error))?;
        }
        Ok(locks)
    }
}

/// Tables that were there before, and the strongest lock on each. What the script made itself is not visible from here.
fn held(watch: &mut Client, pid: i32) -> Vec<Lock> {
    let sql = "SELECT n.nspname || '.' || c.relname, l.mode FROM pg_locks l \
               JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE l.pid = $1 AND l.locktype = 'relation' AND l.database <> 0 AND c.relkind IN ('r', 'p', 'm') \
               AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
    let mut strongest: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    for row in watch.query(sql, &[&pid]).unwrap_or_default() {
        let (table, mode): (String, String) = (row.get(0), row.get(1));
        let kept = strongest.entry(table).or_insert_with(|| mode.clone());
        if strength(&mode) > strength(kept) {
            *kept = mode;
        }
    }
    strongest.into_iter().map(|(table, mode)| Lock { table, mode }).collect()
}

/// The eight modes in the order of the manual, section 13.3.1.
fn strength(mode: &str) -> usize {
    let modes = [
        "AccessShareLock",
        "RowShareLock",
        "RowExclusiveLock",
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
    ];
    modes.iter().position(|known| *known == mode).unwrap_or(0)
}

fn is_open(watch: &mut Client, pid: i32) -> bool {
    let sql = "SELECT state LIKE 'idle in transaction%' FROM pg_stat_activity WHERE pid = $1";
    watch
        .query_opt(sql, &[&pid])
        .ok()
        .flatten()
        .is_some_and(|row| row.get::<_, Option<bool>>(0) == Some(true))
}

/// Ends a script that takes too long: first politely, then by cutting its connection.
struct Guard {
    done: mpsc::Sender<()>,
    thread: thread::JoinHandle<bool>,
}

impl Guard {
    fn start(server: &Server, client: &Client, pid: i32, limit: Duration) -> Self {
        let (done, ended) = mpsc::channel::<()>();
        let cancel = client.cancel_token();
        let mut config = Config::new();
        config.host_path(server.socket()).dbname("postgres").user(SUPERUSER);
        let thread = thread::spawn(move || {
            if ended.recv_timeout(limit) != Err(mpsc::RecvTimeoutError::Timeout) {
                return false;
            }
            // A function may catch one cancel and go on, so the connection goes in the end.
            let _ = cancel.cancel_query(NoTls);
            if ended.recv_timeout(GRACE) == Err(mpsc::RecvTimeoutError::Timeout)
                && let Ok(mut admin) = config.connect(NoTls)
            {
                let _ = admin.execute("SELECT pg_terminate_backend($1)", &[&pid]);
            }
            true
        });
        Self { done, thread }
    }

    /// Whether it had to end the script.
    fn stop(self) -> bool {
        let _ = self.done.send(());
        self.thread.join().unwrap_or(false)
    }
}

fn plain(message: String) -> Failed {
    Failed { message, not_its_fault: None }
}

fn failure(
    client: &Client,
    script: &Script,
    piece: Option<&Piece>,
    error: &postgres::Error,
    late: Option<Duration>,
) -> Failed {
    let file = &script.file;
    if let Some(limit) = late {
        return plain(format!("{file}: it did not end within {} s", limit.as_secs()));
    }
    let Some(said) = error.as_db_error() else {
        let message =
            if client.is_closed() { "the connection was lost".to_owned() } else { error.to_string() };
        return plain(format!("{file}: {message}"));
    };
    let line = piece.map(|piece| piece.line + lines_before(piece, said));
    let place = line.map_or_else(|| format!("{file}, at its commit"), |line| format!("{file}:{line}"));
    let mut message = format!("{place}: {} ({})", said.message(), said.code().code());
    if let Some(detail) = said.detail() {
        message = format!("{message}; {}", detail.lines().next().unwrap_or_default());
    }
    Failed { not_its_fault: missing(said), message }
}

fn lines_before(piece: &Piece, said: &postgres::error::DbError) -> usize {
    let Some(postgres::error::ErrorPosition::Original(position)) = said.position() else {
        return first_word(&piece.text);
    };
    piece.text.chars().take(*position as usize - 1).filter(|char| *char == '\n').count()
}

/// Lines before the first statement of a piece, for an error that has no place.
fn first_word(text: &str) -> usize {
    let only = ripcord_migrations::split(text);
    match only.as_slice() {
        [statement] => statement.line - 1,
        _ => 0,
    }
}

/// What an error says is not there, where that is the server's matter.
fn missing(said: &postgres::error::DbError) -> Option<Missing> {
    let text = said.message();
    let named = || text.split('"').nth(1).map(str::to_owned);
    match said.code().code() {
        "0A000" if text.starts_with("extension ") && text.ends_with("is not available") => {
            named().map(Missing::Extension)
        }
        "58P01" if text.contains("extension control file") => {
            let path = named()?;
            let name = path.rsplit('/').next()?.strip_suffix(".control")?;
            Some(Missing::Extension(name.to_owned()))
        }
        "42704" | "22023" if text.starts_with("role ") && text.ends_with("does not exist") => {
            named().map(Missing::RoleMade)
        }
        "42710" if text.starts_with("role ") => Some(Missing::RoleMoved),
        "42501" if text.contains("superuser") || text.starts_with("permission denied to") => {
            Some(Missing::Superuser)
        }
        _ => None,
    }
}

/// The role an error names.
pub(super) fn role_in(message: &str) -> Option<&str> {
    message.split("role \"").nth(1)?.split('"').next()
}

pub(super) fn asked(error: impl std::error::Error) -> ScratchError {
    let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    ScratchError::Asked(format!("{error}{source}"))
}
