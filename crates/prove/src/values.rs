//! Values for generated rows, as texts the server reads by the column's type.

/// What is known of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Type {
    /// Its name in the catalog, under every domain: `int4`, `_text`, `mood`.
    pub name: String,
    /// Its category, `A` for arrays.
    pub category: char,
    /// The labels of an enum.
    pub labels: Vec<String>,
    /// The longest text it takes, where it says so.
    pub length: Option<usize>,
}

/// A value of a type, another one for each row from 1; nothing when none is known.
pub(crate) fn value(ty: &Type, row: u32) -> Option<String> {
    if !ty.labels.is_empty() {
        let labels = &ty.labels;
        let label = labels[(row as usize - 1) % labels.len()].clone();
        return Some(if ty.category == 'A' { format!("{{{}}}", array_item(&label)) } else { label });
    }
    if ty.category == 'A' {
        let item = Type {
            name: ty.name.trim_start_matches('_').to_owned(),
            category: 'U',
            labels: Vec::new(),
            length: ty.length,
        };
        return value(&item, row).map(|item| format!("{{{}}}", array_item(&item)));
    }
    Some(match ty.name.as_str() {
        "int2" | "int4" | "int8" | "oid" | "numeric" => row.to_string(),
        "float4" | "float8" => format!("{row}.5"),
        "money" => format!("{row}.25"),
        "bool" => (row % 2 == 1).to_string(),
        "text" | "varchar" | "bpchar" | "citext" | "name" => text(row, ty.length),
        "char" | "ltree" => char_of(row).to_string(),
        "date" => format!("2024-01-{:02}", row.min(28)),
        "timestamp" | "timestamptz" => format!("2024-01-{:02} 00:00:00", row.min(28)),
        "time" | "timetz" => format!("{:02}:00:00", row % 24),
        "interval" => format!("{row} hours"),
        "uuid" => format!("00000000-0000-4000-8000-{row:012}"),
        "json" | "jsonb" => format!("{{\"row\": {row}}}"),
        "bytea" => format!("\\x{row:02x}"),
        "inet" => format!("10.0.0.{}", row % 250),
        "cidr" => format!("10.{}.0.0/16", row % 250),
        "macaddr" => format!("08:00:2b:01:02:{:02x}", row % 250),
        "macaddr8" => format!("08:00:2b:01:02:03:04:{:02x}", row % 250),
        "point" => format!("({row},{row})"),
        "box" | "lseg" => format!("(({row},{row}),(0,0))"),
        "path" | "polygon" => format!("((0,0),({row},0),(0,{row}))"),
        "circle" => format!("<(0,0),{row}>"),
        "line" => format!("{{1,-1,{row}}}"),
        "tsvector" | "tsquery" => format!("row{row}"),
        "xml" => format!("<row>{row}</row>"),
        "hstore" => format!("row=>{row}"),
        "int4range" | "int8range" | "numrange" => format!("[{row},{})", row + 1),
        "daterange" => format!("[2024-01-{:02},2024-02-{:02})", row.min(28), row.min(28)),
        "tsrange" | "tstzrange" => {
            format!("[2024-01-{:02} 00:00,2024-02-{:02} 00:00)", row.min(28), row.min(28))
        }
        "bit" | "varbit" => bits(row, ty.length.unwrap_or(1)),
        "pg_lsn" => format!("0/{row}"),
        _ => return None,
    })
}

fn char_of(row: u32) -> char {
    char::from(b'a' + u8::try_from(row % 26).unwrap_or_default())
}

fn text(row: u32, length: Option<usize>) -> String {
    let whole = format!("row {row}");
    match length {
        Some(length) if length < whole.len() => std::iter::repeat_n(char_of(row), length).collect(),
        _ => whole,
    }
}

fn bits(row: u32, length: usize) -> String {
    (0..length).map(|bit| if bit < 32 && row >> bit & 1 == 1 { '1' } else { '0' }).collect()
}

fn array_item(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Values a check may take: what it names itself, and what checks often ask for.
pub(crate) fn candidates(definition: &str) -> Vec<Option<String>> {
    let mut found: Vec<Option<String>> = Vec::new();
    let mut add = |value: &str| {
        let value = Some(value.to_owned());
        if !found.contains(&value) {
            found.push(value);
        }
    };
    for (index, part) in definition.split('\'').enumerate() {
        if index % 2 == 1 {
            add(part);
        } else {
            let numbers = part.split(|char: char| !char.is_ascii_digit() && char != '.' && char != '-');
            for number in numbers.filter_map(|number| number.parse::<i64>().ok()) {
                for near in [number, number.saturating_add(1), number.saturating_sub(1)] {
                    add(&near.to_string());
                }
            }
        }
    }
    for usual in [
        "a",
        "A",
        "a@example.org",
        "https://example.org/",
        "#aabbcc",
        "0",
        "-1",
        "100",
        "{}",
        "[]",
        "abcdefghijklmnop",
        "true",
        "false",
    ] {
        add(usual);
    }
    found.push(None);
    found.truncate(60);
    found
}

#[cfg(test)]
mod tests {
    use super::{Type, candidates, value};

    fn of(name: &str, category: char, length: Option<usize>) -> Type {
        Type { name: name.to_owned(), category, labels: Vec::new(), length }
    }

    #[test]
    fn rows_differ_and_keep_to_lengths() {
        for name in ["int4", "text", "uuid", "timestamptz", "jsonb", "inet", "bytea"] {
            assert_ne!(value(&of(name, 'U', None), 1), value(&of(name, 'U', None), 2), "{name}");
        }
        assert_eq!(value(&of("varchar", 'S', Some(2)), 1).as_deref(), Some("bb"));
        assert_eq!(value(&of("_text", 'A', None), 1).as_deref(), Some("{\"row 1\"}"));
        assert_eq!(value(&of("geometry", 'U', None), 1), None);
    }

    #[test]
    fn a_check_is_answered_with_what_it_names() {
        let found = candidates("CHECK ((status = ANY (ARRAY['open'::text, 'shut'::text])) AND (n >= 18))");
        for value in ["open", "shut", "18", "19"] {
            assert!(found.contains(&Some(value.to_owned())), "{value}");
        }
        assert_eq!(found.last(), Some(&None));
    }
}
