//! `workload:` and `flags:` of an environment: what runs command lines.

use super::environment::path;
use crate::{
    Duration,
    blueprint::{CommandWorkload, FlagsBinding, ProcessWorkload, WorkloadBinding},
    diagnostic::Code,
    yaml::{Fields, Found, Node, Reading, choose_one, list},
};

const DEFAULT_READY_WITHIN: Duration = Duration::from_mins(1);
const DEFAULT_GRACE: Duration = Duration::from_secs(10);
const DEFAULT_COMMAND_TIMEOUT: Duration = Duration::from_mins(5);
const DEFAULT_FLAG_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_INSTANCES: u64 = 64;

/// A workload from its node.
pub(super) fn read_workload(node: &Node, found: &mut Found<'_>) -> Option<WorkloadBinding> {
    let mut fields = Fields::open(node, "the workload", node.place, found)?;
    let chosen = choose_one(&mut fields, &["process", "command"], "what runs the versions", found);
    fields.finish(found);
    let (key, node) = chosen?;
    let inner = Fields::open(node, "this workload", key.place, found)?;
    if key.text == "process" {
        read_process(inner, found).map(WorkloadBinding::Process)
    } else {
        read_command(inner, found).map(WorkloadBinding::Command)
    }
}

fn read_process(mut fields: Fields<'_>, found: &mut Found<'_>) -> Option<ProcessWorkload> {
    let command = fields.required("command", "`command: \"bin/exams --port {port}\"`", found);
    let command = command.and_then(|node| command_line(node, &["port", "version", "artifact"], found));
    let ready = match fields.optional("ready") {
        Some(node) => path(node, found),
        None => Some("/healthz/ready".to_owned()),
    };
    let ready_within = fields.optional("ready_within").and_then(|node| node.duration(found));
    let grace = fields.optional("grace").and_then(|node| node.duration(found));
    let instances = fields.optional("instances").and_then(|node| node.whole(1, MAX_INSTANCES, found));
    let environment = read_variables(fields.optional("environment"), found);
    fields.finish(found);
    Some(ProcessWorkload {
        command: command?,
        ready: ready?,
        ready_within: ready_within.map_or(DEFAULT_READY_WITHIN, |duration| duration.value),
        grace: grace.map_or(DEFAULT_GRACE, |duration| duration.value),
        instances: instances.and_then(|number| u32::try_from(number.value).ok()).unwrap_or(1),
        environment,
    })
}

fn read_command(mut fields: Fields<'_>, found: &mut Found<'_>) -> Option<CommandWorkload> {
    let known = ["version", "artifact", "port", "digest"];
    let mut required = |key: &'static str, expected: &str, found: &mut Found<'_>| {
        fields.required(key, expected, found).and_then(|node| command_line(node, &known, found))
    };
    let start = required("start", "a command that makes `{version}` run and may be repeated", found);
    let stop = required("stop", "a command that makes `{version}` stop and may be repeated", found);
    let endpoints = required("endpoints", "a command that prints `host:port` lines for `{version}`", found);
    let digests = fields.optional("digests").map(|node| command_line(node, &["version", "artifact"], found));
    let timeout = fields.optional("timeout").and_then(|node| node.duration(found));
    let environment = read_variables(fields.optional("environment"), found);
    fields.finish(found);
    let timeout = timeout.map_or(DEFAULT_COMMAND_TIMEOUT, |duration| duration.value);
    let (start, stop, endpoints) = (start?, stop?, endpoints?);
    let digests = match digests {
        None => None,
        Some(read) => Some(read?),
    };
    Some(CommandWorkload { start, stop, endpoints, digests, timeout, environment })
}

/// Flags from their node.
pub(super) fn read_flags(node: &Node, found: &mut Found<'_>) -> Option<FlagsBinding> {
    let mut fields = Fields::open(node, "flags", node.place, found)?;
    if let Some(builtin) = fields.optional("builtin") {
        fields.finish(found);
        return read_builtin_flags(builtin, found);
    }
    let set = fields.required("set", "a command with `{flag}` and `{state}`", found);
    let set = set.and_then(|node| command_line(node, &["flag", "state"], found));
    let get = fields.required("get", "a command with `{flag}` that prints `on` or `off`", found);
    let get = get.and_then(|node| command_line(node, &["flag"], found));
    let timeout = fields.optional("timeout").and_then(|node| node.duration(found));
    let environment = read_variables(fields.optional("environment"), found);
    fields.finish(found);
    let timeout = timeout.map_or(DEFAULT_FLAG_TIMEOUT, |duration| duration.value);
    Some(FlagsBinding { builtin: false, set: set?, get: get?, timeout, environment })
}

/// Flags that Ripcord serves itself.
fn read_builtin_flags(node: &Node, found: &mut Found<'_>) -> Option<FlagsBinding> {
    let mut fields = Fields::open(node, "builtin", node.place, found)?;
    let within = fields.optional("within").and_then(|node| node.duration(found));
    fields.finish(found);
    let timeout = within.map_or(DEFAULT_FLAG_TIMEOUT, |duration| duration.value);
    Some(FlagsBinding {
        builtin: true,
        set: String::new(),
        get: String::new(),
        timeout,
        environment: Vec::new(),
    })
}

/// A command line whose `{placeholders}` are all known. `${NAME}` belongs to the shell.
pub(super) fn command_line(node: &Node, known: &[&str], found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    for name in placeholders(&text) {
        if !known.contains(&name) {
            let expected: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
            let message = format!("nothing is put in for `{{{name}}}`");
            found
                .error(Code::UNKNOWN_WORD, node.place, message)
                .expected(format!("one of: {}", expected.join(", ")));
        }
    }
    Some(text.value)
}

/// The names in single braces: `{port}`.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(at, _)| {
        let shell = text[..at].ends_with('$');
        let end = text[at..].find('}')? + at;
        let name = &text[at + 1..end];
        let word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        (word && !shell).then_some(name)
    })
}

pub(super) fn read_variables(node: Option<&Node>, found: &mut Found<'_>) -> Vec<String> {
    let Some(node) = node else { return Vec::new() };
    let mut names: Vec<String> = Vec::new();
    for item in list(node, found) {
        let Some(name) = item.text(found) else { continue };
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain || name.as_bytes()[0].is_ascii_digit() {
            found
                .error(Code::INVALID_NAME, item.place, "this is not the name of an environment variable")
                .expected("letters, digits and `_`")
                .help("only names are listed; values come from the environment and are never written down");
        } else if names.contains(&name.value) {
            found.error(Code::LISTED_TWICE, item.place, "listed twice").expected("every name once");
        } else {
            names.push(name.value);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn placeholders_are_told_from_the_shell_s_own_braces() {
        let found: Vec<&str> = placeholders("x {port} ${HOME} {a,b} {} awk '{print $1}' {version}").collect();
        assert_eq!(found, ["port", "version"]);
    }
}
