//! The reversibility matrix as a table: one row per change, and one sentence about the release.

use ripcord_model::{
    Reversibility,
    blueprint::{Matrix, MatrixRow, Rehearsed},
};

use super::indented;
use crate::render::{
    layout::{WIDTH, cut, table, wrap},
    look::Look,
};

/// How much of a change's name stands in the table, in characters.
const NAME: usize = 30;

/// The matrix, what limits the damage where something cannot be undone, and the level of the release with who must agree.
pub fn matrix(matrix: &Matrix, look: &Look) -> String {
    let knows = matrix.rows.iter().any(|row| row.rehearsed != Rehearsed::Unknown);
    let mut header = vec!["change", "class", "undone", "level"];
    header.extend(knows.then_some("rehearsed"));
    let rows = matrix.rows.iter().map(|changed| row(changed).into_iter().take(header.len()).collect());
    let rows: Vec<Vec<String>> = rows.collect();
    let mut text = indented(&table(&header, &rows, &[]), look);
    let notes = matrix.rows.iter().flat_map(notes).chain([sentence(matrix)]);
    for line in notes.flat_map(|note| wrap(&note, WIDTH - 2)) {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

/// What limits the damage of a change, and who accepts that it cannot be undone.
fn notes(row: &MatrixRow) -> Vec<String> {
    let containment =
        row.containment.as_ref().map(|text| format!("{}: if it must be contained, {text}", row.change));
    let accepted = row.accepted_risk.as_ref();
    let accepted = accepted.map(|risk| format!("{}: accepted by {}: {}", row.change, risk.by, risk.reason));
    containment.into_iter().chain(accepted).collect()
}

fn sentence(matrix: &Matrix) -> String {
    let level = format!("the release goes back at level {}", matrix.level);
    let one_way = if matrix.one_way { ", and part of it has no way back" } else { "" };
    let reviewer = if matrix.reviewer { "; an additional reviewer must approve it" } else { "" };
    format!("{level}{one_way}{reviewer}")
}

fn row(row: &MatrixRow) -> Vec<String> {
    let undone = match row.reversibility {
        Reversibility::Reversible => "yes",
        Reversibility::Partial => "partly",
        Reversibility::OneWay => "no",
    };
    let rehearsed = match row.rehearsed {
        Rehearsed::Yes => "yes",
        Rehearsed::No => "no",
        Rehearsed::Nothing => "nothing to",
        Rehearsed::Unknown => "",
    };
    vec![
        cut(&row.change, NAME),
        row.class.word().to_owned(),
        undone.to_owned(),
        row.level.map_or_else(|| "–".to_owned(), |level| level.word().to_owned()),
        rehearsed.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use ripcord_model::{ChangeClass, Level};

    use super::*;

    fn change(
        name: &str,
        reversibility: Reversibility,
        level: Option<Level>,
        rehearsed: Rehearsed,
    ) -> MatrixRow {
        MatrixRow {
            change: name.to_owned(),
            class: ChangeClass::Schema,
            reversibility,
            level,
            containment: level.is_none().then(|| "stop the purge, then restore the table by hand".to_owned()),
            accepted_risk: None,
            rehearsed,
        }
    }

    #[test]
    fn a_row_per_change_and_a_sentence_within_eighty_columns() {
        let rows = vec![
            change("attempts", Reversibility::Partial, Some(Level::Migration), Rehearsed::Yes),
            change("purge-old-answers-of-everybody", Reversibility::OneWay, None, Rehearsed::Nothing),
        ];
        let mut known = Matrix { level: Level::Migration, one_way: true, reviewer: true, rows };
        let text = matrix(&known, &Look::plain());
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        insta::assert_snapshot!(text, @r"
          change                          class   undone  level      rehearsed
          attempts                        schema  partly  migration  yes
          purge-old-answers-of-everybody  schema  no      –          nothing to
          purge-old-answers-of-everybody: if it must be contained, stop the purge, then
          restore the table by hand
          the release goes back at level migration, and part of it has no way back; an
          additional reviewer must approve it
        ");
        known.rows.iter_mut().for_each(|row| row.rehearsed = Rehearsed::Unknown);
        assert!(!matrix(&known, &Look::plain()).contains("rehearsed"), "nobody was asked");
    }
}
