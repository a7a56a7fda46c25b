//! A schema as a list of things with their definitions, and how two of them differ.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything a catalog says of a schema: `column public.users.email` with its type, default and the like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// Definitions by kind and name.
    pub objects: BTreeMap<String, String>,
    /// Columns of each table in their order.
    pub orders: BTreeMap<String, Vec<String>>,
}

/// How one schema differs from another that came first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// There before, not any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Not there before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// There both times, defined otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Changed>,
    /// Tables whose columns stand in another order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reordered: Vec<String>,
}

/// One thing that is defined otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Which.
    pub what: String,
    /// Its definition before.
    pub was: String,
    /// Its definition now.
    pub is: String,
}

impl Schema {
    /// What is different now from `before`.
    #[must_use]
    pub fn since(&self, before: &Self) -> Difference {
        let mut difference = Difference::default();
        for (what, was) in &before.objects {
            match self.objects.get(what) {
                None => difference.missing.push(what.clone()),
                Some(is) if is != was => {
                    difference.changed.push(Changed { what: what.clone(), was: was.clone(), is: is.clone() });
                }
                Some(_) => {}
            }
        }
        difference.added =
            self.objects.keys().filter(|what| !before.objects.contains_key(*what)).cloned().collect();
        for (table, was) in &before.orders {
            let Some(is) = self.orders.get(table) else { continue };
            // Only what is there both times can stand in another order.
            let common = |columns: &[String], other: &[String]| -> Vec<String> {
                columns.iter().filter(|column| other.contains(column)).cloned().collect()
            };
            if common(was, is) != common(is, was) {
                difference.reordered.push(table.clone());
            }
        }
        difference.shorten();
        difference
    }
}

impl Difference {
    /// Nothing is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.only_order() && self.reordered.is_empty()
    }

    /// Nothing but the order of columns is different.
    #[must_use]
    pub fn only_order(&self) -> bool {
        self.missing.is_empty() && self.added.is_empty() && self.changed.is_empty()
    }

    /// How many things are different.
    #[must_use]
    pub fn len(&self) -> usize {
        self.missing.len() + self.added.len() + self.changed.len() + self.reordered.len()
    }

    /// What belongs to a table that came or went is not listed beside it.
    fn shorten(&mut self) {
        for list in [&mut self.missing, &mut self.added] {
            let tables: Vec<String> = list
                .iter()
                .filter_map(|what| what.strip_prefix("table ").map(|table| format!("{table}.")))
                .collect();
            list.retain(|what| {
                let Some((kind, name)) = what.split_once(' ') else { return true };
                let part = ["column", "constraint", "index", "trigger", "policy", "rule"].contains(&kind);
                !part || !tables.iter().any(|table| name.starts_with(table.as_str()))
            });
        }
    }

    /// A line for each difference, as people read it: `-` for missing, `+` for added, `~` for changed.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.missing.iter().map(|what| format!("- {what}")).collect();
        lines.extend(self.added.iter().map(|what| format!("+ {what}")));
        for changed in &self.changed {
            let (was, is) = apart(&changed.was, &changed.is);
            lines.push(format!("~ {}: was {was}, is {is}", changed.what));
        }
        lines.extend(self.reordered.iter().map(|table| format!("~ order of columns of {table}")));
        lines
    }
}

/// The parts of two definitions that are not the same, shortened.
fn apart(was: &str, is: &str) -> (String, String) {
    let (was_parts, is_parts): (Vec<_>, Vec<_>) = (was.split('\u{1}').collect(), is.split('\u{1}').collect());
    let shown = |parts: &[&str], other: &[&str]| {
        let own: Vec<_> = parts
            .iter()
            .filter(|part| !part.is_empty() && !other.contains(part))
            .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let text = if own.is_empty() { "nothing".to_owned() } else { own.join(", ") };
        if text.chars().count() > 200 {
            format!("{}…", text.chars().take(200).collect::<String>())
        } else {
            text
        }
    };
    (shown(&was_parts, &is_parts), shown(&is_parts, &was_parts))
}

#[cfg(test)]
mod tests {
    use super::Schema;

    fn schema(objects: &[(&str, &str)], order: &[&str]) -> Schema {
        Schema {
            objects: objects
                .iter()
                .map(|(what, definition)| ((*what).to_owned(), (*definition).to_owned()))
                .collect(),
            orders: [("t".to_owned(), order.iter().map(|column| (*column).to_owned()).collect())].into(),
        }
    }

    #[test]
    fn order_alone_is_told_apart_from_what_came_and_went() {
        let before = schema(&[("column t.a", "int"), ("column t.b", "int")], &["a", "b"]);
        let order = schema(&[("column t.a", "int"), ("column t.b", "int")], &["b", "a"]).since(&before);
        assert!(order.only_order() && !order.is_empty(), "{order:?}");
        let dropped = schema(&[("column t.b", "int")], &["b"]).since(&before);
        assert_eq!(dropped.lines(), ["- column t.a"], "a column less is not another order");
        assert!(before.since(&before).is_empty());
    }

    #[test]
    fn only_the_parts_that_changed_are_shown() {
        let before = schema(&[("column t.a", "integer\u{1}not null\u{1}default 1")], &["a"]);
        let after = schema(&[("column t.a", "integer\u{1}\u{1}default 2")], &["a"]).since(&before);
        assert_eq!(after.lines(), ["~ column t.a: was not null, default 1, is default 2"]);
    }

    #[test]
    fn what_hangs_on_a_lost_table_is_not_listed_beside_it() {
        let before = schema(
            &[("table s.t", ""), ("column s.t.a", "int"), ("column s.tt.a", "int"), ("index s.t.i", "")],
            &[],
        );
        let after = schema(&[], &[]).since(&before);
        assert_eq!(after.missing, ["column s.tt.a", "table s.t"]);
    }
}
