//! One JSON object per line.

use std::collections::BTreeMap;

use csv::StringRecord;
use serde_json::Value;

use super::{Format, ROWS_MAX, Row, Table, delimited::too_many};
use crate::flaw::{Flaw, Flaws};

type Cells = BTreeMap<String, String>;

pub(super) fn read(text: &str) -> Result<Table<'_>, Flaws> {
    let mut flaws = Flaws::default();
    let mut names: Vec<String> = Vec::new();
    let mut read: Vec<(usize, u64, Cells)> = Vec::new();
    let mut byte = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let (line_number, begins) = (number as u64 + 1, byte);
        byte += line.len();
        if line.trim().is_empty() {
            continue;
        }
        if read.len() == ROWS_MAX {
            flaws.push(too_many(line_number));
            break;
        }
        match cells(line, line_number) {
            Ok(cells) => {
                for (name, _) in &cells {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
                read.push((begins, line_number, cells.into_iter().collect()));
            }
            Err(flaw) => flaws.push(flaw),
        }
    }
    let rows = read.into_iter().map(|(byte, line, cells)| {
        let cells: StringRecord =
            names.iter().map(|name| cells.get(name).map_or("", String::as_str)).collect();
        Row { byte, line, cells }
    });
    let rows = rows.collect();
    flaws.or(Table { text, format: Format::JsonLines, delimiter: ',', names, rows })
}

/// The values of one line by name, in the order of the line.
fn cells(line: &str, number: u64) -> Result<Vec<(String, String)>, Flaw> {
    let flaw = |column: usize, problem: String| Flaw {
        line: number,
        column: column.max(1) as u64,
        text: line.trim().to_owned(),
        problem,
        expected: "one JSON object per line, such as {\"time\":\"2014-03-07T03:41:00Z\",\"value\":0.2}"
            .to_owned(),
    };
    let value: Value = serde_json::from_str(line.trim_end()).map_err(|error| {
        let problem = error.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default().to_owned();
        // The parser counts bytes, people count characters.
        let characters = line.char_indices().take_while(|(byte, _)| *byte < error.column()).count();
        flaw(characters, format!("not JSON: {problem}"))
    })?;
    let mut cells = Vec::new();
    flatten("", &value, &mut cells).map_err(|problem| flaw(1, problem))?;
    Ok(cells)
}

fn flatten(name: &str, value: &Value, cells: &mut Vec<(String, String)>) -> Result<(), String> {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(&name, value, cells)?;
            }
            Ok(())
        }
        Value::Array(_) if name.is_empty() => Err("a list, not an object".to_owned()),
        Value::Array(_) => Err(format!("`{name}` is a list")),
        _ if name.is_empty() => Err("not an object".to_owned()),
        Value::Null => Ok(()),
        Value::Bool(_) | Value::Number(_) => {
            cells.push((name.to_owned(), value.to_string()));
            Ok(())
        }
        Value::String(text) => {
            cells.push((name.to_owned(), text.clone()));
            Ok(())
        }
    }
}

/// How many bytes into the line the value of the name starts: behind the last key's colon.
pub(super) fn start_of_value(line: &str, name: &str) -> usize {
    let line = line.split('\n').next().unwrap_or_default();
    let mut at = 0;
    for key in name.split('.') {
        let quoted = format!("\"{key}\"");
        match line[at..].find(&quoted) {
            Some(found) => at += found + quoted.len(),
            None => return 0,
        }
    }
    let rest = &line[at..];
    at + (rest.len() - rest.trim_start_matches([' ', ':', '"']).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKS: &str = "{\"seq\":1,\"canary\":{\"n\":200,\"bad\":1},\"control\":{\"n\":1800,\"bad\":9}}\n\n\
                          {\"seq\":2,\"canary\":{\"n\":200,\"bad\":null},\"control\":{\"n\":1800,\"bad\":\"x\"},\"onset\":true}\n";

    #[test]
    fn nested_objects_read_as_columns_and_absent_values_as_empty_cells() {
        let table = Table::read(BLOCKS).unwrap();
        assert_eq!(table.format(), Format::JsonLines);
        assert_eq!(table.names(), ["seq", "canary.n", "canary.bad", "control.n", "control.bad", "onset"]);
        let row = |row: usize| (0..6).map(|column| table.cell(row, column)).collect::<Vec<_>>();
        assert_eq!(row(0), ["1", "200", "1", "1800", "9", ""]);
        assert_eq!(row(1), ["2", "200", "", "1800", "x", "true"]);
        let flaw = table.flaw(1, 4, "not a number", "a number");
        assert_eq!((flaw.line, flaw.text.as_str()), (3, "x"));
        let line = BLOCKS.lines().nth(2).unwrap();
        assert!(line[flaw.column as usize - 1..].starts_with("x\""), "{flaw}");
    }

    #[test]
    fn columns_are_counted_in_characters() {
        let flaws = Table::read("{\"größe\":1,\"x\":é}\n").unwrap_err();
        assert_eq!((flaws.listed[0].line, flaws.listed[0].column), (1, 16), "{:?}", flaws.listed);
    }

    #[test]
    fn lines_that_are_no_objects_are_refused_with_their_place() {
        let flaws = Table::read("{\"a\":1}\n[1]\n{\"a\":\n{\"a\":[1]}\n7\n").unwrap_err();
        let lines: Vec<_> = flaws.listed.iter().map(|flaw| (flaw.line, flaw.problem.as_str())).collect();
        assert_eq!(
            lines,
            [
                (2, "a list, not an object"),
                (3, "not JSON: EOF while parsing a value"),
                (4, "`a` is a list"),
                (5, "not an object")
            ]
        );
    }
}
