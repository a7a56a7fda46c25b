use super::{flaws, split};
use crate::migration::Flaw;

fn texts(sql: &str) -> Vec<&str> {
    split(sql).iter().map(|statement| &sql[statement.start..statement.end]).collect()
}

#[test]
fn semicolons_end_statements_only_outside_quotes_comments_and_bodies() {
    let sql = "-- a; b\nSELECT ';', \"a;b\", $$ ; $$, $x$ $$ ; $x$ /* ; /* ; */ */;\nSELECT E'\\';';\n";
    assert_eq!(texts(sql).len(), 2, "{:?}", texts(sql));
    assert_eq!(split(sql)[0].line, 2);
    assert_eq!(
        texts("CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; DELETE FROM v); SELECT 1").len(),
        2
    );
    let atomic = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3;";
    assert_eq!(texts(atomic).len(), 2, "{:?}", texts(atomic));
    let trigger =
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; UPDATE c SET d = 1; END; SELECT 1;";
    assert_eq!(texts(trigger).len(), 2, "{:?}", texts(trigger));
}

#[test]
fn comments_alone_are_no_statement() {
    assert!(split("-- nothing\n/* here */ ;; \n").is_empty());
}

#[test]
fn a_transaction_begun_by_hand_is_no_body() {
    assert_eq!(texts("BEGIN; CREATE TABLE t (a int); END; SELECT 1;").len(), 4);
}

#[test]
fn rows_of_a_copy_are_not_sql_and_are_named() {
    let sql = "COPY t (a) FROM stdin;\n1; 2\n'\n\\.\nSELECT 1;\n\\connect other\n";
    let found = split(sql);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(
        flaws(&found, sql, 10),
        [Flaw::CopyFromStdin { line: 10 }, Flaw::MetaCommand { line: 15, command: "\\connect other".into() }]
    );
}

#[test]
fn unfinished_quotes_end_with_the_text() {
    for sql in ["SELECT 'a", "SELECT $$ a", "/* a", "SELECT \"a", "SELECT E'\\"] {
        let found = split(sql);
        assert!(found.iter().all(|statement| statement.end <= sql.len()), "{sql}");
    }
}
