//! `ripcord edge`: the built-in traffic splitter, a process of its own.

use std::{net::SocketAddr, path::PathBuf};

use ripcord_edge::{Options, terminated};
use ripcord_model::blueprint::{EdgeRouter, RouterBinding};

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
    /// Where users connect, without looking into ripcord.yaml
    #[arg(long, value_name = "ADDRESS:PORT", requires = "edge_state")]
    listen: Option<SocketAddr>,
    /// The loopback admin address [default: the plan's, or a free port]
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<SocketAddr>,
    /// Where the split in force is kept [default: edge-ENVIRONMENT in the state directory]
    #[arg(long, value_name = "DIR")]
    edge_state: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Keeps the split it was told last, also across its own restart and without a control
plane. SIGTERM finishes open requests first.

Examples:
  ripcord edge production
  ripcord edge --listen 127.0.0.1:8080 --edge-state /var/lib/exams/edge";

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
    let Arguments { environment, listen, admin, edge_state } = arguments;
    if let (Some(listen), Some(state)) = (listen, edge_state.clone()) {
        let mut options = Options::new(listen, state);
        options.admin = admin;
        return Ok(options);
    }
    let router = router(context, &environment)?;
    let state = match edge_state {
        Some(state) => state,
        None => context.state()?.join(format!("edge-{environment}")),
    };
    let mut options = Options::new(router.listen, state);
    options.admin = admin.or(router.admin);
    options.sticky = router.sticky;
    options.drain = router.drain.to_std();
    Ok(options)
}

fn router(context: &Context, environment: &str) -> Result<EdgeRouter, CommandError> {
    let service = files::service(&context.root()?)?;
    let Some(found) = service.environment(environment) else {
        let known: Vec<&str> = service.environments.keys().map(|name| name.as_str()).collect();
        return Err(CommandError::refused("no-such-environment", format!("no environment is called `{environment}`"))
            .hinted(format!("ripcord.yaml has {}", known.join(", "))));
    };
    match &found.router {
        RouterBinding::Edge(edge) => Ok(edge.clone()),
        RouterBinding::Nginx(_) => {
            Err(CommandError::refused("not-an-edge", format!("the router of {environment} is nginx, not the edge"))
                .hinted("in ripcord.yaml: router: { edge: { listen: 127.0.0.1:8080 } }"))
        }
    }
}
