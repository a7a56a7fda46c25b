//! Rows for empty tables, made to satisfy their constraints, so that a loss shows.

use std::collections::BTreeMap;

use postgres::{Client, Error, Transaction};

use super::database::{literal, quoted};
use super::rows::{Known, ask};
use crate::port::Seeded;
use crate::values::{Type, candidates, value};

/// How often one row is tried with other values.
const ATTEMPTS: usize = 150;

/// Columns of tables that may be filled: not partitions, whose rows come through the table above them.
const COLUMNS: &str = "WITH RECURSIVE base AS ( \
      SELECT t.oid, t.oid AS base, t.typtypmod AS modifier, t.typtype, t.typbasetype, t.typnotnull FROM pg_type t \
      UNION ALL SELECT b.oid, t.oid, CASE WHEN b.modifier = -1 THEN t.typtypmod ELSE b.modifier END, t.typtype, t.typbasetype, b.typnotnull OR t.typnotnull \
      FROM base b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd') \
    SELECT c.oid::int8, n.nspname, c.relname, a.attname, b.typname, b.typcategory::text, \
      coalesce((SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid IN (b.oid, b.typelem)), '{}'), \
      CASE WHEN a.atttypmod <> -1 THEN a.atttypmod ELSE base.modifier END, b.typname, \
      a.attnotnull OR base.typnotnull, \
      a.attgenerated <> '' OR a.attidentity = 'a' OR (a.attidentity = 'd') OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false), \
      a.attnum \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    JOIN base ON base.oid = a.atttypid AND base.typtype <> 'd' JOIN pg_type b ON b.oid = base.base \
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
      AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e') \
    ORDER BY c.oid, a.attnum";

/// Tables that may be filled.
const TABLES: &str = "SELECT c.oid::int8, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
      AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e') ORDER BY 1";

const REFERENCES: &str = "SELECT k.conrelid::int8, k.confrelid::int8, n.nspname, c.relname, \
      ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, at) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.at), \
      ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, at) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.at) \
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE k.contype = 'f' AND k.conparentid = 0";

struct Column {
    name: String,
    ty: Type,
    required: bool,
    automatic: bool,
}

struct Reference {
    to: i64,
    target: String,
    own: Vec<String>,
    theirs: Vec<String>,
}

struct Table {
    name: String,
    sql: String,
    columns: Vec<Column>,
    references: Vec<Reference>,
}

/// Fills what is empty. Triggers do not fire meanwhile, and foreign keys are kept by choosing rows that are there.
pub(super) fn fill(client: &mut Client, known: &mut Known, rows: u32) -> Result<Seeded, Error> {
    let mut open = Vec::new();
    for row in client.query(TABLES, &[])? {
        let (oid, schema, name): (i64, String, String) = (row.get(0), row.get(1), row.get(2));
        let question = format!("SELECT NOT EXISTS (SELECT FROM {}.{})", quoted(&schema), quoted(&name));
        if ask(client, known, question)?.get(0) {
            open.push(oid);
        }
    }
    if open.is_empty() {
        return Ok(Seeded::default());
    }
    let tables = tables(client)?;
    open.retain(|oid| tables.contains_key(oid));
    let mut transaction = client.transaction()?;
    transaction.batch_execute("SET LOCAL session_replication_role = replica")?;
    let mut seeded = Seeded::default();
    // Tables that others refer to come first; what waits for an empty one comes round again.
    loop {
        let before = open.len();
        let mut waiting = Vec::new();
        for oid in &open {
            let table = &tables[oid];
            let waits = table.references.iter().any(|reference| {
                reference.to != *oid
                    && open.contains(&reference.to)
                    && !waiting_is_done(&seeded, &reference.target)
            });
            if waits {
                waiting.push(*oid);
            } else {
                fill_table(&mut transaction, table, *oid, rows, &mut seeded)?;
            }
        }
        open = waiting;
        if open.is_empty() {
            break;
        }
        if open.len() == before {
            // A circle: one of them has to begin, with nothing where it refers to the others.
            let oid = open.remove(0);
            fill_table(&mut transaction, &tables[&oid], oid, rows, &mut seeded)?;
        }
    }
    transaction.commit()?;
    Ok(seeded)
}

