//! One migration: up, down and up again on the trial copy, then forward once on the plain database.

use ripcord_migrations::{Migration, Script};

use crate::contents::{Contents, gains, losses};
use crate::port::{Failed, Missing, Ran, Scratch, ScratchError, Seeded};
use crate::schema::Schema;
use crate::verdict::{Step, Trial, Verdict};

/// How many rows an empty table is given; fewer when the way forward does not take them.
const ROWS: [u32; 3] = [3, 1, 0];
/// How many roles may be made for one migration.
const ROLES: usize = 20;

/// Walks over migrations, from one to the next.
pub(crate) struct Walk<S> {
    scratch: S,
    /// Whether the trial copy is what the plain database is, but for generated rows.
    fresh: bool,
    /// The first migration that could not be applied, if any.
    broken: Option<String>,
    /// What was missing on the server, each named once.
    missing: Vec<Missing>,
}

/// The trial copy before a migration.
struct Before {
    schema: Schema,
    contents: Contents,
}

impl<S: Scratch> Walk<S> {
    pub(crate) fn new(scratch: S) -> Self {
        Self { scratch, fresh: false, broken: None, missing: Vec::new() }
    }

    pub(crate) fn server(&self) -> String {
        self.scratch.server()
    }

    pub(crate) fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Goes past a migration that nobody asks about.
    pub(crate) fn pass(&mut self, migration: &Migration) -> Result<(), ScratchError> {
        self.fresh = false;
        self.forward(migration)
    }

