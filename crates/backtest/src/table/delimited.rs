//! Comma, semicolon, tab or bar between cells, a header above them.

use csv::{ReaderBuilder, StringRecord};

use super::{Format, ROWS_MAX, Row, Table};
use crate::flaw::{Flaw, Flaws};

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

pub(super) fn read(text: &str) -> Result<Table<'_>, Flaws> {
    let delimiter = delimiter(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter as u8)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut table = Table { text, format: Format::Delimited, delimiter, names: Vec::new(), rows: Vec::new() };
    let mut flaws = Flaws::default();
    let mut place = Place { byte: 0, line: 1 };
    for record in reader.records() {
        let Ok(mut record) = record else { break };
        let begins = record.position().map_or(0, |position| position.byte() as usize);
        place = place.advanced(text, begins);
        if table.names.is_empty() {
            table.names = names(text, &record, &mut flaws);
            continue;
        }
        fit(&mut record, &table.names, place.line, &mut flaws);
        if table.rows.len() == ROWS_MAX {
            flaws.push(too_many(place.line));
            break;
        }
        table.rows.push(Row { byte: place.byte, line: place.line, cells: record });
    }
    flaws.or(table)
}

pub(super) fn too_many(line: u64) -> Flaw {
    Flaw {
        line,
        column: 1,
        text: String::new(),
        problem: format!("more than {ROWS_MAX} rows"),
        expected: "a shorter file: cut it, or take every tenth row".to_owned(),
    }
}

/// A place in the text, with the line it is on.
#[derive(Clone, Copy)]
struct Place {
    byte: usize,
    line: u64,
}

impl Place {
    /// Where the record that is said to begin at `byte` really begins: after empty lines.
    fn advanced(self, text: &str, byte: usize) -> Self {
        let byte = byte.min(text.len());
        let empty = text[byte..].len() - text[byte..].trim_start_matches(['\n', '\r']).len();
        let begins = byte + empty;
        let lines = text[self.byte..begins].matches('\n').count() as u64;
        Self { byte: begins, line: self.line + lines }
    }
}

/// The one of the known delimiters that the first line has most of.
fn delimiter(text: &str) -> char {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut best = (',', 0);
    for delimiter in DELIMITERS {
        let count = first.matches(delimiter).count();
        if count > best.1 {
            best = (delimiter, count);
        }
    }
    best.0
}

fn names(text: &str, header: &StringRecord, flaws: &mut Flaws) -> Vec<String> {
    let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    let without_letters = |name: &String| !name.chars().any(char::is_alphabetic);
    if names.iter().all(without_letters) {
        flaws.push(Flaw {
            line: 1,
            column: 1,
            text: text.lines().next().unwrap_or_default().to_owned(),
            problem: "this line should name the columns".to_owned(),
            expected: "a header such as timestamp,value or seq,canary_n,canary_bad,control_n,control_bad"
                .to_owned(),
        });
    }
    names
}

/// Cells that are one too many but empty are left out; anything else is not the row the header announced.
fn fit(record: &mut StringRecord, names: &[String], line: u64, flaws: &mut Flaws) {
    while record.len() > names.len() && record.iter().next_back().is_some_and(|cell| cell.trim().is_empty()) {
        record.truncate(record.len() - 1);
    }
    if record.len() != names.len() {
        let of = |number: usize| if number == 1 { "1 cell".to_owned() } else { format!("{number} cells") };
        flaws.push(Flaw {
            line,
            column: 1,
            text: record.iter().collect::<Vec<_>>().join(","),
            problem: format!("{} in this row", of(record.len())),
            expected: format!("{}, as the header has: {}", of(names.len()), names.join(", ")),
        });
    }
}

/// How many bytes into the record the cell number `wanted` starts; behind its opening quote.
pub(super) fn start_of_field(record: &str, delimiter: char, wanted: usize) -> usize {
    let (mut field, mut quoted, mut start) = (0, false, 0);
    for (at, character) in record.char_indices() {
        match character {
            _ if field == wanted => break,
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            other if other == delimiter && !quoted => {
                field += 1;
                start = at + other.len_utf8();
            }
            _ => {}
        }
    }
    let rest = &record[start..];
    start + (rest.len() - rest.trim_start_matches([' ', '"']).len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found_out_and_quotes_and_marks_are_read() {
        for text in [
            "timestamp,value\n1,2\n",
            "\u{feff}timestamp;value\r\n1;2\r\n",
            "timestamp\tvalue\n1\t2",
            "\"timestamp\",\"value\"\n\"1\",\"2\"\n",
            "timestamp,value\n\n1,2\n\n",
            "timestamp, value ,\n1, 2,\n",
        ] {
            let table = Table::read(text).unwrap();
            assert_eq!(&table.names()[..2], ["timestamp", "value"], "{text:?}");
            assert_eq!((table.len(), table.cell(0, 0), table.cell(0, 1)), (1, "1", "2"), "{text:?}");
        }
    }

    #[test]
    fn mistakes_name_line_and_column_also_behind_empty_lines_and_quotes() {
        let table = Table::read("time,note,value\n\n1,\"a,\"\"b\"\"\nc\",x\r\n\r\n2,,y\n").unwrap();
        let flaw = table.flaw(0, 2, "not a number", "a number");
        assert_eq!((flaw.line, flaw.column, flaw.text.as_str()), (4, 4, "x"));
        assert_eq!(flaw.problem, "not a number (value)");
        let flaw = table.flaw(1, 2, "not a number", "a number");
        assert_eq!((flaw.line, flaw.column, flaw.text.as_str()), (6, 4, "y"));
    }

    #[test]
    fn rows_that_are_not_like_the_header_are_all_named() {
        let flaws = Table::read("a,b\n1,2\n1\n1,2,3\n1,2,\n").unwrap_err();
        let lines: Vec<_> = flaws.listed.iter().map(|flaw| (flaw.line, flaw.problem.as_str())).collect();
        assert_eq!(lines, [(3, "1 cell in this row"), (4, "3 cells in this row")]);
    }

    #[test]
    fn a_file_without_header_or_rows_is_refused() {
        let flaws = Table::read("1394163660,12\n1394163661,13\n").unwrap_err();
        assert_eq!(flaws.listed[0].problem, "this line should name the columns");
        for empty in ["", "\n\n", "timestamp,value\n"] {
            let flaws = Table::read(empty).unwrap_err();
            assert!(flaws.found > 0 && flaws.listed[0].line >= 1, "{empty:?}");
        }
    }
}
