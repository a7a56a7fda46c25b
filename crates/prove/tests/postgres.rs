//! Every verdict, shown on a real PostgreSQL that the tests start themselves.

mod support;
#[path = "support/whole.rs"]
mod whole;

use std::time::Duration;

use ripcord_migrations::Convention;
use ripcord_prove::{Postgres, PostgresOptions, Proof, Verdict, markdown, table};
use support::{Case, check, set};
use whole::prove_all;

fn proof_of(cases: &[Case], convention: Convention) -> Proof {
    let limit = Duration::from_secs(20);
    prove_all(&set(cases, convention), 1, || {
        Postgres::start(PostgresOptions { limit, ..PostgresOptions::default() })
    })
}

const USERS: &str = "CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, age int CHECK (age >= 18));
    CREATE TABLE posts (id bigserial PRIMARY KEY, author bigint NOT NULL REFERENCES users (id), body text, state text NOT NULL CHECK (state IN ('draft', 'out')));";

#[test]
fn every_verdict_is_given_where_it_is_due() {
    let cases: &[Case] = &[
        ("users", USERS, Some("DROP TABLE posts; DROP TABLE users;"), Verdict::Exact, "what they were"),
        (
            "add",
            "ALTER TABLE users ADD COLUMN nick text",
            Some("ALTER TABLE users DROP COLUMN nick"),
            Verdict::Exact,
            "",
        ),
        (
            "drop",
            "ALTER TABLE users DROP COLUMN age",
            Some("ALTER TABLE users ADD COLUMN age int CHECK (age >= 18)"),
            Verdict::Lossy,
            "public.users.age: the values of 3 of 3 rows are gone",
        ),
        ("order", "CREATE TABLE pure (a int, b int, c int)", Some("DROP TABLE pure"), Verdict::Exact, ""),
        (
            "leaves_index",
            "CREATE INDEX posts_author ON posts (author)",
            Some("SELECT 1"),
            Verdict::Differs,
            "+ index public.posts.posts_author",
        ),
        ("missing_down", "CREATE TABLE a1 (a int)", None, Verdict::OneWay, "no way back"),
        (
            "empty_down",
            "CREATE TABLE a2 (a int)",
            Some("-- nothing\n"),
            Verdict::OneWay,
            "holds no statement",
        ),
        ("both_empty", "-- nothing", Some("-- nothing"), Verdict::Exact, ""),
        (
            "down_fails",
            "CREATE TABLE a3 (a int)",
            Some("\nDROP TABLE a33;"),
            Verdict::DownFails,
            "0009_down_fails.down.sql:2: table \"a33\" does not exist",
        ),
        (
            "missing_semicolon",
            "CREATE TABLE a4 (a int)",
            Some("DROP TABLE a4\nDROP TABLE a3"),
            Verdict::DownFails,
            "syntax error",
        ),
        (
            "up_fails",
            "CREATE TABLE users (a int)",
            Some("DROP TABLE users"),
            Verdict::NotTestable,
            "up fails",
        ),
        ("still_goes_on", "CREATE TABLE a5 (a int)", Some("DROP TABLE a5"), Verdict::Exact, ""),
        (
            "mood",
            "CREATE TYPE mood AS ENUM ('ok'); CREATE SEQUENCE s; CREATE FUNCTION once() RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF currval('s') > 0 THEN RAISE 'twice'; END IF; END $$; SELECT setval('s', 1)",
            Some("DROP FUNCTION once(); DROP SEQUENCE s; DROP TYPE mood"),
            Verdict::Exact,
            "",
        ),
        ("tick", "CREATE SEQUENCE tick", Some("DROP SEQUENCE tick"), Verdict::Exact, ""),
        (
            "re_up_fails",
            "SELECT 1 / (CASE nextval('tick') WHEN 1 THEN 1 ELSE 0 END)",
            Some("SELECT 1"),
            Verdict::ReUpFails,
            "division by zero",
        ),
        (
            "data_only",
            "UPDATE posts SET body = 'gone'",
            Some("SELECT 1"),
            Verdict::Lossy,
            "public.posts.body: values of its 3 rows are changed",
        ),
        (
            "lookup",
            "INSERT INTO pure VALUES (91, 92, 93)",
            Some("SELECT 1"),
            Verdict::Differs,
            "1 rows more in public.pure",
        ),
        (
            "comment",
            "COMMENT ON TABLE users IS 'people'",
            Some("COMMENT ON TABLE users IS NULL"),
            Verdict::Exact,
            "",
        ),
        (
            "grant",
            "GRANT SELECT ON users TO PUBLIC",
            Some("SELECT 1"),
            Verdict::Differs,
            "~ table public.users: was privileges",
        ),
        (
            "enum",
            "ALTER TYPE mood ADD VALUE 'bad'",
            Some("SELECT 1"),
            Verdict::Differs,
            "~ type public.mood: was enum 'ok'",
        ),
        (
            "concurrently",
            "CREATE INDEX CONCURRENTLY posts_body ON posts (body)",
            Some("DROP INDEX CONCURRENTLY posts_body"),
            Verdict::Exact,
            "",
        ),
        (
            "role",
            "CREATE ROLE auditor; GRANT SELECT ON posts TO auditor; GRANT SELECT ON posts TO reporting",
            Some(
                "REVOKE SELECT ON posts FROM reporting; REVOKE SELECT ON posts FROM auditor; DROP ROLE auditor",
            ),
            Verdict::Exact,
            "",
        ),
        (
            "after_role",
            "GRANT INSERT ON posts TO auditor",
            Some("REVOKE INSERT ON posts FROM auditor"),
            Verdict::Exact,
            "",
        ),
        (
            "extension",
            "CREATE EXTENSION no_such_thing",
            Some("DROP EXTENSION no_such_thing"),
            Verdict::NotTestable,
            "extension no_such_thing is not installed here",
        ),
        (
            "superuser",
            "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION once()",
            Some("DROP EVENT TRIGGER e"),
            Verdict::NotTestable,
            "needs a superuser",
        ),
        (
            "unique",
            "ALTER TABLE posts ADD CONSTRAINT one UNIQUE (state)",
            Some("ALTER TABLE posts DROP CONSTRAINT one"),
            Verdict::Exact,
            "",
        ),
        ("meta", "\\connect other", Some(""), Verdict::NotTestable, "a command of psql"),
        (
            "open",
            "BEGIN; CREATE TABLE a6 (a int)",
            Some("DROP TABLE a6"),
            Verdict::NotTestable,
            "leaves its transaction open",
        ),
        (
            "parts",
            "CREATE TABLE parts (a int, b int, c int) PARTITION BY RANGE (a)",
            Some("DROP TABLE parts"),
            Verdict::Exact,
            "",
        ),
        (
            "order_only",
            "ALTER TABLE parts DROP COLUMN b",
            Some("ALTER TABLE parts ADD COLUMN b int"),
            Verdict::OrderOnly,
            "order of columns of public.parts",
        ),
        (
            "reversed_order",
            "ALTER TABLE a5 ADD COLUMN b int; ALTER TABLE a5 ADD COLUMN c int; ALTER TABLE a5 DROP COLUMN a",
            Some(
                "ALTER TABLE a5 ADD COLUMN a int; ALTER TABLE a5 DROP COLUMN b; ALTER TABLE a5 DROP COLUMN c",
            ),
            Verdict::Lossy,
            "a5.a",
        ),
    ];
    let proof = proof_of(cases, Convention::GolangMigrate);
    check(cases, &proof);
    for verdict in Verdict::ALL {
        assert!(proof.totals.contains_key(&verdict), "{verdict:?} has no case");
    }
    let users = &proof.migrations[0];
    assert_eq!(users.written_since, ["table public.posts", "table public.users"]);
    let dropped = &proof.migrations[2];
    assert!(dropped.left.is_empty() || dropped.left.only_order(), "{dropped:#?}");
    let unique = proof.migrations.iter().find(|trial| trial.name == "unique").expect("there");
    assert!(unique.notes.iter().any(|note| note.contains("up fails on generated rows")), "{unique:#?}");
    assert_eq!(
        proof.missing,
        [
            "extension no_such_thing is not installed here",
            "role reporting was not there and was made",
            "a superuser: allow it with --superuser, if you trust the migrations",
        ]
    );
    let text = table(&proof, true);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(markdown(&proof).contains("| 0003 drop | lossy |"), "{}", markdown(&proof));
    let json = serde_json::to_string(&proof).expect("it is data");
    assert_eq!(serde_json::from_str::<Proof>(&json).expect("it reads back"), proof);
}

