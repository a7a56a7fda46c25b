//! `ripcord edge`: the built-in traffic splitter, a process of its own.

use std::net::SocketAddr;

use ripcord_edge::{Options, terminated};
use ripcord_model::{
    Duration,
    blueprint::{EdgeRouter, RouterBinding, Sticky},
};

use super::Ended;
use crate::{
    context::Context,
    failure::{CommandError, Exit},
    files, logging,
};

/// Arguments of `ripcord edge`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The environment of ripcord.yaml whose edge this is
    #[arg(default_value = "production")]
    environment: String,
    /// Where users connect; then --state names the edge's own directory and ripcord.yaml is not read
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// The loopback admin address [default: a free port]
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<SocketAddr>,
    /// What keeps a user on one version: none, address, cookie:NAME or header:NAME
    #[arg(long, value_name = "WHAT", value_parser = sticky)]
    sticky: Option<Sticky>,
    /// How long a withdrawn version may finish its open requests
    #[arg(long, value_name = "DURATION")]
    drain: Option<Duration>,
}

const AFTER_HELP: &str = "\
Keeps the split it was told last, also across its own restart and without a control
plane. SIGTERM finishes open requests first.

Examples:
  ripcord edge production
  ripcord edge --listen 127.0.0.1:8080 --state /var/lib/exams/edge";

/// Serves until it is told to stop.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let options = options(context, arguments)?;
    logging::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        CommandError::refused("no-runtime", "the asynchronous runtime cannot be started").because(error)
    })?;
    let ended = runtime.block_on(async { ripcord_edge::run(options, terminated()).await });
    ended.map_err(|error| CommandError::refused("edge-failed", "the edge does not run").because(error))?;
    Ok(Exit::Done)
}

fn options(context: &Context, arguments: Arguments) -> Result<Options, CommandError> {
    let Arguments { environment, listen, admin, sticky, drain } = arguments;
    let mut options = match listen {
        Some(listen) => {
            let state = context.named_state().ok_or_else(|| {
                CommandError::usage("an edge with --listen needs a directory of its own")
                    .hinted("--state DIR   keeps the split across restarts")
            })?;
            Options::new(listen, state)
        }
        None => described(context, &environment)?,
    };
    options.admin = admin.or(options.admin);
    options.sticky = sticky.unwrap_or(options.sticky);
    options.drain = drain.map_or(options.drain, Duration::to_std);
    Ok(options)
}

/// The edge that ripcord.yaml describes, where a control plane of the same state directory finds it.
fn described(context: &Context, environment: &str) -> Result<Options, CommandError> {
    let router = router(context, environment)?;
    let state =
        std::path::absolute(context.state()?.join(format!("edge-{environment}"))).map_err(|error| {
            CommandError::refused("no-directory", "the state directory cannot be found").because(error)
        })?;
    let mut options = Options::new(router.listen, state);
    options.admin = router.admin;
    options.sticky = router.sticky;
    options.drain = router.drain.to_std();
    Ok(options)
}

fn sticky(text: &str) -> Result<Sticky, String> {
    match text.split_once(':') {
        None if text == "none" => Ok(Sticky::None),
        None if text == "address" => Ok(Sticky::Address),
        Some(("cookie", name)) if !name.is_empty() => Ok(Sticky::Cookie(name.to_owned())),
        Some(("header", name)) if !name.is_empty() => Ok(Sticky::Header(name.to_owned())),
        Some(_) | None => Err("expected none, address, cookie:NAME or header:NAME".to_owned()),
    }
}

fn router(context: &Context, environment: &str) -> Result<EdgeRouter, CommandError> {
    let service = files::service(&context.root()?)?;
    let Some(found) = service.environment(environment) else {
        let known: Vec<&str> = service.environments.keys().map(|name| name.as_str()).collect();
        return Err(CommandError::refused(
            "no-such-environment",
            format!("no environment is called `{environment}`"),
        )
        .hinted(format!("ripcord.yaml has {}", known.join(", "))));
    };
    match &found.router {
        RouterBinding::Edge(edge) => Ok(edge.clone()),
        RouterBinding::Nginx(_) => Err(CommandError::refused(
            "not-an-edge",
            format!("the router of {environment} is nginx, not the edge"),
        )
        .hinted("in ripcord.yaml: router: { edge: { listen: 127.0.0.1:8080 } }")),
    }
}
