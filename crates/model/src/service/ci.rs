//! `gate: ci:`: who says whether the build has passed.

use std::collections::BTreeMap;

use super::{
    checks::{bounded, public_url, read_timeout},
    commands::{command_line, placeholders, read_variables},
};
use crate::{
    Duration,
    blueprint::{Ci, CiSource},
    diagnostic::Code,
    source::Place,
    yaml::{Fields, Found, Kind, Node, Reading, choose_one, one_or_many},
};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
const GITHUB: &str = "https://api.github.com";
const GITLAB: &str = "https://gitlab.com/api/v4";
const PLACEHOLDERS: [&str; 2] = ["commit", "version"];

/// One source or a list of them.
pub(super) fn read(node: Option<&Node>, found: &mut Found<'_>) -> Vec<Ci> {
    bounded(one_or_many(node), "builds", found).iter().filter_map(|item| read_one(item, found)).collect()
}

fn read_one(item: &Node, found: &mut Found<'_>) -> Option<Ci> {
    let mut fields = Fields::open(item, "this build", item.place, found)?;
    let kinds = ["command", "url", "github", "gitlab"];
    let chosen = choose_one(&mut fields, &kinds, "who is asked about the build", found);
    let source = chosen.and_then(|(key, node)| match key.text.as_str() {
        "command" => {
            let environment = read_variables(fields.optional("environment"), found);
            Some(CiSource::Command { command: command_line(node, &PLACEHOLDERS, found)?, environment })
        }
        "url" => read_url(node, &mut fields, found),
        "github" => read_github(node, key.place, found),
        _ => read_gitlab(node, key.place, found),
    });
    let timeout = read_timeout(&mut fields, DEFAULT_TIMEOUT, found);
    fields.finish(found);
    Some(Ci { source: source?, timeout: timeout? })
}

fn read_url(node: &Node, fields: &mut Fields<'_>, found: &mut Found<'_>) -> Option<CiSource> {
    let token = read_token(fields, found);
    let expect = fields.required("expect", "`expect: { /state: success }`, by JSON pointer", found);
    let expect = expect.and_then(|node| read_expect(node, found));
    let url = public_url(node, found)?;
    if let Some(unknown) = placeholders(&url).find(|name| !PLACEHOLDERS.contains(name)) {
        let message = format!("nothing is put in for `{{{unknown}}}`");
        found.error(Code::UNKNOWN_WORD, node.place, message).expected("one of: {commit}, {version}");
        return None;
    }
    Some(CiSource::Url { url, expect: expect?, token: token? })
}

/// What the answer must say: JSON pointers (RFC 6901) and texts.
fn read_expect(node: &Node, found: &mut Found<'_>) -> Option<BTreeMap<String, String>> {
    let Kind::Map(entries) = &node.kind else {
        let message = format!("this is {}", node.describe());
        found.error(Code::WRONG_KIND, node.place, message).expected("a map: `{ /state: success }`");
        return None;
    };
    let mut expected = BTreeMap::new();
    for (key, value) in entries {
        if !key.text.is_empty() && !key.text.starts_with('/') {
            let message = format!("`{}` is not a JSON pointer", key.text);
            found.error(Code::INVALID_ADDRESS, key.place, message).expected("a pointer: `/build/state`");
        } else if let Some(text) = value.text(found) {
            expected.insert(key.text.clone(), text.value);
        }
    }
    if entries.is_empty() {
        found.error(Code::MISSING_KEY, node.place, "nothing is expected").expected("`{ /state: success }`");
        return None;
    }
    Some(expected)
}

fn read_github(node: &Node, place: Place, found: &mut Found<'_>) -> Option<CiSource> {
    let mut fields = Fields::open(node, "this GitHub repository", place, found)?;
    let repository = fields.required("repository", "`repository: OWNER/NAME`", found);
    let repository = repository.and_then(|node| read_project(node, "OWNER/NAME", found));
    let api = read_api(&mut fields, GITHUB, found);
    let token = read_token(&mut fields, found);
    fields.finish(found);
    let repository = repository?;
    if repository.split('/').count() != 2 {
        let message = "this is not the name of a repository";
        found.error(Code::INVALID_NAME, node.place, message).expected("OWNER/NAME");
        return None;
    }
    Some(CiSource::Github { repository, api: api?, token: token? })
}

fn read_gitlab(node: &Node, place: Place, found: &mut Found<'_>) -> Option<CiSource> {
    let mut fields = Fields::open(node, "this GitLab project", place, found)?;
    let project = fields.required("project", "`project: GROUP/NAME`, or its number", found);
    let project = project.and_then(|node| read_project(node, "GROUP/NAME, or the project's number", found));
    let api = read_api(&mut fields, GITLAB, found);
    let token = read_token(&mut fields, found);
    fields.finish(found);
    Some(CiSource::Gitlab { project: project?, api: api?, token: token? })
}

/// A path of names: it becomes part of a URL.
fn read_project(node: &Node, expected: &str, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    let word = |word: &str| {
        !word.is_empty()
            && !matches!(word, "." | "..")
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    if text.split('/').all(word) {
        return Some(text.value);
    }
    found
        .error(Code::INVALID_NAME, node.place, "this is not the name of a repository or project")
        .expected(expected);
    None
}

fn read_api(fields: &mut Fields<'_>, default: &str, found: &mut Found<'_>) -> Option<String> {
    match fields.optional("api") {
        None => Some(default.to_owned()),
        Some(node) => public_url(node, found).map(|url| url.trim_end_matches('/').to_owned()),
    }
}

/// A reference to a token. The outer `None` is a mistake, the inner one no token.
fn read_token(fields: &mut Fields<'_>, found: &mut Found<'_>) -> Option<Option<String>> {
    let Some(node) = fields.optional("token") else { return Some(None) };
    let text = node.text(found)?;
    let named = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if text.strip_prefix("env:").is_some_and(named) {
        return Some(Some(text.value));
    }
    found
        .error(Code::SECRET_IN_FILE, node.place, "a token does not belong into the file")
        .expected("`env:NAME`, the environment variable that holds it");
    None
}
