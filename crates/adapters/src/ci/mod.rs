//! Whether a commit has passed its build: a command's status, a URL's JSON, GitHub's or GitLab's API.
//!
//! Owns: how each is asked, how many pages are read, and that a token goes to the host it was written for and nowhere
//! else. Refuses to know: what follows from an answer; that is the gate's.

mod answer;
mod command;
mod github;
mod gitlab;
mod question;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod tests;
mod token;
mod url;

use ripcord_model::blueprint::{Ci, CiSource};

pub use answer::{CiTrouble, Passed};

use crate::Context;

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The commit, when one is known.
    pub commit: Option<&'a str>,
    /// The version that goes out.
    pub version: &'a str,
}

impl<'a> About<'a> {
    fn commit(&self) -> Result<&'a str, CiTrouble> {
        self.commit.ok_or(CiTrouble::NoCommit)
    }
}

/// Asks one source. `Ok` only when everything that reported has passed, and something has.
pub async fn ask(ci: &Ci, about: About<'_>, context: &Context) -> Result<Passed, CiTrouble> {
    let timeout = ci.timeout.to_std();
    match &ci.source {
        CiSource::Command { command, environment } => {
            command::ask(command, environment, about, timeout, context).await
        }
        CiSource::Url { url, expect, token } => url::ask(url, expect, token.as_deref(), about, timeout).await,
        CiSource::Github { repository, api, token } => {
            let question = question::Question::new(api, timeout)?;
            github::ask(&question, repository, token.as_deref(), about.commit()?).await
        }
        CiSource::Gitlab { project, api, token } => {
            let question = question::Question::new(api, timeout)?;
            gitlab::ask(&question, project, token.as_deref(), about.commit()?).await
        }
    }
}
