//! The plain database and its trial copy.

use std::path::PathBuf;
use std::time::Duration;

use postgres::{Client, Statement};
use ripcord_migrations::Script;

use super::load::{Source, load};
use super::run::{Runner, asked, connect, role_in};
use super::server::{SUPERUSER, Server};
use super::{catalog, rows, seed};
use crate::contents::Contents;
use crate::port::{Failed, Missing, Ran, Scratch, ScratchError, Seeded};
use crate::schema::Schema;

const PLAIN: &str = "ripcord_plain";
const TRIAL: &str = "ripcord_trial";
/// Whom migrations run as: owner of the databases, may make roles, is no superuser.
const MIGRATOR: &str = "ripcord_migrator";

/// How a scratch PostgreSQL is made.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// Where `initdb` and `postgres` lie; the newest installed when left out.
    pub bin: Option<PathBuf>,
    /// What stands in the database before the first migration.
    pub source: Source,
    /// Whether migrations run as superuser. They can then do on this machine what the server's user can.
    pub superuser: bool,
    /// How long one script may take.
    pub limit: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { bin: None, source: Source::Empty, superuser: false, limit: Duration::from_secs(300) }
    }
}

/// A scratch PostgreSQL.
pub struct Postgres {
    // Dropped in this order: connections first, the server last.
    plain: Option<(Runner, Client)>,
    trial: Option<Trial>,
    admin: Client,
    server: Server,
    options: PostgresOptions,
    version: u32,
    moved: u32,
}

/// Connections to the trial copy.
struct Trial {
    runner: Runner,
    watch: Client,
    catalog: Statement,
    known: rows::Known,
}

impl Postgres {
    /// Starts a server and loads what the migrations begin with.
    ///
    /// # Errors
    /// When there is no PostgreSQL to start, or the data cannot be loaded.
    pub fn start(options: PostgresOptions) -> Result<Self, ScratchError> {
        let server = Server::start(options.bin.as_deref())?;
        let mut admin = connect(&server, "postgres", SUPERUSER).map_err(asked)?;
        let rights = if options.superuser { "SUPERUSER" } else { "NOSUPERUSER CREATEROLE" };
        admin
            .batch_execute(&format!("CREATE ROLE {MIGRATOR} LOGIN {rights} CONNECTION LIMIT 10"))
            .and_then(|()| admin.batch_execute(&format!("CREATE DATABASE {PLAIN} OWNER {MIGRATOR}")))
            .map_err(asked)?;
        let number: String = admin.query_one("SHOW server_version_num", &[]).map_err(asked)?.get(0);
        let version = number.parse::<u32>().unwrap_or_default() / 10_000;
        let mut postgres = Self { plain: None, trial: None, admin, server, options, version, moved: 0 };
        let source = postgres.options.source.clone();
        let Self { admin, server, .. } = &mut postgres;
        load(&source, server, PLAIN, MIGRATOR, |role| make_role(admin, server, role).map_err(asked))?;
        Ok(postgres)
    }

    fn trial(&mut self) -> Result<&mut Trial, ScratchError> {
        if self.trial.as_ref().is_some_and(|trial| trial.runner.is_closed() || trial.watch.is_closed()) {
            self.trial = None;
        }
        let trial = match self.trial.take() {
            Some(trial) => trial,
            None => self.connect_trial()?,
        };
        Ok(self.trial.insert(trial))
    }

    fn connect_trial(&self) -> Result<Trial, ScratchError> {
        let runner = Runner::open(&self.server, TRIAL, MIGRATOR)?;
        let mut watch = connect(&self.server, TRIAL, SUPERUSER).map_err(asked)?;
        // Definitions name schemas in full when none is on the path.
        watch
            .batch_execute("SET search_path = pg_catalog; SET client_min_messages = error")
            .map_err(asked)?;
        let catalog = watch.prepare(catalog::SQL).map_err(asked)?;
        Ok(Trial { runner, watch, catalog, known: rows::Known::new() })
    }

