//! Does the code that is out now still run against the new schema? What to do in two releases instead of one.

use squawk_syntax::ast::{self, AstNode};

use super::names::name;
use super::types::Types;
use super::{Raw, Risk};

const CONTRACT: &str = "expand first: release code that no longer uses it, and remove it in a later release";
const RENAME: &str = "add the new name beside the old one, write both, move readers over, and remove the old one in a later release";

/// What breaks code that knows only the schema before.
pub(super) fn find(file: &ast::SourceFile, _types: &Types) -> Vec<Raw> {
    let mut found = Vec::new();
    let mut own = Types::default();
    for statement in file.stmts() {
        look(&statement, &own, &mut found);
        own.learn_statement(&statement);
    }
    found
}

fn look(statement: &ast::Stmt, own: &Types, found: &mut Vec<Raw>) {
    let mut breaks = |rule: &str, node: &squawk_syntax::SyntaxNode, message: String, help: &str| {
        found.push(Raw::new(Risk::OldCode, rule, node, message).hinted(help));
    };
    match statement {
        ast::Stmt::DropTable(drop) => {
            for table in drop.table_name_refs() {
                let table_name = name(table.syntax());
                if !own.tables.contains(&table_name) {
                    breaks(
                        "old-code-drop",
                        drop.syntax(),
                        format!("code that reads {table_name} fails"),
                        CONTRACT,
                    );
                }
            }
        }
        ast::Stmt::DropView(drop) => {
            breaks("old-code-drop", drop.syntax(), "code that reads the view fails".to_owned(), CONTRACT);
        }
        ast::Stmt::AlterTable(alter) => {
            let Some(table) = alter.table_relation_name().map(|table| name(table.syntax())) else {
                return;
            };
            if own.tables.contains(&table) {
                return;
            }
            for action in alter.actions() {
                if let Some((rule, message, help)) = action_breaks(&table, &action, own) {
                    breaks(rule, action.syntax(), message, help);
                }
            }
        }
        _ => {}
    }
}

type Advice = (&'static str, String, &'static str);

fn action_breaks(table: &str, action: &ast::AlterTableAction, own: &Types) -> Option<Advice> {
    match action {
        ast::AlterTableAction::DropColumn(drop) => {
            let column = name(drop.column_name_ref()?.syntax());
            (!own.knows(table, &column)).then(|| {
                ("old-code-drop", format!("code that reads or writes {table}.{column} fails"), CONTRACT)
            })
        }
        ast::AlterTableAction::RenameColumn(rename) => {
            let column = name(rename.column_name_ref()?.syntax());
            Some(("old-code-rename", format!("code that says {table}.{column} fails"), RENAME))
        }
        ast::AlterTableAction::TableRenameTo(_) => {
            Some(("old-code-rename", format!("code that says {table} fails"), RENAME))
        }
        ast::AlterTableAction::AddColumn(add) => {
            let column = name(add.column_name()?.syntax());
            let words = add.syntax().text().to_string().to_ascii_lowercase();
            let words: Vec<_> = words.split_whitespace().collect();
            let required = words.windows(2).any(|pair| pair == ["not", "null"]);
            let filled = words
                .iter()
                .any(|word| ["default", "generated", "serial", "bigserial", "smallserial"].contains(word));
            (required && !filled).then(|| {
                let help = "give it a default, or let it be null until all code writes it";
                ("old-code-required", format!("code that inserts into {table} without {column} fails"), help)
            })
        }
        ast::AlterTableAction::AlterColumn(alter) => {
            let column = name(alter.column_name_ref()?.syntax());
            match alter.option()? {
                ast::AlterColumnOption::SetNotNull(_) if !own.knows(table, &column) => {
                    let help = "release code that always writes it first";
                    Some(("old-code-required", format!("code that leaves {table}.{column} null fails"), help))
                }
                ast::AlterColumnOption::DropDefault(_) if !own.knows(table, &column) => {
                    let help = "release code that always writes it first";
                    Some((
                        "old-code-required",
                        format!("code that relies on the default of {table}.{column} changes"),
                        help,
                    ))
                }
                ast::AlterColumnOption::SetType(_) => {
                    let help = "add a column of the new type beside it, write both, and remove the old one in a later release";
                    Some(("old-code-type", format!("code may read another type from {table}.{column}"), help))
                }
                _ => None,
            }
        }
        _ => None,
    }
}
