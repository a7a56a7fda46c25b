//! GitLab: the statuses of a commit. Every job of a pipeline is one, as is what others have reported.
//!
//! GitLab Commits API, "List the statuses of a commit" (`GET /projects/:id/repository/commits/:sha/statuses`, newest of
//! each name unless `all` is set); REST API, "Offset-based pagination" (`x-next-page`); "Rate limits" (429).

use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::{
    CiTrouble, Passed,
    answer::{Report, Reports, short},
    question::{self, Question},
    token,
};

const PER_PAGE: usize = 100;
/// Pages that are read at most.
const PAGES_MAX: usize = 10;

#[derive(Deserialize)]
struct Status {
    sha: String,
    name: String,
    status: String,
    #[serde(default)]
    allow_failure: bool,
}

pub(super) async fn ask(
    question: &Question,
    project: &str,
    token: Option<&str>,
    commit: &str,
) -> Result<Passed, CiTrouble> {
    let mut headers = HeaderMap::new();
    if let Some(reference) = token {
        headers.insert("private-token", token::header(reference, "")?);
    }
    // A project's path is one segment of the URL.
    let path = format!("/projects/{}/repository/commits/{commit}/statuses", project.replace('/', "%2F"));
    let about = format!("commit {} of {project}", short(commit));
    let mut reports = Reports::default();
    for page in 1..=PAGES_MAX {
        let query = [("per_page", PER_PAGE.to_string()), ("page", page.to_string())];
        let (value, answered) = question.get(&path, &query, headers.clone(), &about).await?;
        let statuses: Vec<Status> =
            serde_json::from_value(value).map_err(|error| question.garbage(error.to_string()))?;
        let count = statuses.len();
        for status in statuses {
            if status.sha != commit {
                let (asked, answered) = (short(commit).to_owned(), short(&status.sha).to_owned());
                return Err(CiTrouble::OtherCommit { host: question.host.clone(), asked, answered });
            }
            reports.add(&status.name, &status.status, report(question, &status)?);
        }
        let next = question::text(&answered, "x-next-page");
        // The header is empty on the last page; where a proxy took it away, a full page may not be the last.
        if next.map_or(count < PER_PAGE, |next| next.trim().is_empty()) {
            return reports.verdict(&question.host, commit);
        }
    }
    Err(question.garbage(format!("more than {} reports about one commit", PER_PAGE * PAGES_MAX)))
}

/// "Job status": what may fail does not stand in the way, nor does a manual job that nobody must start.
fn report(question: &Question, status: &Status) -> Result<Report, CiTrouble> {
    match status.status.as_str() {
        "success" | "skipped" => Ok(Report::Passed),
        "failed" | "canceled" | "canceling" | "manual" if status.allow_failure => Ok(Report::Passed),
        "failed" | "canceled" | "canceling" => Ok(Report::Failed),
        "created"
        | "waiting_for_resource"
        | "waiting_for_callback"
        | "preparing"
        | "pending"
        | "running"
        | "scheduled"
        | "manual" => Ok(Report::Pending),
        other => Err(question.garbage(format!("the status {other:?}"))),
    }
}
