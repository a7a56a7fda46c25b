use crate::{Direction, Finding, Listing, Risk, read, read_findings};

fn findings(files: &[(&str, &str)]) -> Vec<Finding> {
    let listing: Listing = files.iter().copied().collect();
    read_findings(&read(&listing, None).expect("reads"))
}

/// Rules of one direction that are about data.
fn losses(up: &str) -> Vec<String> {
    let found = findings(&[("1_a.up.sql", up)]);
    found.into_iter().filter(|finding| finding.risk == Risk::OneWay).map(|finding| finding.rule).collect()
}

#[test]
fn statements_that_lose_data_are_named() {
    for (sql, rule) in [
        ("DROP TABLE users;", "drops-table"),
        ("ALTER TABLE users DROP COLUMN email;", "drops-column"),
        ("TRUNCATE users;", "truncates-table"),
        ("DELETE FROM users WHERE id = 3;", "deletes-rows"),
        ("UPDATE users SET email = lower(email);", "updates-rows"),
        ("DROP SCHEMA old CASCADE;", "drops-schema"),
    ] {
        assert_eq!(losses(sql), [rule], "{sql}");
    }
}

#[test]
fn what_the_script_made_or_saved_itself_is_not_lost() {
    for sql in [
        "CREATE TABLE t (a int); DELETE FROM t; DROP TABLE t;",
        "ALTER TABLE users ADD COLUMN b text; UPDATE users SET b = 'x';",
        "ALTER TABLE users ADD COLUMN b text; ALTER TABLE users DROP COLUMN b;",
        "CREATE TABLE saved AS SELECT * FROM users; DELETE FROM users;",
        "INSERT INTO saved SELECT id, email FROM users u; UPDATE users SET email = '';",
        "DROP INDEX i; DROP VIEW v;",
    ] {
        assert_eq!(losses(sql), [""; 0], "{sql}");
    }
}

#[test]
fn a_narrower_type_is_seen_through_earlier_migrations() {
    let found = findings(&[
        ("1_a.up.sql", "CREATE TABLE public.\"users\" (id bigint, name varchar(80));"),
        ("2_b.up.sql", "ALTER TABLE users ALTER COLUMN name TYPE text;"),
        ("2_b.down.sql", "\n  ALTER TABLE users ALTER COLUMN name TYPE varchar(80);"),
    ]);
    let narrow: Vec<_> = found.iter().filter(|finding| finding.rule == "narrows-type").collect();
    assert_eq!(narrow.len(), 1, "{found:#?}");
    assert_eq!((narrow[0].direction, narrow[0].risk), (Direction::Down, Risk::Partial));
    assert_eq!((narrow[0].line, narrow[0].column), (2, 21));
    assert!(narrow[0].message.contains("it was text"), "{}", narrow[0].message);
}

#[test]
fn places_count_from_the_top_of_the_file() {
    let found = findings(&[(
        "1_a.sql",
        "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 'ä'; DROP TABLE users;\n",
    )]);
    let drop = found.iter().find(|finding| finding.rule == "drops-table").expect("found");
    assert_eq!((drop.line, drop.column, drop.text.as_str()), (4, 24, "users"));
    assert_eq!(drop.risk, Risk::Partial);
    let whole = "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 'ä'; DROP TABLE users;\n";
    assert_eq!(&whole[drop.start..drop.end], "users", "bytes count from the top of the file too");
}

#[test]
fn old_code_and_locks_are_told_apart() {
    let found = findings(&[(
        "1_a.up.sql",
        "ALTER TABLE users RENAME COLUMN a TO b;\nALTER TABLE users ADD COLUMN c int NOT NULL;\nCREATE INDEX i ON users (a);\n",
    )]);
    let has =
        |risk: Risk, line: usize| found.iter().any(|finding| finding.risk == risk && finding.line == line);
    assert!(has(Risk::OldCode, 1) && has(Risk::OldCode, 2) && has(Risk::Lock, 3), "{found:#?}");
    assert!(found.iter().all(|finding| finding.version == "1" && finding.file == "1_a.up.sql"));
}

#[test]
fn sql_that_is_none_is_read_without_a_panic() {
    for sql in [
        "",
        "DROP",
        "DROP TABLE",
        "ALTER TABLE t DROP COLUMN",
        "UPDATE SET",
        "((((",
        "$$",
        "SELECT '",
        "ALTER TABLE t ALTER c TYPE",
    ] {
        let _ = findings(&[("1_a.up.sql", sql), ("1_a.down.sql", sql)]);
    }
}
