use super::read;
use crate::{Convention, Flaw, Listing, ReadError, Set, Transaction};

fn listing(files: &[(&str, &str)]) -> Listing {
    files.iter().copied().collect()
}

fn set(files: &[(&str, &str)]) -> Set {
    read(&listing(files), None).unwrap_or_else(|error| panic!("{error}"))
}

fn versions(set: &Set) -> Vec<&str> {
    set.migrations.iter().map(|migration| migration.version.as_str()).collect()
}

#[test]
fn numbers_are_compared_as_numbers_and_pairs_belong_together() {
    let set = set(&[
        ("10_c.up.sql", "SELECT 1"),
        ("9_b.up.sql", "SELECT 1"),
        ("9_b.down.sql", "-- nothing to do\n"),
        ("README.md", "read me"),
        ("1_a.up.sql", ""),
    ]);
    assert_eq!(set.convention, Convention::GolangMigrate);
    assert_eq!(versions(&set), ["1", "9", "10"]);
    assert_eq!(set.ignored, ["README.md"]);
    assert!(set.migrations[0].up.is_empty());
    assert!(set.migrations[1].down.as_ref().is_some_and(|down| down.is_empty()), "a comment is no statement");
    assert!(set.migrations[2].down.is_none());
    assert_eq!(set.migrations[0].up.transaction, Transaction::None);
    assert_eq!(set.notes.len(), 1, "{:?}", set.notes);
}

#[test]
fn sqlx_is_recognised_by_its_mark_its_stamps_and_single_files() {
    let marked = set(&[
        ("1_a.up.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);"),
        ("1_a.down.sql", "SELECT 1"),
    ]);
    assert_eq!(marked.convention, Convention::Sqlx);
    assert_eq!(marked.migrations[0].up.transaction, Transaction::None);
    assert_eq!(marked.migrations[0].down.as_ref().expect("a pair").transaction, Transaction::Wrapped);
    assert_eq!(set(&[("20240101000000_a.up.sql", "")]).convention, Convention::Sqlx);
    let simple = set(&[("0001_a.sql", "SELECT 1"), ("0002_b.sql", "SELECT 1")]);
    assert_eq!(simple.convention, Convention::Sqlx);
    assert!(simple.migrations.iter().all(|migration| migration.down.is_none()));
}

#[test]
fn u_is_undo_for_flyway_and_forward_for_refinery() {
    let flyway = set(&[
        ("V1__a.sql", "A"),
        ("U1__a.sql", "B"),
        ("V1.10__c.sql", "C"),
        ("V1.9__b.sql", "D"),
        ("R__view.sql", "E"),
    ]);
    assert_eq!(flyway.convention, Convention::Flyway);
    assert_eq!(versions(&flyway), ["1", "1.9", "1.10"]);
    assert_eq!(flyway.migrations[0].down.as_ref().map(|down| down.file.as_str()), Some("U1__a.sql"));
    assert_eq!(flyway.repeatable.len(), 1);
    let refinery = set(&[("V1__a.sql", "A"), ("U2__b.sql", "B"), ("V3__c.sql", "C")]);
    assert_eq!(refinery.convention, Convention::Refinery);
    assert_eq!(versions(&refinery), ["1", "2", "3"]);
    assert!(refinery.migrations.iter().all(|migration| migration.down.is_none()), "U is not undo");
    let both = read(&listing(&[("V1__a.sql", ""), ("U1__a.sql", ""), ("U2__b.sql", "")]), None);
    let Err(ReadError::Mixed { first_files, second_files, .. }) = both else { panic!("{both:?}") };
    assert_eq!((first_files, second_files), (vec!["U1__a.sql".to_owned()], vec!["U2__b.sql".to_owned()]));
}

