//! Whole runs: several scratch servers at once, a run that was killed, data to begin with, and what a killed run left.

mod support;

use std::fs;
use std::path::Path;

use ripcord_migrations::{Convention, Set};
use ripcord_prove::{Job, Journal, Postgres, PostgresOptions, Proof, Source, Verdict, prove};
use support::{Case, check, set};

const CASES: &[Case] = &[
    ("a", "CREATE TABLE a (id int PRIMARY KEY, name text)", Some("DROP TABLE a"), Verdict::Exact, ""),
    ("b", "ALTER TABLE a ADD COLUMN b int", Some("SELECT 1"), Verdict::Differs, "+ column public.a.b"),
    ("c", "CREATE INDEX i ON a (b)", Some("DROP INDEX i"), Verdict::Exact, ""),
    ("d", "UPDATE a SET name = upper(name)", Some("SELECT 1"), Verdict::Lossy, "public.a.name"),
];

fn run(set: &Set, jobs: usize, journal: Option<&Path>, asked: &mut usize) -> Proof {
    let range = set.range(None, None).expect("the whole set");
    let job = Job { set, range, held: 0, jobs, source: "empty".to_owned() };
    let journal = journal.map(|path| Journal::open(path, &set.hash()).expect("opens"));
    prove(&job, || Postgres::start(PostgresOptions::default()), journal, |_| *asked += 1)
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_run_goes_on_where_it_was_killed_on_as_many_servers_as_are_asked_for() {
    let (set, folder) = (set(CASES, Convention::GolangMigrate), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("journal");
    let mut asked = 0;
    let whole = run(&set, 2, Some(&path), &mut asked);
    check(CASES, &whole);
    assert_eq!(asked, 4);

    // Killed while it wrote the third line.
    let text = fs::read_to_string(&path).expect("a journal");
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&path, format!("{}\n{}\n{}", lines[0], lines[1], &lines[2][..40])).expect("writes");
    let mut asked = 0;
    let rest = run(&set, 1, Some(&path), &mut asked);
    check(CASES, &rest);
    assert_eq!(asked, 3, "one was proven before");
    let mut asked = 0;
    check(CASES, &run(&set, 1, Some(&path), &mut asked));
    assert_eq!(asked, 0, "the half line did no harm");

    let other = Journal::open(&path, "other files").expect_err("not its journal").to_string();
    assert!(other.contains("is about"), "{other}");
    fs::write(&path, "no journal\n").expect("writes");
    assert!(Journal::open(&path, "x").is_err());
}

#[test]
fn a_proof_can_begin_with_data() {
    let (set, folder) = (set(CASES, Convention::GolangMigrate), tempfile::tempdir().expect("a folder"));
    let dump = folder.path().join("a.dump");
    let sql = "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (id int PRIMARY KEY, name text, b int);\n\
               ALTER TABLE public.a OWNER TO somebody;\nCOPY public.a (id, name, b) FROM stdin;\n1\tann\t\\N\n2\tBOB\t2\n3\tcid\t3\n4\tdan\t4\n5\t\\N\t5\n\\.\n";
    fs::write(&dump, sql).expect("writes");
    let range = set.range(Some("2"), None).expect("the rest");
    let job = Job { set: &set, range, held: range.first, jobs: 1, source: "dump".to_owned() };
    let options = PostgresOptions { source: Source::Dump(dump), ..PostgresOptions::default() };
    let proof = prove(&job, || Postgres::start(options.clone()), None, |_| {}).expect("proves");
    assert_eq!(proof.from.as_deref(), Some("0002"));
    check(&CASES[2..], &proof);
    assert_eq!(proof.migrations[1].losses[0].of, 5, "the rows of the dump, not generated ones");

    let broken = folder.path().join("broken.sql");
    fs::write(&broken, "SELECT 1 FROM nowhere;").expect("writes");
    let options = PostgresOptions { source: Source::Dump(broken), ..PostgresOptions::default() };
    let error = prove(&job, || Postgres::start(options.clone()), None, |_| {}).expect_err("not loaded");
    assert!(error.to_string().contains("nowhere"), "{error}");
}
