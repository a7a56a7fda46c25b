//! A URL that answers with JSON, of which some values are known.

use std::{collections::BTreeMap, time::Duration};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::Value;

use super::{About, CiTrouble, Passed, answer::shown, question::Question, token};

pub(super) async fn ask(
    url: &str,
    expect: &BTreeMap<String, String>,
    token: Option<&str>,
    about: About<'_>,
    timeout: Duration,
) -> Result<Passed, CiTrouble> {
    let commit = if url.contains("{commit}") { about.commit()? } else { "" };
    let url = url.replace("{commit}", commit).replace("{version}", about.version);
    let question = Question::new(&url, timeout)?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(reference) = token {
        headers.insert(AUTHORIZATION, token::header(reference, "Bearer ")?);
    }
    let (answer, _) = question.get("", &[], headers, "such build").await?;
    for (pointer, expected) in expect {
        let Some(value) = answer.pointer(pointer) else {
            return Err(question.garbage(format!("it has no {}", place(pointer))));
        };
        let value = text(value);
        if value != *expected {
            let (place, value) = (place(pointer), shown(&value));
            return Err(CiTrouble::Failed(format!("{place} is {value}, expected {expected}")));
        }
    }
    let said: Vec<String> =
        expect.iter().map(|(pointer, value)| format!("{} is {value}", place(pointer))).collect();
    Ok(Passed(format!("{} says that {}", question.host, said.join(", "))))
}

fn place(pointer: &str) -> &str {
    if pointer.is_empty() { "the answer" } else { pointer }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}
