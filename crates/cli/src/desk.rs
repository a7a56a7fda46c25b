//! Where commands are sent: a running server, or one that this process hosts for its own duration.
//!
//! Owns: finding the server, what to say when there is none, and what a release's state means for the exit status.

use ripcord_engine::{Command, PhaseName, Status};
use ripcord_model::{Actor, ReleaseName};
use ripcord_server::{
    Failure, FailureKind,
    client::{Client, ClientError},
};
use tokio::runtime::Runtime;

use crate::{
    commands::Ended,
    context::Context,
    failure::{CommandError, Exit},
    follow, host, render, surroundings,
};

/// A runtime for commands that talk to a server.
pub fn runtime() -> Result<Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| {
        CommandError::refused("no-runtime", "the asynchronous runtime cannot be started").because(error)
    })
}

/// A client for the server that was named, or for the one behind the state directory's socket.
pub fn client(context: &Context) -> Result<Client, CommandError> {
    let token = surroundings::token()?;
    let client = match (&context.server, token) {
        (Some(url), Some(token)) => Client::tcp(url, &token).map_err(|error| failure(context, error))?,
        (Some(_), None) => {
            return Err(CommandError::usage("a server that is named by its address needs a token")
                .hinted("RIPCORD_TOKEN=…   your token; an admin makes one: ripcord token create NAME")
                .hinted("the server's own was printed when it listened for the first time"));
        }
        (None, token) => {
            let client = Client::unix(host::socket(&context.state()?));
            match token {
                Some(token) => client.with_token(&token).map_err(|error| failure(context, error))?,
                None => client,
            }
        }
    };
    Ok(match (&context.tried, surroundings::agent()?) {
        (Some(tried), _) => {
            let client = client.acting_as(Actor::person(tried.name.clone()));
            tried.roles.iter().fold(client, |client, roles| client.trying(roles.as_str()))
        }
        (None, Some(agent)) => client.acting_as(agent),
        (None, None) => client,
    })
}

/// What a client's error means to the person who typed a command.
pub fn failure(context: &Context, error: ClientError) -> CommandError {
    match error {
        ClientError::Failed(failure) => refused(failure),
        ClientError::NoServer { .. } if context.server.is_none() => {
            CommandError::refused("no-server", "no server is running for this service")
                .because(error)
                .hinted("ripcord serve   starts one")
        }
        ClientError::NoServer { .. } | ClientError::Broken { .. } => {
            CommandError::refused("no-server", error.to_string())
                .hinted("ripcord rollback RELEASE --offline   goes back without a server")
        }
        ClientError::Unintelligible { .. } => CommandError::refused("unintelligible", error.to_string()),
        ClientError::BadToken | ClientError::BadUrl { .. } => CommandError::usage(error.to_string()),
    }
}

/// What a server's refusal means to the person who typed a command.
pub fn refused(failure: Failure) -> CommandError {
    let Failure { code, message, hints, kind } = failure;
    let mut error = CommandError::refused(code, message);
    error.hints = hints;
    if kind == FailureKind::Internal {
        error = error.hinted("this is a fault of Ripcord; please report it with the server's last log lines");
    }
    error
}

/// Sends a command to the running server and shows where the release is afterwards.
pub fn send(context: &Context, release: &ReleaseName, command: Command) -> Ended {
    let client = client(context)?;
    let status =
        runtime()?.block_on(client.command(release, command)).map_err(|error| failure(context, error))?;
    show(context, &status);
    Ok(Exit::Done)
}

/// Sends a command and follows the way back to its end.
pub fn send_and_follow(context: &Context, release: &ReleaseName, command: Command) -> Ended {
    let client = client(context)?;
    runtime()?.block_on(async {
        let failed = |error| no_server_is_no_reason(context, release, error);
        let from = follow::position(&client).await.map_err(failed)?;
        client.command(release, command).await.map_err(failed)?;
        let mut follower = follow::Follower::new(context, client.clone(), release.clone(), from);
        let status = follower.until(|status| is_settled(status.phase)).await?;
        show(context, &status);
        Ok(outcome(&status))
    })
}

/// The way back is there without a server, too.
fn no_server_is_no_reason(context: &Context, release: &ReleaseName, error: ClientError) -> CommandError {
    let is_gone = error.is_no_server();
    let failure = failure(context, error);
    if is_gone {
        return failure
            .hinted(format!("ripcord rollback {release} --why \"…\" --offline   goes back without one"));
    }
    failure
}

/// Prints the status of a release.
pub fn show(context: &Context, status: &Status) {
    let value = serde_json::to_value(status).expect("a status is plain data");
    context.answer(&value, &render::status::status(status, &context.look));
}

/// Whether nothing more happens by itself.
pub const fn is_settled(phase: PhaseName) -> bool {
    phase.is_final() || matches!(phase, PhaseName::Stuck)
}

/// The exit status that a release's state stands for.
pub const fn outcome(status: &Status) -> Exit {
    match status.phase {
        PhaseName::RolledBack | PhaseName::RollingBack => Exit::RolledBack,
        PhaseName::Stuck => Exit::Stuck,
        PhaseName::Cancelled | PhaseName::Contained => Exit::Refused,
        PhaseName::Planned
        | PhaseName::Staging
        | PhaseName::Gating
        | PhaseName::Releasing
        | PhaseName::Verifying
        | PhaseName::Complete => Exit::Done,
    }
}