#[test]
fn what_tools_do_around_a_script_is_done() {
    let cases: &[Case] = &[
        ("locks", "CREATE TABLE t (a int)", Some("DROP TABLE t"), Verdict::Exact, ""),
        ("alter", "ALTER TABLE t ADD COLUMN b int", Some("ALTER TABLE t DROP COLUMN b"), Verdict::Exact, ""),
        (
            "inside",
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            Some("DROP INDEX i"),
            Verdict::NotTestable,
            "cannot run inside a transaction block",
        ),
        (
            "outside",
            "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a)",
            Some("-- no-transaction\nDROP INDEX CONCURRENTLY i"),
            Verdict::Exact,
            "",
        ),
        (
            "search_path",
            "SELECT pg_catalog.set_config('search_path', '', false)",
            Some(""),
            Verdict::Exact,
            "",
        ),
        ("after_it", "CREATE TABLE u (a int)", Some("DROP TABLE u"), Verdict::Exact, ""),
        ("killed", "SELECT pg_terminate_backend(pg_backend_pid())", Some(""), Verdict::NotTestable, ""),
        ("after_kill", "CREATE VIEW v AS SELECT a FROM t", Some("DROP VIEW v"), Verdict::Exact, ""),
        (
            "order",
            "ALTER TABLE u RENAME a TO x; ALTER TABLE u ADD COLUMN a int; UPDATE u SET a = x; ALTER TABLE u ADD y int; ALTER TABLE u DROP x; ALTER TABLE u DROP y; ALTER TABLE u ADD z int",
            Some("ALTER TABLE u DROP z"),
            Verdict::Exact,
            "",
        ),
    ];
    let proof = proof_of(cases, Convention::Sqlx);
    check(cases, &proof);
    let alter = proof.migrations[1].up.as_ref().expect("it ran");
    assert!(
        alter.locks.iter().any(|lock| lock.table == "public.t" && lock.mode == "AccessExclusiveLock"),
        "{alter:?}"
    );
    assert!(proof.server.starts_with("PostgreSQL "), "{}", proof.server);
}