#[test]
fn flyway_leaves_the_transaction_when_a_statement_needs_it() {
    let set = set(&[
        ("V1__a.sql", "CREATE TABLE t (a int); INSERT INTO t VALUES (1);"),
        ("V2__b.sql", "CREATE INDEX CONCURRENTLY i ON t (a)"),
        ("V3__c.sql", "SELECT 1"),
        ("V3__c.sql.conf", "executeInTransaction = false"),
        ("V4__d.sql", "SELECT\n'${schema}'"),
    ]);
    let kinds: Vec<_> = set.migrations.iter().map(|migration| migration.up.transaction).collect();
    assert_eq!(kinds, [Transaction::Wrapped, Transaction::None, Transaction::None, Transaction::Wrapped]);
    assert_eq!(set.migrations[0].up.pieces.len(), 2);
    assert_eq!(set.migrations[3].up.flaws, [Flaw::Placeholder { line: 2, name: "${schema}".into() }]);
}

#[test]
fn dbmate_sections_keep_their_lines_and_options() {
    let set = set(&[(
        "20240101_a.sql",
        "-- migrate:up\nSELECT 1;\n\n-- migrate:down transaction:false\nSELECT 2;\n",
    )]);
    assert_eq!(set.convention, Convention::Dbmate);
    let migration = &set.migrations[0];
    let down = migration.down.as_ref().expect("a section");
    assert_eq!((migration.up.line, down.line), (2, 5));
    assert_eq!((migration.up.transaction, down.transaction), (Transaction::Wrapped, Transaction::None));
    assert_eq!(down.text, "SELECT 2;\n");
    let none = read(&listing(&[("1_a.sql", "-- migrate:up\n"), ("2_b.sql", "-- migrate:down\n")]), None);
    assert!(none.is_err_and(|error| error.to_string().contains("2_b.sql: no section -- migrate:up")));
}

#[test]
fn goose_cuts_at_the_end_of_lines_and_keeps_marked_statements_whole() {
    let text = "-- +GOOSE Up\nCREATE TABLE a (b int); -- note\nSELECT 1\n;\n-- +goose StatementBegin\nDO $$ BEGIN\nNULL;\nEND $$;\n\
                -- +goose StatementEnd\n--+goose   down\nDROP TABLE a;\n";
    let set = set(&[("00001_a.sql", text)]);
    assert_eq!(set.convention, Convention::Goose);
    let up = &set.migrations[0].up;
    assert_eq!(up.pieces.len(), 3, "{:?}", up.pieces);
    assert_eq!(up.pieces[2].line, 6);
    assert_eq!(set.migrations[0].down.as_ref().map(|down| down.pieces.len()), Some(1));
    let outside =
        super::read(&listing(&[("1_a.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;")]), None);
    let outside = outside.expect("reads");
    assert_eq!(outside.migrations[0].up.transaction, Transaction::None);
    assert!(outside.migrations[0].down.is_none());
}

#[test]
fn diesel_folders_are_ordered_as_text() {
    let set = set(&[
        ("2020-01-02-000000_b/up.sql", "SELECT 1"),
        ("2020-01-02-000000_b/down.sql", ""),
        ("2020-01-01-000000_a/up.sql", "SELECT 1"),
        ("2020-01-01-000000_a/metadata.toml", "run_in_transaction = false"),
    ]);
    assert_eq!(set.convention, Convention::Diesel);
    assert_eq!(versions(&set), ["2020-01-01-000000", "2020-01-02-000000"]);
    assert_eq!(set.migrations[0].up.transaction, Transaction::None);
}

#[test]
fn sqitch_follows_its_plan_also_through_a_rework() {
    let set = set(&[
        (
            "sqitch.plan",
            "%project=x\n\nusers 2024-01-01T00:00:00Z me <me@x> # users\nflips [users] 2024\n@v1 2024\nusers [users@v1] 2024\n",
        ),
        ("deploy/users.sql", "BEGIN; SELECT 2; COMMIT;"),
        ("deploy/users@v1.sql", "BEGIN; SELECT 1; COMMIT;"),
        ("deploy/flips.sql", "\\set a 1\nSELECT 1;"),
        ("revert/users.sql", "SELECT 1"),
        ("verify/users.sql", "SELECT 1"),
    ]);
    assert_eq!(versions(&set), ["users", "flips", "users"]);
    assert_eq!(set.migrations[0].up.file, "deploy/users@v1.sql");
    assert_eq!(set.migrations[1].up.flaws, [Flaw::MetaCommand { line: 1, command: "\\set a 1".into() }]);
    let lost = read(&listing(&[("sqitch.plan", "a 2024\n"), ("deploy/b.sql", "")]), None);
    let text = lost.expect_err("broken").to_string();
    assert!(text.contains("deploy/a.sql: named") && text.contains("deploy/b.sql: not in"), "{text}");
}

