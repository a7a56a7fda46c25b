//! What is known of the columns so far, from the migrations that made them.

use std::collections::{BTreeMap, BTreeSet};

use squawk_syntax::SourceFile;
use squawk_syntax::ast::{self, AstNode};

use super::names::name;

/// Columns and their types, by table.
#[derive(Debug, Clone, Default)]
pub(super) struct Types {
    columns: BTreeMap<(String, String), String>,
    /// Tables a script has made.
    pub tables: BTreeSet<String>,
}

impl Types {
    /// The type of a column, when a migration said it.
    pub(super) fn of(&self, table: &str, column: &str) -> Option<&str> {
        self.columns.get(&(table.to_owned(), column.to_owned())).map(String::as_str)
    }

    /// Whether a script has added the column.
    pub(super) fn knows(&self, table: &str, column: &str) -> bool {
        self.of(table, column).is_some()
    }

    /// Takes in what a script says.
    pub(super) fn learn(&mut self, sql: &str) {
        for statement in SourceFile::parse(sql).tree().stmts() {
            self.learn_statement(&statement);
        }
    }

    /// Takes in what a statement says.
    pub(super) fn learn_statement(&mut self, statement: &ast::Stmt) {
        match statement {
            ast::Stmt::CreateTable(create) => {
                let Some(table) = create.table_name().map(|table| name(table.syntax())) else {
                    return;
                };
                for column in create.syntax().descendants().filter_map(ast::Column::cast) {
                    self.add(&table, column.name(), column.ty());
                }
                self.tables.insert(table);
            }
            ast::Stmt::CreateTableAs(create) => {
                self.tables.extend(create.table_name().map(|table| name(table.syntax())));
            }
            ast::Stmt::AlterTable(alter) => {
                let Some(table) = alter.table_relation_name().map(|table| name(table.syntax())) else {
                    return;
                };
                for action in alter.actions() {
                    self.learn_action(&table, &action);
                }
            }
            _ => {}
        }
    }

    fn learn_action(&mut self, table: &str, action: &ast::AlterTableAction) {
        match action {
            ast::AlterTableAction::AddColumn(add) => self.add(table, add.column_name(), add.ty()),
            ast::AlterTableAction::AlterColumn(alter) => {
                if let (Some(column), Some(ast::AlterColumnOption::SetType(set))) =
                    (alter.column_name_ref(), alter.option())
                    && let Some(ty) = set.ty()
                {
                    self.columns
                        .insert((table.to_owned(), name(column.syntax())), ty.syntax().text().to_string());
                }
            }
            ast::AlterTableAction::RenameColumn(rename) => {
                if let (Some(from), Some(to)) = (rename.column_name_ref(), rename.column_name())
                    && let Some(ty) = self.columns.remove(&(table.to_owned(), name(from.syntax())))
                {
                    self.columns.insert((table.to_owned(), name(to.syntax())), ty);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, table: &str, column: Option<ast::ColumnName>, ty: Option<ast::Type>) {
        if let (Some(column), Some(ty)) = (column, ty) {
            self.columns.insert((table.to_owned(), name(column.syntax())), ty.syntax().text().to_string());
        }
    }
}

/// Whether values of one type may not fit another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Every value fits.
    Always,
    /// Some do not, and are cut, rounded or refused.
    NotAlways,
    /// Nothing known.
    Unknown,
}

/// Whether every value of `from` is one of `to`.
pub(super) fn fit(from: Option<&str>, to: &str) -> Fit {
    let to = Kind::of(to);
    let Some(from) = from.map(Kind::of) else {
        // Text without a limit takes anything.
        return if to.family == Family::Text && to.size.is_none() { Fit::Always } else { Fit::Unknown };
    };
    match (from.family, to.family) {
        (Family::Other, _) | (_, Family::Other) => Fit::Unknown,
        (_, Family::Text) if to.size.is_none() => Fit::Always,
        (from_family, to_family) if from_family == to_family => match (from.size, to.size) {
            (_, None) => Fit::Always,
            (None, Some(_)) => Fit::NotAlways,
            (Some(from), Some(to)) => {
                if from <= to {
                    Fit::Always
                } else {
                    Fit::NotAlways
                }
            }
        },
        (Family::Integer, Family::Decimal) if to.size.is_none() => Fit::Always,
        (Family::Date, Family::Moment) => Fit::Always,
        _ => Fit::NotAlways,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Integer,
    Decimal,
    Float,
    Text,
    Date,
    Moment,
    Json,
    Other,
}

struct Kind {
    family: Family,
    size: Option<u64>,
}

impl Kind {
    fn of(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let (base, arguments) = text.split_once('(').unwrap_or((text.as_str(), ""));
        let base = base.split_whitespace().collect::<Vec<_>>().join(" ");
        let argument = arguments.split([',', ')']).next().and_then(|size| size.trim().parse().ok());
        let (family, size) = match base.as_str() {
            "smallint" | "int2" | "smallserial" | "serial2" => (Family::Integer, Some(2)),
            "int" | "integer" | "int4" | "serial" | "serial4" => (Family::Integer, Some(4)),
            "bigint" | "int8" | "bigserial" | "serial8" => (Family::Integer, Some(8)),
            "numeric" | "decimal" => (Family::Decimal, argument),
            "real" | "float4" => (Family::Float, Some(4)),
            "double precision" | "float8" | "float" => (Family::Float, Some(8)),
            "text" | "citext" => (Family::Text, None),
            "varchar" | "character varying" => (Family::Text, argument),
            "char" | "character" => (Family::Text, argument.or(Some(1))),
            "date" => (Family::Date, None),
            "timestamp" | "timestamptz" | "timestamp with time zone" | "timestamp without time zone" => {
                (Family::Moment, argument)
            }
            "json" | "jsonb" => (Family::Json, None),
            _ => (Family::Other, None),
        };
        // An array, or a type we do not know, is not compared.
        let family = if text.contains('[') { Family::Other } else { family };
        Self { family, size }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fit, fit};

    #[test]
    fn a_type_that_cannot_hold_every_value_is_told_from_one_that_can() {
        for (from, to, expected) in [
            ("bigint", "integer", Fit::NotAlways),
            ("integer", "bigint", Fit::Always),
            ("text", "varchar(40)", Fit::NotAlways),
            ("varchar(40)", "varchar(80)", Fit::Always),
            ("VARCHAR( 80 )", "varchar(40)", Fit::NotAlways),
            ("varchar(40)", "text", Fit::Always),
            ("timestamptz", "date", Fit::NotAlways),
            ("double precision", "integer", Fit::NotAlways),
            ("integer", "numeric", Fit::Always),
            ("mood", "text", Fit::Unknown),
            ("text[]", "text", Fit::Unknown),
        ] {
            assert_eq!(fit(Some(from), to), expected, "{from} to {to}");
        }
        assert_eq!(fit(None, "text"), Fit::Always);
        assert_eq!(fit(None, "varchar(3)"), Fit::Unknown);
    }
}
