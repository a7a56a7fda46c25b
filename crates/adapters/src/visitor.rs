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
    urls: Vec<String>,
}

/// A user of `environment`: asks for what its `rehearse` says, else for what its probes ask for.
///
/// # Errors
/// [`AdapterError::Permanent`] when there can be no HTTP client.
pub fn connect(environment: &Environment) -> Result<Box<dyn Visitor>, AdapterError> {
    let origin = origin(&environment.router);
    // Every request is a new user: no cookie, no connection that sticks to a version.
    let client = http::client(&origin, PATIENCE, false)?;
    let urls = paths(environment).into_iter().map(|path| format!("{origin}{path}")).collect();
    Ok(Box::new(HttpVisitor { client, urls }))
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
        let turn = usize::try_from(number).unwrap_or(0) % self.urls.len().max(1);
        let url =
            self.urls.get(turn).ok_or_else(|| AdapterError::Permanent("no path to visit".to_owned()))?;
        let failed =
            |error: reqwest::Error| AdapterError::Transient(format!("{url}: {}", http::chain(&error)));
        let response = self.client.get(url).send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let version = response.headers().get(VERSION).and_then(|value| value.to_str().ok());
        let version = version.and_then(|text| VersionName::new(text).ok());
        // An answer is one when it has ended.
        response.bytes().await.map_err(failed)?;
        Ok(Visit { version, status })
    }
}
