//! What tables hold, as counts and checksums that do not depend on the order of rows; and what is lost between two of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one table holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableContents {
    /// Its rows.
    pub rows: u64,
    /// A checksum over whole rows.
    pub sum: String,
    /// Of each column, how many values are not null, and a checksum over them.
    pub columns: BTreeMap<String, (u64, String)>,
}

/// Tables by their names.
pub type Contents = BTreeMap<String, TableContents>;

/// Data that did not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Loss {
    /// Where.
    pub table: String,
    /// In which column; none when whole rows are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// How many rows lost something; none when values are different and nobody can say how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// How many rows there were.
    pub of: u64,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = self.of;
        match (&self.column, self.rows) {
            (None, Some(rows)) => write!(f, "{}: {rows} of {of} rows are gone", self.table),
            (None, None) => write!(f, "{}: the {of} rows are not what they were", self.table),
            (Some(column), Some(rows)) => {
                write!(f, "{}.{column}: the values of {rows} of {of} rows are gone", self.table)
            }
            (Some(column), None) => write!(f, "{}.{column}: values of its {of} rows are changed", self.table),
        }
    }
}

/// What of `before` is not there any more.
pub(crate) fn losses(before: &Contents, after: &Contents) -> Vec<Loss> {
    let mut found = Vec::new();
    for (table, was) in before.iter().filter(|(_, was)| was.rows > 0) {
        let loss = |column: Option<&str>, rows: Option<u64>| Loss {
            table: table.clone(),
            column: column.map(str::to_owned),
            rows,
            of: was.rows,
        };
        let Some(is) = after.get(table) else {
            found.push(loss(None, Some(was.rows)));
            continue;
        };
        if is.rows < was.rows {
            found.push(loss(None, Some(was.rows - is.rows)));
            continue;
        }
        let first = found.len();
        for (column, (values, sum)) in &was.columns {
            match is.columns.get(column) {
                None if *values > 0 => found.push(loss(Some(column), Some(*values))),
                Some((left, _)) if left < values => found.push(loss(Some(column), Some(values - left))),
                Some((_, now)) if now != sum && is.rows == was.rows => found.push(loss(Some(column), None)),
                None | Some(_) => {}
            }
        }
        // A checksum over whole rows says nothing when there are other columns now.
        let same_columns = was.columns.keys().eq(is.columns.keys());
        if found.len() == first && same_columns && is.rows == was.rows && is.sum != was.sum {
            found.push(loss(None, None));
        }
    }
    found
}

/// Tables that hold more rows than before, and how many more.
pub(crate) fn gains(before: &Contents, after: &Contents) -> Vec<(String, u64)> {
    let more = |(table, was): (&String, &TableContents)| {
        let is = after.get(table)?;
        (is.rows > was.rows).then(|| (table.clone(), is.rows - was.rows))
    };
    before.iter().filter_map(more).collect()
}

#[cfg(test)]
mod tests {
    use super::{Contents, TableContents, gains, losses};

    fn contents(rows: u64, sum: &str, columns: &[(&str, u64, &str)]) -> Contents {
        let columns = columns
            .iter()
            .map(|(name, values, sum)| ((*name).to_owned(), (*values, (*sum).to_owned())))
            .collect();
        [("t".to_owned(), TableContents { rows, sum: sum.to_owned(), columns })].into()
    }

    #[test]
    fn rows_columns_and_values_that_are_gone_are_counted() {
        let before = contents(5, "x", &[("a", 5, "1"), ("b", 3, "2")]);
        let text =
            |after: Contents| losses(&before, &after).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(text(before.clone()), [""; 0]);
        assert_eq!(text(Contents::new()), ["t: 5 of 5 rows are gone"]);
        assert_eq!(text(contents(2, "y", &[])), ["t: 3 of 5 rows are gone"]);
        assert_eq!(text(contents(5, "y", &[("a", 5, "1")])), ["t.b: the values of 3 of 5 rows are gone"]);
        assert_eq!(
            text(contents(5, "y", &[("a", 5, "9"), ("b", 1, "2")])),
            ["t.a: values of its 5 rows are changed", "t.b: the values of 2 of 5 rows are gone"]
        );
        assert_eq!(
            text(contents(5, "y", &[("a", 5, "1"), ("b", 3, "2")])),
            ["t: the 5 rows are not what they were"]
        );
        let wider = contents(5, "y", &[("a", 5, "1"), ("b", 3, "2"), ("c", 0, "0")]);
        assert_eq!(text(wider), [""; 0], "a column more is no loss");
        assert_eq!(gains(&before, &contents(7, "", &[])), [("t".to_owned(), 2)]);
    }
}
