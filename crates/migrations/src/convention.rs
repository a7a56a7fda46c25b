//! Which tool's rules a directory follows.

use serde::{Deserialize, Serialize};

use crate::Listing;
use crate::error::ReadError;
use crate::read::name;

/// The tool whose rules a directory follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convention {
    /// `<number>_<name>.sql`, or `.up.sql` with `.down.sql`.
    Sqlx,
    /// `V1__name.sql` and `U1__name.sql`, where `U` is not undo.
    Refinery,
    /// `1_name.up.sql` and `1_name.down.sql`.
    GolangMigrate,
    /// Sections `-- migrate:up` and `-- migrate:down`.
    Dbmate,
    /// Sections `-- +goose Up` and `-- +goose Down`.
    Goose,
    /// `V1__name.sql`, `U1__name.sql` to undo, `R__name.sql` repeatable.
    Flyway,
    /// `sqitch.plan` with `deploy/`, `revert/`, `verify/`.
    Sqitch,
    /// `<version>_<name>/up.sql` and `down.sql`.
    Diesel,
    /// Python programs.
    Alembic,
    /// Ruby programs.
    Rails,
}

impl Convention {
    /// Every convention.
    pub const ALL: [Self; 10] = [
        Self::Sqlx,
        Self::Refinery,
        Self::GolangMigrate,
        Self::Dbmate,
        Self::Goose,
        Self::Flyway,
        Self::Sqitch,
        Self::Diesel,
        Self::Alembic,
        Self::Rails,
    ];

    /// The name people type.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlx => "sqlx",
            Self::Refinery => "refinery",
            Self::GolangMigrate => "golang-migrate",
            Self::Dbmate => "dbmate",
            Self::Goose => "goose",
            Self::Flyway => "flyway",
            Self::Sqitch => "sqitch",
            Self::Diesel => "diesel",
            Self::Alembic => "alembic",
            Self::Rails => "rails",
        }
    }
}

impl std::fmt::Display for Convention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Convention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.into_iter().map(Self::as_str).collect();
            format!("\"{text}\" is no convention of migrations: expected one of {}", known.join(", "))
        })
    }
}

/// Recognises the convention, and says in a note when another would fit too.
pub(crate) fn recognise(listing: &Listing) -> Result<(Convention, Vec<String>), ReadError> {
    let mut seen = Seen::default();
    for path in listing.paths() {
        seen.look(listing, path);
    }
    seen.judge(listing)
}

/// Files by what they look like.
#[derive(Default)]
struct Seen {
    sqitch: Vec<String>,
    alembic: Vec<String>,
    rails: Vec<String>,
    diesel: Vec<String>,
    goose: Vec<String>,
    dbmate: Vec<String>,
    /// `V…__…`, `U…__…`, `R__…`.
    prefixed: Vec<String>,
    /// `1_x.up.sql`, `1_x.down.sql`.
    pairs: Vec<String>,
    /// `1_x.sql` without any mark.
    plain: Vec<String>,
}

impl Seen {
    fn look(&mut self, listing: &Listing, path: &str) {
        let mut keep = |into: fn(&mut Self) -> &mut Vec<String>| into(self).push(path.to_owned());
        let Some((folder, file)) = path.rsplit_once('/') else {
            if path == "sqitch.plan" {
                return keep(|seen| &mut seen.sqitch);
            }
            if path == "alembic.ini" || path == "script.py.mako" {
                return keep(|seen| &mut seen.alembic);
            }
            if path.ends_with(".rb") && name::number(path).is_some() {
                return keep(|seen| &mut seen.rails);
            }
            if name::prefixed(path).is_some() {
                return keep(|seen| &mut seen.prefixed);
            }
            if name::pair(path).is_some() {
                return keep(|seen| &mut seen.pairs);
            }
            if path.ends_with(".sql") && name::number(path).is_some() {
                let text = listing.text(path).unwrap_or_default().to_ascii_lowercase();
                let marked = |mark: &str| text.lines().any(|line| unspaced(line).starts_with(mark));
                if marked("--+goose") {
                    keep(|seen| &mut seen.goose);
                } else if marked("--migrate:") {
                    keep(|seen| &mut seen.dbmate);
                } else {
                    keep(|seen| &mut seen.plain);
                }
            }
            return;
        };
        if file == "up.sql" && !folder.contains('/') {
            keep(|seen| &mut seen.diesel);
        } else if folder == "versions" && file.ends_with(".py") {
            keep(|seen| &mut seen.alembic);
        }
    }

