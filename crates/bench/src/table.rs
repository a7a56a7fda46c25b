//! The table on the terminal and the JSON under `target/bench/`.

use std::{fs, path::Path};

use crate::report::{Report, Table};

/// Prints one report as it comes.
pub fn print(report: &Report) {
    println!("\n{}", report.name);
    for note in &report.notes {
        println!("   ({note})");
    }
    for row in &report.rows {
        let mark = if row.holds { "  " } else { "!!" };
        let bound = row.bound.as_deref().unwrap_or("");
        println!("{mark} {:<64} {:>12} {:<9} {bound}", row.metric, number(row.value), row.unit);
    }
    report.tables.iter().for_each(print_table);
}

fn print_table(table: &Table) {
    println!("\n   {}", table.title);
    let cells = |values: &mut dyn Iterator<Item = String>| -> String {
        values.map(|value| format!("{value:>10}")).collect()
    };
    println!("   {:<66}{}", "", cells(&mut table.columns.iter().cloned()));
    for (name, values) in &table.lines {
        println!("   {name:<66}{}", cells(&mut values.iter().map(|value| format!("{value:.3}"))));
    }
}

/// Says how many bounds hold, and names those that do not.
pub fn sum_up(reports: &[Report]) {
    let bounded = || {
        reports
            .iter()
            .flat_map(|report| report.rows.iter().map(move |row| (report, row)))
            .filter(|(_, row)| row.bound.is_some())
    };
    let missed: Vec<_> = bounded().filter(|(_, row)| !row.holds).collect();
    println!("{} of {} bounds hold", bounded().count() - missed.len(), bounded().count());
    for (report, row) in missed {
        println!("!! {}: {}", report.name, row.metric);
    }
}

fn number(value: f64) -> String {
    if value.abs() >= 1_000.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

/// Writes all reports to `target/bench/NAME.json`.
pub fn write(reports: &[Report], name: &str) -> std::io::Result<()> {
    let folder = Path::new("target/bench");
    fs::create_dir_all(folder)?;
    let path = folder.join(format!("{name}.json"));
    let json = serde_json::to_vec_pretty(reports).map_err(std::io::Error::other)?;
    fs::write(&path, json)?;
    println!("\n{}", path.display());
    Ok(())
}
