//! `ripcord record`: results, messages and reviews are put on record, for the gate.

mod junit;
mod report;

use std::path::PathBuf;

use ripcord_model::{
    ReleaseName,
    blueprint::{RecordKind, differences, differences_hash},
    paper::{NewPaper, Noted},
};
use ripcord_server::client::Client;

use super::Ended;
use crate::{
    context::{Context, release_name},
    desk,
    failure::{CommandError, Exit},
    files,
    host::Desk,
    output, render,
};

/// Arguments of `ripcord record`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

const AFTER_HELP: &str = "\
What is on record is a fact of the ledger: the name of the file, its SHA-256, what it
counts, who recorded it and when, and the version it is about. The file itself stays
where it is. JUnit XML and JSON reports are counted; of other files only the digest is
kept. A result of another version, or of one with failed tests, does not open the gate.

Examples:
  ripcord record test --file target/nextest/ci/junit.xml
  ripcord record message support --file mail.txt --release exam-submit-v2
  ripcord record config-diff --release exam-submit-v2";

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The result of tests in staging
    Test(Result_),
    /// The result of people trying it out
    Qa(Result_),
    /// The result of a load test
    Load(Result_),
    /// People whom the plan names were told before the release
    Message(Message),
    /// You have looked at how production differs from staging: shows it and records that
    ConfigDiff(Review),
    /// Show what is on record
    List(About),
}

#[derive(Debug, clap::Args)]
struct Result_ {
    /// The report
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    about: About,
}

#[derive(Debug, clap::Args)]
struct Message {
    /// Who was told, as the plan calls them in `comms: { before: … }`
    to: String,
    /// What they were told
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    about: About,
}

#[derive(Debug, clap::Args)]
struct Review {
    /// Only show the differences, and record nothing
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    about: About,
}

#[derive(Debug, clap::Args)]
struct About {
    /// The release [default: the only plan below releases/]
    #[arg(long, value_parser = release_name)]
    release: Option<ReleaseName>,
}

/// Records, and says what is on record now.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    match arguments.what {
        What::Test(result) => record_result(context, RecordKind::Test, &result),
        What::Qa(result) => record_result(context, RecordKind::Qa, &result),
        What::Load(result) => record_result(context, RecordKind::Load, &result),
        What::Message(message) => {
            let release = message.about.release(context)?;
            let report = report::read(&message.file)?;
            note(context, &release, NewPaper::Message { to: message.to, file: report.sheet })
        }
        What::ConfigDiff(review) => review_differences(context, &review),
        What::List(about) => list(context, &about.release(context)?),
    }
}

fn record_result(context: &Context, of: RecordKind, result: &Result_) -> Ended {
    let release = result.about.release(context)?;
    let report = report::read(&result.file)?;
    let counts = report.counts()?;
    note(context, &release, NewPaper::Result { of, file: report.sheet, counts })
}

impl About {
    /// The release that was named, or the only one there is a plan of.
    fn release(&self, context: &Context) -> Result<ReleaseName, CommandError> {
        if let Some(release) = &self.release {
            return Ok(release.clone());
        }
        let plans = files::plans(&context.root()?);
        match plans.as_slice() {
            [only] => release_name(only).map_err(CommandError::usage),
            [] => Err(CommandError::refused("no-such-plan", "there is no plan below releases/")
                .hinted("ripcord init   writes a first one")),
            _ => Err(CommandError::usage("there are several plans: which release is it about?")
                .hinted(format!("add --release NAME, one of: {}", plans.join(", ").replace(".yaml", "")))),
        }
    }
}

fn note(context: &Context, release: &ReleaseName, paper: NewPaper) -> Ended {
    let papers = ask(context, async |client| client.note(release, paper).await)?;
    let newest = papers.last().ok_or_else(|| CommandError::refused("no-paper", "nothing is on record"))?;
    let value = serde_json::to_value(newest).expect("a paper is plain data");
    context.answer(&value, &render::papers::noted(release, newest, &context.look));
    Ok(Exit::Done)
}

fn list(context: &Context, release: &ReleaseName) -> Ended {
    let papers = ask(context, async |client| client.papers(release).await)?;
    let value = serde_json::to_value(&papers).expect("papers are plain data");
    context.answer(&value, &render::papers::list(release, &papers, &context.look));
    Ok(Exit::Done)
}

/// Asks the running server, or one of our own.
fn ask(
    context: &Context,
    question: impl AsyncFnOnce(&Client) -> Result<Vec<Noted>, ripcord_server::client::ClientError>,
) -> Result<Vec<Noted>, CommandError> {
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let answered = question(&desk.client).await;
        desk.close().await;
        answered.map_err(|error| desk::failure(context, error))
    })
}

/// Shows the differences of the files as they are here; the server refuses the review when its own are others.
fn review_differences(context: &Context, review: &Review) -> Ended {
    let release = review.about.release(context)?;
    let blueprint = super::plan::compiled(context, &release)?;
    let found = differences(&blueprint);
    if blueprint.staging.is_none() {
        return Err(CommandError::refused("no-staging", "there is no staging to compare production with")
            .hinted("describe `staging:` below `environments:` in ripcord.yaml"));
    }
    if review.show {
        let value = serde_json::json!({ "differences": found, "sha256": differences_hash(&found) });
        context.answer(&value, &render::papers::differences(&found, &context.look));
        return Ok(Exit::Done);
    }
    if !context.json {
        output::raw(render::papers::differences(&found, &context.look) + "\n");
    }
    note(context, &release, NewPaper::ConfigDiff { differences: differences_hash(&found) })
}
