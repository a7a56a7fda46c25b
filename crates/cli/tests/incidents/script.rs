//! The language of the scripts. Owns what a line may say; does nothing.
//!
//! ```text
//! # comment
//! write FILE                 with the indented lines that follow
//! add FILE                   … at its end
//! edit FILE                  … which are `-` what stands there and `+` what shall; every place is changed
//! $ ripcord gate flow-v2     a command line, run by sh in the service's root
//! $ only WORDS ripcord …     … of whose output only the lines with WORDS are shown; `quietly` shows none
//! gate flow-v2: ci, digests  what these checks of the gate say now
//! bring up v1                v1 serves all traffic, as if it had for long
//! users come | users leave   users submit exams; when they leave: whether each got a good answer
//! answers                    the versions that answer the next users
//! serve | kill server | stop server
//! until flow-v2 PHASE        until the release is there, such as rolled-back
//! until flow-v2 at stage 2   until traffic is there
//! until flow-v2 says WORDS   until its status has these words
//! starts v2                  how often production has started a version
//! ```

/// One line, and the lines indented below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// As it stands in the script, the indented lines too.
    pub text: String,
    pub verb: Verb,
}

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    Comment,
    Write { file: String, text: String },
    Add { file: String, text: String },
    Edit { file: String, from: String, to: String },
    Shell(String),
    Gate { release: String, checks: Vec<String> },
    BringUp(String),
    UsersCome,
    UsersLeave,
    Answers,
    Serve,
    KillServer,
    StopServer,
    Phase { release: String, phase: String },
    Stage { release: String, number: usize },
    Says { release: String, words: String },
    Starts(String),
}

/// Reads a script; the error is the line that is not understood.
pub fn parse(script: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut lines = script.lines().peekable();
    while let Some(line) = lines.next() {
        let mut text = format!("{line}\n");
        let mut block = Vec::new();
        while let Some(indented) = lines.next_if(|next| next.starts_with("    ")) {
            text.push_str(&format!("{indented}\n"));
            block.push(&indented[4..]);
        }
        let verb = verb(line, &block).ok_or_else(|| text.clone())?;
        steps.push(Step { text, verb });
    }
    Ok(steps)
}

fn verb(line: &str, block: &[&str]) -> Option<Verb> {
    if line.is_empty() || line.starts_with('#') {
        // A block ends at an empty line; what would follow it must not be lost.
        return block.is_empty().then_some(Verb::Comment);
    }
    if let Some(command) = line.strip_prefix("$ ") {
        return Some(Verb::Shell(command.to_owned()));
    }
    if let Some((release, checks)) = line.strip_prefix("gate ").and_then(|rest| rest.split_once(": ")) {
        let checks = checks.split(", ").map(str::to_owned).collect();
        return Some(Verb::Gate { release: release.to_owned(), checks });
    }
    let text = || block.iter().map(|line| format!("{line}\n")).collect::<String>();
    let owned = |word: &str| word.to_owned();
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        ["write", file] => Some(Verb::Write { file: owned(file), text: text() }),
        ["add", file] => Some(Verb::Add { file: owned(file), text: text() }),
        ["edit", file] => edit(file, block),
        ["bring", "up", version] => Some(Verb::BringUp(owned(version))),
        ["users", "come"] => Some(Verb::UsersCome),
        ["users", "leave"] => Some(Verb::UsersLeave),
        ["answers"] => Some(Verb::Answers),
        ["serve"] => Some(Verb::Serve),
        ["kill", "server"] => Some(Verb::KillServer),
        ["stop", "server"] => Some(Verb::StopServer),
        ["until", release, "at", "stage", number] => {
            Some(Verb::Stage { release: owned(release), number: number.parse().ok()? })
        }
        ["until", release, "says", words @ ..] => {
            Some(Verb::Says { release: owned(release), words: words.join(" ") })
        }
        ["until", release, phase] => Some(Verb::Phase { release: owned(release), phase: owned(phase) }),
        ["starts", version] => Some(Verb::Starts(owned(version))),
        _ => None,
    }
}

fn edit(file: &str, block: &[&str]) -> Option<Verb> {
    let lines = |mark: &str| {
        let marked = block.iter().filter_map(|line| line.strip_prefix(mark));
        marked.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    };
    let (from, to) = (lines("-"), lines("+"));
    (!from.is_empty()).then(|| Verb::Edit { file: file.to_owned(), from, to })
}

#[test]
fn a_line_that_is_no_verb_is_named() {
    assert_eq!(parse("serve\nfly to the moon\n").unwrap_err(), "fly to the moon\n");
    let steps = parse("edit a.yaml\n    -  old: 1\n    +  new: 2\n    +  more: 3\nanswers\n").unwrap();
    let (from, to) = (" old: 1".to_owned(), " new: 2\n more: 3".to_owned());
    assert_eq!(steps[0].verb, Verb::Edit { file: "a.yaml".to_owned(), from, to });
    assert_eq!((steps.len(), &steps[1].verb), (2, &Verb::Answers));
}