fn waiting_is_done(seeded: &Seeded, target: &str) -> bool {
    seeded.filled.iter().any(|table| table == target) || seeded.empty.iter().any(|(table, _)| table == target)
}

fn tables(client: &mut Client) -> Result<BTreeMap<i64, Table>, Error> {
    let mut tables: BTreeMap<i64, Table> = BTreeMap::new();
    for row in client.query(COLUMNS, &[])? {
        let (schema, name): (String, String) = (row.get(1), row.get(2));
        let table = tables.entry(row.get(0)).or_insert_with(|| Table {
            name: format!("{schema}.{name}"),
            sql: format!("{}.{}", quoted(&schema), quoted(&name)),
            columns: Vec::new(),
            references: Vec::new(),
        });
        let (modifier, base): (i32, String) = (row.get(7), row.get(8));
        let category: String = row.get(5);
        table.columns.push(Column {
            name: row.get(3),
            ty: Type {
                name: row.get(4),
                category: category.chars().next().unwrap_or('U'),
                labels: row.get(6),
                length: length(&base, modifier),
            },
            required: row.get(9),
            automatic: row.get(10),
        });
    }
    for row in client.query(REFERENCES, &[])? {
        let (from, schema, name): (i64, String, String) = (row.get(0), row.get(2), row.get(3));
        if let Some(table) = tables.get_mut(&from) {
            table.references.push(Reference {
                to: row.get(1),
                target: format!("{schema}.{name}"),
                own: row.get(4),
                theirs: row.get(5),
            });
        }
    }
    Ok(tables)
}

fn length(base: &str, modifier: i32) -> Option<usize> {
    let size = usize::try_from(modifier).ok()?;
    match base {
        "varchar" | "bpchar" | "_varchar" | "_bpchar" => size.checked_sub(4),
        "bit" | "varbit" => Some(size),
        _ => None,
    }
}

fn fill_table(
    transaction: &mut Transaction<'_>,
    table: &Table,
    oid: i64,
    rows: u32,
    seeded: &mut Seeded,
) -> Result<(), Error> {
    let mut refused = None;
    let mut made = 0;
    for row in 1..=rows {
        match fill_row(transaction, table, oid, row)? {
            None => made += 1,
            Some(why) => refused = Some(why),
        }
    }
    match refused.filter(|_| made == 0) {
        Some(why) => seeded.empty.push((table.name.clone(), why)),
        None => seeded.filled.push(table.name.clone()),
    }
    Ok(())
}

/// Tries one row until the table takes it; otherwise says what it refuses.
fn fill_row(
    transaction: &mut Transaction<'_>,
    table: &Table,
    oid: i64,
    row: u32,
) -> Result<Option<String>, Error> {
    let mut chosen: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    let (mut why, mut last) = (String::new(), None);
    for _ in 0..ATTEMPTS {
        let sql = match insert(table, oid, row, &chosen) {
            Ok(sql) => sql,
            Err(why) => return Ok(Some(why)),
        };
        let mut savepoint = transaction.savepoint("seed_row")?;
        let error = match savepoint.batch_execute(&sql) {
            Ok(()) => {
                savepoint.commit()?;
                return Ok(None);
            }
            Err(error) => error,
        };
        savepoint.rollback()?;
        let Some(said) = error.as_db_error() else { return Err(error) };
        why = said.message().to_owned();
        // Any other refusal after that may come from a value that was tried for a check: the next one may suit.
        if said.code().code() == "23514" {
            last = said.constraint().map(str::to_owned);
        }
        let Some(constraint) = &last else {
            return Ok(Some(why));
        };
        let attempt = tried.entry(constraint.clone()).or_default();
        *attempt += 1;
        if !choose(transaction, oid, constraint, *attempt, row, &mut chosen)? {
            return Ok(Some(why));
        }
    }
    Ok(Some(why))
}