#[test]
fn a_script_that_hangs_is_ended_also_when_it_catches_the_first_cancel() {
    let stubborn = "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(100); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$";
    let cases: &[Case] = &[
        ("hangs", "SELECT pg_sleep(100)", Some(""), Verdict::NotTestable, "did not end within 1 s"),
        ("stubborn", "CREATE TABLE t (a int)", Some(stubborn), Verdict::DownFails, "did not end within 1 s"),
        ("after", "CREATE TABLE u (a int)", Some("DROP TABLE u"), Verdict::Exact, ""),
    ];
    let limit = Duration::from_secs(1);
    let set = set(cases, Convention::GolangMigrate);
    let proof =
        prove_all(&set, 1, || Postgres::start(PostgresOptions { limit, ..PostgresOptions::default() }));
    check(cases, &proof);
}

#[test]
fn rows_are_made_for_domains_extensions_checks_and_tables_that_refer_to_each_other() {
    let tables = "CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE TYPE mood AS ENUM ('ok', 'bad');
        CREATE DOMAIN many AS int CHECK (VALUE > 10);
        CREATE TABLE t (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), c citext NOT NULL UNIQUE, p ltree, m mood[] NOT NULL, d many NOT NULL,
            r tstzrange, b bit(4), g int GENERATED ALWAYS AS (d::int * 2) STORED, email text NOT NULL CHECK (email ~ '^[^@]+@[^@]+$'));
        CREATE TABLE child (id serial PRIMARY KEY, t uuid NOT NULL REFERENCES t, parent int REFERENCES child);
        CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
        CREATE TRIGGER never BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION never();";
    let back = "DROP TABLE child; DROP TABLE t; DROP FUNCTION never; DROP DOMAIN many; DROP TYPE mood; DROP EXTENSION ltree; DROP EXTENSION citext";
    let cases: &[Case] = &[
        ("tables", tables, Some(back), Verdict::Exact, ""),
        (
            "shorter",
            "ALTER TABLE t ALTER email TYPE varchar(9) USING left(email, 9)",
            Some("ALTER TABLE t ALTER email TYPE text"),
            Verdict::Lossy,
            "public.t.email",
        ),
        (
            "set_role",
            "CREATE SCHEMA s AUTHORIZATION app; SET ROLE operations",
            Some("DROP SCHEMA s"),
            Verdict::Exact,
            "",
        ),
    ];
    let proof = proof_of(cases, Convention::GolangMigrate);
    check(cases, &proof);
    assert_eq!(proof.migrations[1].empty_tables, [], "every table has rows");
    assert_eq!(proof.missing.len(), 2, "{:?}", proof.missing);
}
