//! The reference of all commands as Markdown, made from the same description as `--help`: `docs/cli.md`.

use std::fmt::Write as _;

use clap::CommandFactory as _;

/// The text of `docs/cli.md`.
pub fn markdown() -> String {
    let mut root = crate::arguments::Arguments::command().term_width(90);
    root.build();
    let mut text = String::from(
        "# Command line\n\nMade from the program itself; `UPDATE=1 cargo nextest run -p ripcord` writes it anew.\n\n",
    );
    section(&mut text, &mut root, 2);
    text
}

fn section(text: &mut String, command: &mut clap::Command, depth: usize) {
    let name = command.get_bin_name().unwrap_or("ripcord").to_owned();
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let marks = "#".repeat(depth.min(4));
    writeln!(text, "{marks} {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end())
        .expect("writing to a string cannot fail");
    for inner in command.get_subcommands_mut() {
        if !inner.is_hide_set() && inner.get_name() != "help" {
            section(text, inner, depth + 1);
        }
    }
}