/// Other values for the columns of a check that was not satisfied: each of its columns in turn, each with every candidate.
fn choose(
    transaction: &mut Transaction<'_>,
    oid: i64,
    constraint: &str,
    attempt: usize,
    row: u32,
    chosen: &mut BTreeMap<String, Option<String>>,
) -> Result<bool, Error> {
    let sql = "SELECT pg_get_constraintdef(k.oid), ARRAY(SELECT a.attname::text FROM pg_attribute a \
               WHERE a.attrelid = $1::int8::oid AND NOT a.attisdropped AND a.attnum > 0 AND (a.atttypid = k.contypid OR a.attnum = ANY (k.conkey))) \
               FROM pg_constraint k WHERE k.conname = $2 AND (k.conrelid = $1::int8::oid OR k.contypid IN \
               (SELECT atttypid FROM pg_attribute WHERE attrelid = $1::int8::oid)) LIMIT 1";
    let Some(found) = transaction.query_opt(sql, &[&oid, &constraint])? else {
        return Ok(false);
    };
    let (definition, columns): (String, Vec<String>) = (found.get(0), found.get(1));
    let mut values = candidates(&definition);
    let turn = (row as usize - 1) % values.len().max(1);
    // The rows begin at different candidates, so that unique columns differ.
    let last = values.len() - 1;
    values[..last].rotate_left(turn.min(last.saturating_sub(1)) % last.max(1));
    let total = values.len() * columns.len().max(1);
    if attempt > total || columns.is_empty() {
        return Ok(false);
    }
    let (column, value) = ((attempt - 1) / values.len(), (attempt - 1) % values.len());
    if column > 0 {
        chosen.remove(&columns[column - 1]);
    }
    chosen.insert(columns[column].clone(), values[value].clone());
    Ok(true)
}

fn insert(
    table: &Table,
    oid: i64,
    row: u32,
    chosen: &BTreeMap<String, Option<String>>,
) -> Result<String, String> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for column in table.columns.iter().filter(|column| !column.automatic) {
        let refers = table.references.iter().find_map(|reference| {
            let at = reference.own.iter().position(|own| *own == column.name)?;
            Some((reference, at))
        });
        let text = match (chosen.get(&column.name), refers) {
            (Some(value), _) => value.as_deref().map(literal),
            (None, Some((reference, _))) if reference.to == oid && !column.required => None,
            (None, Some((reference, at))) if reference.to != oid => Some(row_of(reference, at, row)),
            (None, _) => {
                let value = value(&column.ty, row).map(|value| literal(&value));
                if value.is_none() && column.required {
                    return Err(format!("no value is known for {}, a {}", column.name, column.ty.name));
                }
                value
            }
        };
        names.push(quoted(&column.name));
        values.push(text.unwrap_or_else(|| "NULL".to_owned()));
    }
    Ok(if names.is_empty() {
        format!("INSERT INTO {} DEFAULT VALUES", table.sql)
    } else {
        format!("INSERT INTO {} ({}) VALUES ({})", table.sql, names.join(", "), values.join(", "))
    })
}

/// A column of a row that is there; nothing when there is none.
fn row_of(reference: &Reference, at: usize, row: u32) -> String {
    let (schema, name) = reference.target.split_once('.').unwrap_or(("public", &reference.target));
    let target = format!("{}.{}", quoted(schema), quoted(name));
    let order: Vec<_> = reference.theirs.iter().map(|column| quoted(column)).collect();
    let column = &order[at.min(order.len() - 1)];
    let skip = format!("({} % greatest((SELECT count(*) FROM {target}), 1))", row - 1);
    format!("(SELECT {column} FROM {target} ORDER BY {} LIMIT 1 OFFSET {skip})", order.join(", "))
}
