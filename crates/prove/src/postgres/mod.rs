//! PostgreSQL: a server of its own, two databases on it, and what its catalog says.

mod catalog;
mod database;
mod load;
mod rows;
mod run;
mod seed;
mod server;

pub use database::{Postgres, PostgresOptions};
pub use load::Source;
