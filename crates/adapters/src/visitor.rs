//! A user of an environment: one request through its router, and which version answered it.

use std::time::Duration;

use async_trait::async_trait;
use ripcord_model::{
    VersionName,
    blueprint::{Environment, RouterBinding, WorkloadBinding},
};

use crate::{http, port::AdapterError};

/// The header by which a router says which version answered.
const VERSION: &str = "x-ripcord-version";
/// Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a user was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// By which version, if the router says it.
    pub version: Option<VersionName>,
    /// With which status.
    pub status: u16,
}

/// A user of an environment.
#[async_trait]
pub trait Visitor: Send + Sync {
    /// Visit `number`, counted from anywhere: the paths are taken in turn.
    ///
    /// # Errors
    /// [`AdapterError::Transient`] when nobody answers.
    async fn visit(&self, number: u64) -> Result<Visit, AdapterError>;
}

/// Visits over HTTP.
struct HttpVisitor {
    client: reqwest::Client,
    requests: Vec<Asked>,
}

/// What one visit asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    url: String,
    /// What is posted; nothing where it is only asked for.
    body: Option<String>,
}

impl Asked {
    /// `/exam` asks for it, `POST /submit` posts nothing to it, `POST /submit {"answer":1}` posts what follows.
    fn of(origin: &str, path: &str) -> Self {
        let Some(posted) = path.strip_prefix("POST ") else {
            return Self { url: format!("{origin}{path}"), body: None };
        };
        let (path, body) = posted.trim_start().split_once(' ').unwrap_or((posted.trim_start(), ""));
        Self { url: format!("{origin}{path}"), body: Some(body.trim_start().to_owned()) }
    }

    /// Bodies that look like JSON are said to be.
    fn request(&self, client: &reqwest::Client) -> reqwest::RequestBuilder {
        match &self.body {
            None => client.get(&self.url),
            Some(body) => {
                let is_json = body.starts_with(['{', '[']);
                let kind = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
                client.post(&self.url).header("content-type", kind).body(body.clone())
            }
        }
    }
}

/// A user of `environment`: asks for what its `rehearse` says, else for what its probes ask for.
///
/// # Errors
/// [`AdapterError::Permanent`] when there can be no HTTP client.
pub fn connect(environment: &Environment) -> Result<Box<dyn Visitor>, AdapterError> {
    let origin = origin(&environment.router);
    // Every request is a new user: no cookie, no connection that sticks to a version.
    let client = http::client(&origin, PATIENCE, false)?;
    let requests = paths(environment).iter().map(|path| Asked::of(&origin, path)).collect();
    Ok(Box::new(HttpVisitor { client, requests }))
}

fn origin(router: &RouterBinding) -> String {
    match router {
        RouterBinding::Edge(edge) => format!("http://{}", edge.listen),
        RouterBinding::Nginx(nginx) => {
            let scheme_end = nginx.probe.find("://").map_or(0, |at| at + 3);
            let host_end =
                nginx.probe[scheme_end..].find('/').map_or(nginx.probe.len(), |at| scheme_end + at);
            nginx.probe[..host_end].to_owned()
        }
    }
}

fn paths(environment: &Environment) -> Vec<String> {
    if !environment.rehearse.paths.is_empty() {
        return environment.rehearse.paths.clone();
    }
    if !environment.probes.is_empty() {
        return environment.probes.iter().map(|probe| probe.path.clone()).collect();
    }
    match &environment.workload {
        WorkloadBinding::Process(process) => vec![process.ready.clone()],
        WorkloadBinding::Command(_) => vec!["/".to_owned()],
    }
}

#[async_trait]
impl Visitor for HttpVisitor {
    async fn visit(&self, number: u64) -> Result<Visit, AdapterError> {
        let turn = usize::try_from(number).unwrap_or(0) % self.requests.len().max(1);
        let asked =
            self.requests.get(turn).ok_or_else(|| AdapterError::Permanent("no path to visit".to_owned()))?;
        let url = &asked.url;
        let failed =
            |error: reqwest::Error| AdapterError::Transient(format!("{url}: {}", http::chain(&error)));
        let response = asked.request(&self.client).send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let version = response.headers().get(VERSION).and_then(|value| value.to_str().ok());
        let version = version.and_then(|text| VersionName::new(text).ok());
        // An answer is one when it has ended.
        response.bytes().await.map_err(failed)?;
        Ok(Visit { version, status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_asked_for_or_posted_to_with_what_follows() {
        let asked = |path: &str| Asked::of("http://127.0.0.1:8080", path);
        let url = |path: &str| format!("http://127.0.0.1:8080{path}");
        assert_eq!(asked("/exam?a=1"), Asked { url: url("/exam?a=1"), body: None });
        assert_eq!(asked("POST /submit"), Asked { url: url("/submit"), body: Some(String::new()) });
        let body = Some(r#"{"answer": 1}"#.to_owned());
        assert_eq!(asked(r#"POST /submit {"answer": 1}"#), Asked { url: url("/submit"), body });
    }
}
