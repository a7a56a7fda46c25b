//! What differs from run to run, taken out of the output: places, ports, hashes, measured times, days.

use std::path::Path;

const UNITS: [&str; 4] = ["ms", "s", "min", "h"];
/// What stands before a time that was measured.
const TAKEN: [&str; 3] = ["in", "confirmed", "after"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `text` as it is in every run.
pub fn plain(text: &str, root: &Path) -> String {
    let canonical = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let text = text.replace(&canonical.display().to_string(), "DIR");
    let text = text.replace(&root.display().to_string(), "DIR");
    text.lines().map(|line| plain_line(line) + "\n").collect()
}

fn plain_line(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let mut out: Vec<String> = Vec::new();
    for word in words {
        let bare = word.trim_end_matches([',', '.', ';', ':', ')']);
        let rest = &word[bare.len()..];
        let before = out.last().map_or("", String::as_str);
        let number = before.trim_start_matches('(');
        let said_to_have_taken = out.iter().rev().nth(1).is_some_and(|word| TAKEN.contains(&word.as_str()));
        if UNITS.contains(&bare) && is_measured(number, bare, said_to_have_taken) {
            let opening = if before.starts_with('(') { "(" } else { "" };
            out.pop();
            out.push(format!("{opening}TIME{rest}"));
        } else if MONTHS.contains(&bare) && number.parse::<u8>().is_ok() {
            out.pop();
            out.push(format!("DAY{rest}"));
        } else {
            out.push(format!("{}{rest}", plain_word(bare)));
        }
    }
    out.join(" ").trim_end().to_owned()
}

/// A time of the plan is whole; one that was measured is not, or is in milliseconds, or follows one of these words.
fn is_measured(number: &str, unit: &str, said_to_have_taken: bool) -> bool {
    number.parse::<f64>().is_ok() && (number.contains('.') || unit == "ms" || said_to_have_taken)
}

fn plain_word(word: &str) -> String {
    let opening = if word.starts_with('(') { "(" } else { "" };
    let bare = word.trim_start_matches('(');
    if let Some((address, port)) = bare.rsplit_once("127.0.0.1:")
        && port.len() >= 4
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return format!("{opening}{address}127.0.0.1:PORT");
    }
    let is_hash = bare.len() >= 12 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash {
        return format!("{opening}HASH");
    }
    let is_instant = bare.len() >= 20 && bare.as_bytes()[4] == b'-' && bare.as_bytes()[10] == b'T';
    if is_instant { format!("{opening}INSTANT") } else { word.to_owned() }
}

#[test]
fn what_differs_is_taken_out_and_what_was_written_stays() {
    let line =
        "confirmed 1.3 s on 21 November, budget 30 s (12 ms); blueprint dab7ba5d9fb8 at 127.0.0.1:18001.";
    let expected = "confirmed TIME on DAY, budget 30 s (TIME); blueprint HASH at 127.0.0.1:PORT.";
    assert_eq!(plain(line, Path::new("/nowhere")), format!("{expected}\n"));
    assert_eq!(plain("sha256:8944271a7521 2 of 3", Path::new("/nowhere")), "sha256:8944271a7521 2 of 3\n");
}