    fn judge(mut self, listing: &Listing) -> Result<(Convention, Vec<String>), ReadError> {
        if !self.sqitch.is_empty() {
            return Ok((Convention::Sqitch, Vec::new()));
        }
        let mut notes = Vec::new();
        let mut found: Vec<(Convention, Vec<String>)> = Vec::new();
        for (convention, files) in [
            (Convention::Alembic, &mut self.alembic),
            (Convention::Rails, &mut self.rails),
            (Convention::Diesel, &mut self.diesel),
            (Convention::Goose, &mut self.goose),
            (Convention::Dbmate, &mut self.dbmate),
        ] {
            if !files.is_empty() {
                found.push((convention, std::mem::take(files)));
            }
        }
        if !self.prefixed.is_empty() {
            found.push((prefixed(&self.prefixed, &mut notes)?, self.prefixed));
        }
        if !self.pairs.is_empty() {
            let convention = pairs(listing, &self.pairs, &mut notes);
            found.push((convention, self.pairs));
        }
        if !self.plain.is_empty() {
            found.push((Convention::Sqlx, self.plain));
        }
        let mut found = found.into_iter();
        let Some((first, first_files)) = found.next() else {
            return Err(ReadError::Unrecognised);
        };
        match found.next() {
            None => Ok((first, notes)),
            Some((second, second_files)) => {
                let first_files = few(first_files);
                let second_files = few(second_files);
                Err(ReadError::Mixed { first, first_files, second, second_files })
            }
        }
    }
}

/// Flyway and refinery name their files alike; what `U` means tells them apart.
fn prefixed(files: &[String], notes: &mut Vec<String>) -> Result<Convention, ReadError> {
    let parts: Vec<_> =
        files.iter().filter_map(|file| name::prefixed(file).map(|parts| (file, parts))).collect();
    let versions = |letter: char| {
        parts
            .iter()
            .filter(move |(_, parts)| parts.letter == letter)
            .map(|(file, parts)| (parts.version.clone(), *file))
    };
    let forward: std::collections::BTreeMap<_, _> = versions('V').collect();
    let (undo, alone): (Vec<_>, Vec<_>) =
        versions('U').partition(|(version, _)| forward.contains_key(version));
    let only_flyway = parts.iter().any(|(_, parts)| parts.letter == 'R' || parts.only_flyway);
    if let (Some(_), Some(_)) = (undo.first(), alone.first()) {
        return Err(ReadError::Mixed {
            first: Convention::Flyway,
            first_files: few(undo.into_iter().map(|(_, file)| file.clone()).collect()),
            second: Convention::Refinery,
            second_files: few(alone.into_iter().map(|(_, file)| file.clone()).collect()),
        });
    }
    if !undo.is_empty() || only_flyway {
        return Ok(Convention::Flyway);
    }
    if !alone.is_empty() || files.iter().any(|file| file.ends_with(".rs")) {
        return Ok(Convention::Refinery);
    }
    notes.push(
        "the names fit flyway and refinery; read as flyway, which for these files means the same".to_owned(),
    );
    Ok(Convention::Flyway)
}

/// sqlx and golang-migrate name pairs alike.
fn pairs(listing: &Listing, files: &[String], notes: &mut Vec<String>) -> Convention {
    let marked =
        files.iter().any(|file| listing.text(file).is_some_and(|text| text.starts_with("-- no-transaction")));
    if marked {
        return Convention::Sqlx;
    }
    let stamped = files.iter().all(|file| name::number(file).is_some_and(|(digits, _)| digits.len() == 14));
    let convention = if stamped { Convention::Sqlx } else { Convention::GolangMigrate };
    let other = if stamped { Convention::GolangMigrate } else { Convention::Sqlx };
    notes.push(format!(
        "the names fit sqlx and golang-migrate; read as {convention}. Name {other} when it is that"
    ));
    convention
}

fn few(mut files: Vec<String>) -> Vec<String> {
    files.truncate(5);
    files
}

fn unspaced(line: &str) -> String {
    line.chars().filter(|char| !char.is_whitespace()).collect()
}
