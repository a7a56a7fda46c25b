//! The verdicts on SQLite.

mod support;
#[path = "support/whole.rs"]
mod whole;

use std::time::Duration;

use ripcord_migrations::Convention;
use ripcord_prove::{Sqlite, Verdict};
use support::{Case, check, set};
use whole::prove_all;

#[test]
fn verdicts_on_sqlite() {
    let cases: &[Case] = &[
        (
            "users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (length(name) < 3), age INT); CREATE TABLE posts (author INT NOT NULL REFERENCES users (id), body TEXT)",
            Some("DROP TABLE posts; DROP TABLE users"),
            Verdict::Exact,
            "",
        ),
        (
            "add",
            "ALTER TABLE users ADD COLUMN nick TEXT",
            Some("ALTER TABLE users DROP COLUMN nick"),
            Verdict::Exact,
            "",
        ),
        (
            "drop",
            "ALTER TABLE users DROP COLUMN age",
            Some("ALTER TABLE users ADD COLUMN age INT"),
            Verdict::Lossy,
            "users.age: the values of 3 of 3 rows are gone",
        ),
        (
            "index",
            "CREATE UNIQUE INDEX i ON posts (body)",
            Some("SELECT 1"),
            Verdict::Differs,
            "+ index posts.i",
        ),
        (
            "trigger",
            "CREATE TRIGGER t AFTER INSERT ON posts BEGIN UPDATE users SET nick = 'x'; DELETE FROM posts WHERE 0; END;",
            Some("DROP TRIGGER t;"),
            Verdict::Exact,
            "",
        ),
        (
            "rebuild",
            "CREATE TABLE p2 (body TEXT, author INT NOT NULL); INSERT INTO p2 SELECT body, author FROM posts; DROP TABLE posts; ALTER TABLE p2 RENAME TO posts",
            Some(
                "CREATE TABLE p3 (author INT NOT NULL REFERENCES users (id), body TEXT); INSERT INTO p3 SELECT author, body FROM posts; DROP TABLE posts; ALTER TABLE p3 RENAME TO posts",
            ),
            Verdict::Differs,
            "index posts.i",
        ),
        (
            "down_fails",
            "CREATE VIEW v AS SELECT 1",
            Some("DROP VIEW w"),
            Verdict::DownFails,
            "down.sql:1: no such view",
        ),
        (
            "other_file",
            "ATTACH '/tmp/ripcord-should-not-exist.db' AS other",
            Some(""),
            Verdict::NotTestable,
            "another database file",
        ),
        (
            "hangs",
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
            Some(""),
            Verdict::NotTestable,
            "did not end within 1 s",
        ),
    ];
    let limit = Duration::from_secs(1);
    let proof = prove_all(&set(cases, Convention::Sqlx), 2, || Sqlite::start(None, limit));
    check(cases, &proof);
    assert!(!std::path::Path::new("/tmp/ripcord-should-not-exist.db").exists());
}
