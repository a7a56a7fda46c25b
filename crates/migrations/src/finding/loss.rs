//! Statements that lose data.

use std::collections::BTreeSet;

use squawk_syntax::ast::{self, AstNode};

use super::names::name;
use super::types::{Fit, Types, fit};
use super::{Direction, Raw, Risk};

/// What a script loses, told apart from what it made itself.
pub(super) fn find(direction: Direction, file: &ast::SourceFile, types: &Types) -> Vec<Raw> {
    let mut reader =
        Reader { direction, types, own: Types::default(), saved: BTreeSet::new(), found: Vec::new() };
    for statement in file.stmts() {
        reader.read(&statement);
        reader.own.learn_statement(&statement);
    }
    reader.found
}

struct Reader<'a> {
    direction: Direction,
    types: &'a Types,
    /// What this script has made itself: losing that loses nothing.
    own: Types,
    /// Tables whose rows this script has copied elsewhere.
    saved: BTreeSet<String>,
    found: Vec<Raw>,
}

impl Reader<'_> {
    fn read(&mut self, statement: &ast::Stmt) {
        match statement {
            ast::Stmt::DropTable(drop) => {
                for table in drop.table_name_refs() {
                    self.table(table.syntax(), "drops-table", "every row of", "goes with the table");
                }
            }
            ast::Stmt::DropSchema(drop) if drop.drop_behavior().is_some() => {
                for schema in drop.schema_refs() {
                    let message = format!("everything in schema {} goes with it", name(schema.syntax()));
                    self.lose("drops-schema", schema.syntax(), message);
                }
            }
            ast::Stmt::Truncate(truncate) => {
                let tables = truncate.table_list().into_iter().flat_map(|list| list.table_relation_names());
                for table in tables.collect::<Vec<_>>() {
                    self.table(table.syntax(), "truncates-table", "every row of", "is removed");
                }
            }
            ast::Stmt::Delete(delete) => {
                if let Some(table) = delete.relation_name() {
                    self.table(table.syntax(), "deletes-rows", "rows of", "are removed without a copy");
                }
            }
            ast::Stmt::Update(update) => self.update(update),
            ast::Stmt::AlterTable(alter) => self.alter(alter),
            ast::Stmt::CreateTableAs(_) | ast::Stmt::SelectInto(_) | ast::Stmt::Insert(_) => {
                let read = statement.syntax().descendants().filter_map(ast::FromItem::cast);
                self.saved.extend(read.map(|item| source(item.syntax())));
            }
            _ => {}
        }
    }

    fn table(&mut self, node: &squawk_syntax::SyntaxNode, rule: &str, what: &str, verb: &str) {
        let table = name(node);
        if self.own.tables.contains(&table) || self.saved.contains(&table) {
            return;
        }
        self.lose(rule, node, format!("{what} {table} {verb}"));
    }

    fn update(&mut self, update: &ast::Update) {
        let Some(table) = update.relation_name().map(|table| name(table.syntax())) else {
            return;
        };
        if self.own.tables.contains(&table) || self.saved.contains(&table) {
            return;
        }
        let Some(set) = update.set_clause() else {
            return;
        };
        let columns: Vec<_> = set
            .syntax()
            .descendants()
            .filter_map(ast::ColumnNameRef::cast)
            .map(|column| name(column.syntax()))
            .collect();
        let lost: Vec<_> = columns.into_iter().filter(|column| !self.own.knows(&table, column)).collect();
        if let Some(first) = lost.first() {
            let columns = if lost.len() == 1 { first.clone() } else { lost.join(", ") };
            let message = format!("the values {table} had in {columns} are overwritten without a copy");
            self.lose("updates-rows", update.syntax(), message);
        }
    }

    fn alter(&mut self, alter: &ast::AlterTable) {
        let Some(table) = alter.table_relation_name().map(|table| name(table.syntax())) else {
            return;
        };
        for action in alter.actions() {
            match &action {
                ast::AlterTableAction::DropColumn(drop) => {
                    let Some(column) = drop.column_name_ref().map(|column| name(column.syntax())) else {
                        continue;
                    };
                    if !self.own.knows(&table, &column) && !self.saved.contains(&table) {
                        let message = format!("every value of {table}.{column} goes with the column");
                        self.lose("drops-column", drop.syntax(), message);
                    }
                }
                ast::AlterTableAction::AlterColumn(change) => {
                    if let (Some(column), Some(ast::AlterColumnOption::SetType(set))) =
                        (change.column_name_ref(), change.option())
                        && let Some(ty) = set.ty()
                    {
                        self.narrow(&table, &name(column.syntax()), &ty, change.syntax());
                    }
                }
                _ => {}
            }
        }
    }

    fn narrow(&mut self, table: &str, column: &str, ty: &ast::Type, node: &squawk_syntax::SyntaxNode) {
        let to = ty.syntax().text().to_string();
        let from = self.own.of(table, column).or_else(|| self.types.of(table, column));
        if fit(from, &to) == Fit::NotAlways {
            let from = from.unwrap_or("what it was");
            let message = format!("not every value of {table}.{column} fits {to}; it was {from}");
            self.lose("narrows-type", node, message);
        }
    }

    fn lose(&mut self, rule: &str, node: &squawk_syntax::SyntaxNode, message: String) {
        let raw = match self.direction {
            Direction::Up => Raw::new(Risk::OneWay, rule, node, message)
                .hinted("copy the rows to another table first, or drop later, when nobody needs to go back"),
            Direction::Down => Raw::new(Risk::Partial, rule, node, message)
                .hinted("going back loses what was written there since; say how to contain it"),
        };
        self.found.push(raw);
    }
}

/// The table a `FROM` item names; its alias and the like are left out.
fn source(node: &squawk_syntax::SyntaxNode) -> String {
    let first = node.descendants().find_map(ast::RelationNameRef::cast);
    first.map_or_else(|| name(node), |table| name(table.syntax()))
}