#[test]
fn what_is_mixed_or_broken_is_named() {
    for (files, words) in [
        (vec![("1_a.up.sql", ""), ("V1__b.sql", "")], vec!["1_a.up.sql", "V1__b.sql"]),
        (vec![("1_a.up.sql", ""), ("2_b.sql", "")], vec!["1_a.up.sql", "2_b.sql"]),
        (vec![("1_a.down.sql", "")], vec!["1_a.down.sql: a way back without"]),
        (vec![("1_a.up.sql", ""), ("01_b.up.sql", "")], vec!["version 1 is taken by 01_b.up.sql"]),
        (vec![("99999999999999999999_a.up.sql", "")], vec!["too large"]),
        (vec![("V1_a.sql", ""), ("V2__b.sql", "")], vec!["V1_a.sql: expected"]),
        (vec![("001_a.rb", "")], vec!["rails", "db:migrate:down"]),
        (vec![("alembic.ini", ""), ("versions/a.py", "")], vec!["alembic downgrade"]),
        (vec![("notes.txt", "")], vec!["no convention recognised"]),
        (vec![], vec!["no convention recognised"]),
        (vec![("1_a.sql", "-- +goose Up\n"), ("2_b.sql", "SELECT 1")], vec!["1_a.sql", "2_b.sql"]),
        (vec![("1_a.sql", "-- +goose Up\n-- +goose StatementBegin\n")], vec!["StatementEnd"]),
    ] {
        let error = read(&listing(&files), None).expect_err("refused").to_string();
        for word in words {
            assert!(error.contains(word), "{files:?}: {error}");
        }
    }
}

#[test]
fn a_named_convention_wins() {
    let files = listing(&[("1_a.up.sql", "SELECT 1"), ("1_a.down.sql", "")]);
    let set = read(&files, Some(Convention::Sqlx)).expect("reads");
    assert_eq!(set.migrations[0].up.transaction, Transaction::Wrapped);
    assert!(read(&files, Some(Convention::Goose)).is_err());
}

#[test]
fn bytes_that_are_no_text_are_a_flaw_of_their_script() {
    let files: Listing =
        [("1_a.up.sql", b"SELECT '\xff'".to_vec()), ("2_b.up.sql", b"CREATE DATABASE x".to_vec())]
            .into_iter()
            .collect();
    let set = read(&files, None).expect("reads");
    assert_eq!(set.migrations[0].up.flaws, [Flaw::NotUtf8 { byte: 8 }]);
    assert_eq!(set.migrations[1].up.flaws, [Flaw::Database { line: 1 }]);
}

#[test]
fn the_hash_changes_with_every_script_and_with_the_order() {
    let files = [("1_a.up.sql", "SELECT 1"), ("1_a.down.sql", "SELECT 2"), ("2_b.up.sql", "SELECT 3")];
    let base = set(&files);
    let mut other = files;
    other[1].1 = "SELECT 2 ";
    assert_ne!(base.hash(), set(&other).hash());
    assert_ne!(base.hash(), base.hash_to(1));
    assert_eq!(base.hash_to(1), set(&files[..2]).hash());
    assert_ne!(
        base.hash(),
        set(&[("1_a.up.sql", "SELECT 1"), ("1_a.down.sql", "SELECT 2"), ("3_b.up.sql", "SELECT 3")]).hash()
    );
}

#[test]
fn a_range_is_what_comes_after_the_first_up_to_the_last() {
    let set = set(&[("0041_a.up.sql", ""), ("0042_b.up.sql", ""), ("0043_c.up.sql", "")]);
    let range = set.range(Some("41"), Some("0042")).expect("both are there");
    assert_eq!((range.first, range.end), (1, 2));
    assert_eq!(set.range(None, None).map(|range| range.end), Ok(3));
    assert!(set.range(Some("0043"), Some("0041")).is_err());
    assert!(set.range(Some("7"), None).is_err_and(|error| error.to_string().contains("the first is 0041")));
}
