//! A directory read by its convention: which files belong together, and in which order they run.

mod diesel;
mod flyway;
mod goose;
mod marked;
pub(crate) mod name;
mod numbered;
mod script;
mod sqitch;
#[cfg(test)]
mod tests;

use crate::convention::{Convention, recognise};
use crate::error::ReadError;
use crate::listing::Listing;
use crate::migration::{Migration, Script, Set};

/// Reads a directory, by the convention it follows or by the one that is named.
///
/// # Errors
/// When no convention is recognised, two are mixed, or files break the one it follows. Every error names the files.
pub fn read(listing: &Listing, convention: Option<Convention>) -> Result<Set, ReadError> {
    let (convention, notes) = match convention {
        Some(convention) => (convention, Vec::new()),
        None => recognise(listing)?,
    };
    let mut found = Found {
        convention,
        migrations: Vec::new(),
        repeatable: Vec::new(),
        ignored: Vec::new(),
        flaws: Vec::new(),
    };
    match convention {
        Convention::Sqlx => numbered::sqlx(listing, &mut found),
        Convention::GolangMigrate => numbered::golang_migrate(listing, &mut found),
        Convention::Refinery => flyway::refinery(listing, &mut found),
        Convention::Flyway => flyway::flyway(listing, &mut found),
        Convention::Dbmate => marked::dbmate(listing, &mut found),
        Convention::Goose => goose::goose(listing, &mut found),
        Convention::Diesel => diesel::diesel(listing, &mut found),
        Convention::Sqitch => sqitch::sqitch(listing, &mut found),
        Convention::Alembic => {
            let needed = "write them out first: `alembic upgrade A:B --sql` gives the way forward and \
                          `alembic downgrade B:A --sql` the way back, one pair of files per revision";
            return Err(ReadError::NeedsCommands { convention, needed });
        }
        Convention::Rails => {
            let needed = "write them out first, one pair of files per migration, from what \
                          `rails db:migrate:up` and `rails db:migrate:down` log for its version";
            return Err(ReadError::NeedsCommands { convention, needed });
        }
    }
    found.finish(notes)
}

/// What a reader of a convention has found so far.
struct Found {
    convention: Convention,
    migrations: Vec<Migration>,
    repeatable: Vec<Script>,
    ignored: Vec<String>,
    flaws: Vec<(String, String)>,
}

impl Found {
    fn flaw(&mut self, file: &str, why: impl Into<String>) {
        self.flaws.push((file.to_owned(), why.into()));
    }

    fn ignore(&mut self, file: &str) {
        self.ignored.push(file.to_owned());
    }

    fn finish(self, notes: Vec<String>) -> Result<Set, ReadError> {
        let Self { convention, migrations, repeatable, ignored, flaws } = self;
        if !flaws.is_empty() {
            return Err(ReadError::Breaks { convention, flaws });
        }
        if migrations.is_empty() && repeatable.is_empty() {
            return Err(ReadError::Unrecognised);
        }
        Ok(Set { convention, migrations, repeatable, ignored, notes })
    }
}
