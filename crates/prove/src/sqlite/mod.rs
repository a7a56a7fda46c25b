//! SQLite: two files of one origin.

mod catalog;
mod database;
mod rows;
mod seed;

pub use database::Sqlite;

/// A name between quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
