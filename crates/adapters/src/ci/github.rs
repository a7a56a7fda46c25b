//! GitHub: commit statuses *and* check runs, since a build reports through one or the other.
//!
//! GitHub REST API, "Get the combined status for a specific reference" and "List check runs for a Git reference" (version
//! 2022-11-28); "Using pagination in the REST API"; "Rate limits for the REST API".

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use serde::Deserialize;
use serde_json::Value;

use super::{
    CiTrouble, Passed,
    answer::{Report, Reports, short},
    question::Question,
    token,
};

/// Reports per page; more are not given.
const PER_PAGE: usize = 100;
/// Pages that are read at most: GitHub shows no more than a thousand check runs either.
const PAGES_MAX: usize = 10;

#[derive(Deserialize)]
struct Combined {
    sha: String,
    total_count: usize,
    statuses: Vec<Status>,
}

#[derive(Deserialize)]
struct Status {
    context: String,
    state: String,
}

#[derive(Deserialize)]
struct CheckRuns {
    total_count: usize,
    check_runs: Vec<CheckRun>,
}

#[derive(Deserialize)]
struct CheckRun {
    name: String,
    head_sha: String,
    status: String,
    conclusion: Option<String>,
}

pub(super) async fn ask(
    question: &Question,
    repository: &str,
    token: Option<&str>,
    commit: &str,
) -> Result<Passed, CiTrouble> {
    let asked = Asked { question, headers: headers(token)?, repository, commit };
    let mut reports = Reports::default();
    asked.statuses(&mut reports).await?;
    asked.check_runs(&mut reports).await?;
    reports.verdict(&question.host, commit)
}

fn headers(token: Option<&str>) -> Result<HeaderMap, CiTrouble> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
    headers.insert("x-github-api-version", HeaderValue::from_static("2022-11-28"));
    // Questions without a name are refused.
    headers.insert(USER_AGENT, HeaderValue::from_static("ripcord"));
    if let Some(reference) = token {
        headers.insert(AUTHORIZATION, token::header(reference, "Bearer ")?);
    }
    Ok(headers)
}

struct Asked<'a> {
    question: &'a Question,
    headers: HeaderMap,
    repository: &'a str,
    commit: &'a str,
}

impl Asked<'_> {
    /// Of each context the newest one: that is what the combined status lists.
    async fn statuses(&self, reports: &mut Reports) -> Result<(), CiTrouble> {
        let mut seen = 0;
        for page in 1..=PAGES_MAX {
            let combined: Combined = self.page("status", page).await?;
            self.about_the_commit(&combined.sha)?;
            let count = combined.statuses.len();
            for status in combined.statuses {
                let report = match status.state.as_str() {
                    "success" => Report::Passed,
                    "pending" => Report::Pending,
                    "failure" | "error" => Report::Failed,
                    other => return Err(self.question.garbage(format!("the state {other:?}"))),
                };
                reports.add(&status.context, &status.state, report);
            }
            seen += count;
            if count == 0 || seen >= combined.total_count {
                return self.complete(seen, combined.total_count);
            }
        }
        Err(self.too_many())
    }

    async fn check_runs(&self, reports: &mut Reports) -> Result<(), CiTrouble> {
        let mut seen = 0;
        for page in 1..=PAGES_MAX {
            let runs: CheckRuns = self.page("check-runs", page).await?;
            let count = runs.check_runs.len();
            for run in runs.check_runs {
                self.about_the_commit(&run.head_sha)?;
                let (word, report) = self.conclusion(&run)?;
                reports.add(&run.name, &word, report);
            }
            seen += count;
            if count == 0 || seen >= runs.total_count {
                return self.complete(seen, runs.total_count);
            }
        }
        Err(self.too_many())
    }

    /// "About status checks": skipped and neutral ones do not stand in the way.
    fn conclusion(&self, run: &CheckRun) -> Result<(String, Report), CiTrouble> {
        match (run.status.as_str(), run.conclusion.as_deref()) {
            ("completed", Some(word @ ("success" | "neutral" | "skipped"))) => {
                Ok((word.to_owned(), Report::Passed))
            }
            (
                "completed",
                Some(
                    word @ ("failure" | "cancelled" | "timed_out" | "action_required" | "stale"
                    | "startup_failure"),
                ),
            ) => Ok((word.to_owned(), Report::Failed)),
            ("queued" | "in_progress" | "waiting" | "requested" | "pending", _) => {
                Ok((run.status.clone(), Report::Pending))
            }
            (status, conclusion) => {
                let why = format!("a check run with status {status:?} and conclusion {conclusion:?}");
                Err(self.question.garbage(why))
            }
        }
    }

    async fn page<T: for<'de> Deserialize<'de>>(&self, what: &str, page: usize) -> Result<T, CiTrouble> {
        let path = format!("/repos/{}/commits/{}/{what}", self.repository, self.commit);
        let query = [("per_page", PER_PAGE.to_string()), ("page", page.to_string())];
        let about = format!("commit {} of {}", short(self.commit), self.repository);
        let (value, _): (Value, _) = self.question.get(&path, &query, self.headers.clone(), &about).await?;
        serde_json::from_value(value).map_err(|error| self.question.garbage(error.to_string()))
    }

    fn about_the_commit(&self, answered: &str) -> Result<(), CiTrouble> {
        if answered == self.commit {
            return Ok(());
        }
        let (asked, answered) = (short(self.commit).to_owned(), short(answered).to_owned());
        Err(CiTrouble::OtherCommit { host: self.question.host.clone(), asked, answered })
    }

    /// A report that was announced and not shown may be the one that failed.
    fn complete(&self, seen: usize, total: usize) -> Result<(), CiTrouble> {
        if seen >= total {
            return Ok(());
        }
        Err(self.question.garbage(format!("{total} reports are announced, {seen} were shown")))
    }

    fn too_many(&self) -> CiTrouble {
        self.question.garbage(format!("more than {} reports about one commit", PER_PAGE * PAGES_MAX))
    }
}