    /// What a failure asks for is done, so that the script can be tried again.
    fn help(&mut self, failed: &mut Failed) {
        match failed.not_its_fault.clone() {
            Some(Missing::RoleMade(role)) => {
                if let Err(error) = make_role(&mut self.admin, &self.server, &role) {
                    failed.message = format!("{}; role {role} could not be made: {error}", failed.message);
                    failed.not_its_fault = None;
                }
            }
            Some(Missing::RoleMoved) => {
                // Roles belong to the whole server: the other copy has made this one already.
                self.moved += 1;
                let Some(role) = role_in(&failed.message).map(quoted) else { return };
                let aside = quoted(&format!("ripcord_moved_{}", self.moved));
                let moved = self.admin.batch_execute(&format!("ALTER ROLE {role} RENAME TO {aside}"));
                if moved.is_err() || self.moved > 1000 {
                    failed.not_its_fault = None;
                }
            }
            Some(Missing::Extension(_) | Missing::Superuser) | None => {}
        }
    }
}

/// A name between quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text between quotes.
pub(super) fn literal(text: &str) -> String {
    let marker = if text.contains('\\') { "E" } else { "" };
    format!("{marker}'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// A role that migrations or a dump name. It may own things in the usual schema, as it may where it comes from; the plain
/// database is told, and its copies have it from there.
fn make_role(admin: &mut Client, server: &Server, role: &str) -> Result<(), postgres::Error> {
    let role = quoted(role);
    admin.batch_execute(&format!("CREATE ROLE {role} NOLOGIN; GRANT {role} TO {MIGRATOR}"))?;
    let mut plain = connect(server, PLAIN, SUPERUSER)?;
    let public: bool = plain.query_one("SELECT to_regnamespace('public') IS NOT NULL", &[])?.get(0);
    if public { plain.batch_execute(&format!("GRANT CREATE ON SCHEMA public TO {role}")) } else { Ok(()) }
}

impl Scratch for Postgres {
    fn run(&mut self, script: &Script) -> Result<Ran, Failed> {
        let limit = self.options.limit;
        if let Err(error) = self.trial() {
            return Err(Failed { message: error.to_string(), not_its_fault: None });
        }
        let Some(trial) = &mut self.trial else {
            return Err(Failed { message: "no connection".to_owned(), not_its_fault: None });
        };
        let result = trial.runner.run(&self.server, &mut trial.watch, script, limit);
        result.map_err(|mut failed| {
            self.help(&mut failed);
            failed
        })
    }

    fn advance(&mut self, script: &Script) -> Result<Result<Ran, Failed>, ScratchError> {
        if self.plain.as_ref().is_some_and(|(runner, watch)| runner.is_closed() || watch.is_closed()) {
            self.plain = None;
        }
        let (mut runner, mut watch) = match self.plain.take() {
            Some(plain) => plain,
            None => (
                Runner::open(&self.server, PLAIN, MIGRATOR)?,
                connect(&self.server, PLAIN, SUPERUSER).map_err(asked)?,
            ),
        };
        let result = runner.run(&self.server, &mut watch, script, self.options.limit);
        self.plain = Some((runner, watch));
        Ok(result.map_err(|mut failed| {
            self.help(&mut failed);
            failed
        }))
    }

    fn renew(&mut self) -> Result<(), ScratchError> {
        // A database is copied only while nobody is connected to it.
        self.plain = None;
        self.trial = None;
        self.admin.batch_execute(&format!("DROP DATABASE IF EXISTS {TRIAL} WITH (FORCE)")).map_err(asked)?;
        let ended = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{PLAIN}'");
        for _ in 0..500 {
            if self.admin.query_one(&ended, &[]).map_err(asked)?.get::<_, i64>(0) == 0 {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let create = format!("CREATE DATABASE {TRIAL} TEMPLATE {PLAIN} OWNER {MIGRATOR}");
        self.admin.batch_execute(&create).map_err(asked)
    }

    fn seed(&mut self, rows: u32) -> Result<Seeded, ScratchError> {
        let trial = self.trial()?;
        seed::fill(&mut trial.watch, &mut trial.known, rows).map_err(asked)
    }

    fn schema(&mut self) -> Result<Schema, ScratchError> {
        let trial = self.trial()?;
        let statement = trial.catalog.clone();
        catalog::read(&mut trial.watch, &statement).map_err(asked)
    }

    fn contents(&mut self) -> Result<Contents, ScratchError> {
        let trial = self.trial()?;
        rows::read(&mut trial.watch, &mut trial.known).map_err(asked)
    }

    fn server(&self) -> String {
        format!("PostgreSQL {}", self.version)
    }
}
