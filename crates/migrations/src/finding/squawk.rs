//! The rules of squawk, an established linter for migrations of PostgreSQL, and what each means for the way back.

use squawk_linter::{Linter, Rule};
use squawk_syntax::{Parse, SourceFile};

use super::{Raw, Risk};
use crate::migration::{Script, Transaction};

/// What squawk says, without what is said better elsewhere here.
pub(super) fn find(parse: &Parse<SourceFile>, script: &Script) -> Vec<Raw> {
    let mut linter = Linter::with_default_rules();
    linter.settings.assume_in_transaction = script.transaction == Transaction::Wrapped;
    let found = linter.lint(parse, &script.text);
    found
        .into_iter()
        .filter_map(|violation| {
            let risk = risk(violation.code)?;
            Some(Raw {
                risk,
                rule: violation.code.to_string(),
                start: usize::from(violation.text_range.start()),
                end: usize::from(violation.text_range.end()),
                message: violation.message,
                help: violation.help,
            })
        })
        .collect()
}

/// What a rule means; none where the reading of losses and of old code says it with names already, or where it is about
/// the tool's own configuration.
fn risk(rule: Rule) -> Option<Risk> {
    match rule {
        Rule::BanDropTable
        | Rule::BanDropColumn
        | Rule::BanDropSchema
        | Rule::BanTruncateCascade
        | Rule::RenamingColumn
        | Rule::RenamingTable
        | Rule::BanDropDefault
        | Rule::BanDropView
        | Rule::AddingRequiredField
        | Rule::UnusedIgnore => None,
        Rule::BanDropDatabase => Some(Risk::OneWay),
        Rule::BanDropSequence => Some(Risk::Partial),
        Rule::BanDropFunction
        | Rule::BanDropType
        | Rule::BanDropDomain
        | Rule::BanDropExtension
        | Rule::RenamingObject
        | Rule::BanSetSchema
        | Rule::BanDropNotNull => Some(Risk::OldCode),
        Rule::RequireConcurrentIndexCreation
        | Rule::RequireConcurrentIndexDeletion
        | Rule::RequireConcurrentPartitionDetach
        | Rule::RequireConcurrentReindex
        | Rule::ConstraintMissingNotValid
        | Rule::AddingFieldWithDefault
        | Rule::AddingForeignKeyConstraint
        | Rule::AddingNotNullableField
        | Rule::AddingSerialPrimaryKeyField
        | Rule::ChangingColumnType
        | Rule::DisallowedUniqueConstraint
        | Rule::BanConcurrentIndexCreationInTransaction
        | Rule::PreferRepack => Some(Risk::Lock),
        // What is left are habits; squawk adds such rules often, and none of them may stop a release.
        _ if rule.is_opt_in() => None,
        _ => Some(Risk::Style),
    }
}