    fn forward(&mut self, migration: &Migration) -> Result<(), ScratchError> {
        if let Some(flaw) = migration.up.flaws.first() {
            self.broken.get_or_insert_with(|| format!("{}: {flaw}", migration.version));
            return Ok(());
        }
        for _ in 0..ROLES {
            let Err(failed) = self.scratch.advance(&migration.up)? else {
                return Ok(());
            };
            self.fresh = false;
            if !self.noted(&failed) {
                self.broken.get_or_insert_with(|| format!("{}: {}", migration.version, failed.message));
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether a script may be tried again, since what it missed is there now.
    fn noted(&mut self, failed: &Failed) -> bool {
        let Some(missing) = &failed.not_its_fault else {
            return false;
        };
        match missing {
            Missing::RoleMoved => return true,
            Missing::Extension(_) | Missing::RoleMade(_) | Missing::Superuser => {}
        }
        if !self.missing.contains(missing) {
            self.missing.push(missing.clone());
        }
        matches!(missing, Missing::RoleMade(_))
    }

    /// Tries a migration, and leaves the plain database after it.
    pub(crate) fn prove(&mut self, migration: &Migration) -> Result<Trial, ScratchError> {
        let mut trial = blank(migration);
        if let Some(flaw) = migration.up.flaws.first() {
            trial.reason = format!("{}: {flaw}", migration.up.file);
            self.broken.get_or_insert_with(|| format!("{}: {flaw}", migration.version));
            return Ok(trial);
        }
        self.attempt(migration, &mut trial)?;
        if trial.up.is_some() {
            self.forward(migration)?;
        }
        Ok(trial)
    }

    fn attempt(&mut self, migration: &Migration, trial: &mut Trial) -> Result<(), ScratchError> {
        let Some((before, ran)) = self.up_with_rows(migration, trial)? else {
            self.fresh = false;
            return Ok(());
        };
        trial.up = Some(step(ran));
        let after = self.scratch.schema()?;
        self.fresh = false;
        let Some(down) = &migration.down else {
            trial.verdict = Verdict::OneWay;
            trial.reason = "there is no way back".to_owned();
            return Ok(());
        };
        if let Some(flaw) = down.flaws.first() {
            trial.reason = format!("{}: {flaw}", down.file);
            return Ok(());
        }
        if down.is_empty() && (after != before.schema || self.scratch.contents()? != before.contents) {
            trial.verdict = Verdict::OneWay;
            trial.reason = format!("{} holds no statement", down.file);
            return Ok(());
        }
        let since = after.since(&before.schema);
        trial.written_since = since
            .added
            .into_iter()
            .filter(|what| what.starts_with("table ") || what.starts_with("column "))
            .collect();
        self.down_and_up(migration, down, (&before, &after), trial)
    }

    /// The way forward, with generated rows where it takes them.
    fn up_with_rows(
        &mut self,
        migration: &Migration,
        trial: &mut Trial,
    ) -> Result<Option<(Before, Ran)>, ScratchError> {
        let mut refused = None;
        let mut roles = 0;
        let mut attempts = ROWS.into_iter().peekable();
        while let Some(rows) = attempts.peek().copied() {
            if !self.fresh {
                self.scratch.renew()?;
            }
            let seeded = if rows > 0 { self.scratch.seed(rows)? } else { Seeded::default() };
            let before = Before { schema: self.scratch.schema()?, contents: self.scratch.contents()? };
            self.fresh = false;
            match self.scratch.run(&migration.up) {
                Ok(ran) => {
                    self.describe_rows(trial, &seeded, &before, refused, rows);
                    return Ok(Some((before, ran)));
                }
                Err(failed) if self.noted(&failed) && roles < ROLES => roles += 1,
                Err(failed) => {
                    if failed.not_its_fault.is_some() || before.contents.values().all(|table| table.rows == 0)
                    {
                        self.give_up(migration, trial, &failed);
                        return Ok(None);
                    }
                    attempts.next();
                    if attempts.peek().is_none() {
                        self.give_up(migration, trial, &failed);
                        return Ok(None);
                    }
                    refused = Some(failed.message);
                }
            }
        }
        Ok(None)
    }

    fn describe_rows(
        &self,
        trial: &mut Trial,
        seeded: &Seeded,
        before: &Before,
        refused: Option<String>,
        rows: u32,
    ) {
        if let Some(message) = refused {
            trial
                .notes
                .push(format!("up fails on generated rows, and was tried with {rows} per table: {message}"));
        }
        let reason = |table: &str| {
            let known = seeded.empty.iter().find(|(name, _)| name == table);
            known.map_or_else(|| "no rows were generated".to_owned(), |(_, why)| why.clone())
        };
        let empty = before.contents.iter().filter(|(_, contents)| contents.rows == 0);
        trial.empty_tables = empty.map(|(table, _)| (table.clone(), reason(table))).collect();
    }

    fn give_up(&mut self, migration: &Migration, trial: &mut Trial, failed: &Failed) {
        let reason = match &failed.not_its_fault {
            Some(Missing::Extension(name)) => format!("extension {name} is not installed here"),
            Some(Missing::Superuser) => format!("it needs a superuser: {}", failed.message),
            Some(Missing::RoleMade(_) | Missing::RoleMoved) | None => format!("up fails: {}", failed.message),
        };
        trial.reason = match &self.broken {
            Some(first) if failed.not_its_fault.is_none() => {
                let first = first.split(':').next().unwrap_or(first);
                format!("{reason} (after {first}, which could not be applied)")
            }
            Some(_) | None => reason,
        };
        self.broken.get_or_insert_with(|| format!("{}: {}", migration.version, failed.message));
    }

    fn down_and_up(
        &mut self,
        migration: &Migration,
        down: &Script,
        (before, after): (&Before, &Schema),
        trial: &mut Trial,
    ) -> Result<(), ScratchError> {
        match self.scratch.run(down) {
            Ok(ran) => trial.down = Some(step(ran)),
            Err(failed) => {
                let missing = self.noted(&failed) || failed.not_its_fault.is_some();
                trial.verdict = if missing { Verdict::NotTestable } else { Verdict::DownFails };
                trial.reason = failed.message;
                return Ok(());
            }
        }
        trial.left = self.scratch.schema()?.since(&before.schema);
        let contents = self.scratch.contents()?;
        trial.losses = losses(&before.contents, &contents);
        trial.left_behind = gains(&before.contents, &contents);
        match self.scratch.run(&migration.up) {
            Ok(ran) => {
                trial.again = Some(step(ran));
                trial.again_left = self.scratch.schema()?.since(after);
            }
            Err(failed) => trial.again_error = Some(failed.message),
        }
        trial.judge();
        self.fresh = trial.verdict == Verdict::Exact && trial.notes.is_empty();
        Ok(())
    }
}

fn step(ran: Ran) -> Step {
    Step { seconds: ran.seconds, locks: ran.locks }
}

fn blank(migration: &Migration) -> Trial {
    Trial {
        version: migration.version.clone(),
        name: migration.name.clone(),
        up_file: migration.up.file.clone(),
        down_file: migration.down.as_ref().map(|down| down.file.clone()),
        verdict: Verdict::NotTestable,
        reason: String::new(),
        up: None,
        down: None,
        again: None,
        left: crate::Difference::default(),
        again_left: crate::Difference::default(),
        losses: Vec::new(),
        left_behind: Vec::new(),
        written_since: Vec::new(),
        again_error: None,
        empty_tables: Vec::new(),
        notes: Vec::new(),
    }
}
