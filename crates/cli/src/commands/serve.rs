//! `ripcord serve`: the control plane, until it is told to stop.

use std::net::SocketAddr;

use ripcord_server::lifecycle::{Options, Running, start};

use super::Ended;
use crate::{
    context::Context,
    desk,
    failure::{CommandError, Exit},
    host, logging, surroundings,
};

/// Arguments of `ripcord serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Answer on this TCP address, too; needs the token printed at the first start
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Serve flags to OpenFeature clients (OFREP) on this address
    #[arg(long, value_name = "ADDRESS:PORT")]
    flags: Option<SocketAddr>,
    /// Allow addresses that other machines reach
    #[arg(long)]
    beyond_loopback: bool,
}

const AFTER_HELP: &str = "\
Listens on ripcord.sock in the state directory, readable for its owner only. When it
stops or dies, traffic stays where it is; the next start takes up what was under way.

Examples:
  ripcord serve
  ripcord serve --listen 127.0.0.1:7717
  ripcord serve --flags 127.0.0.1:8016";

/// Serves until SIGTERM or Ctrl-C.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { listen, flags, beyond_loopback } = arguments;
    let (root, state) = (context.root()?, context.state()?);
    logging::start();
    desk::runtime()?.block_on(async {
        let mut options = Options::new(root, state.clone());
        options.listen = listen;
        options.flags = flags;
        options.beyond_loopback = beyond_loopback;
        options.demo = surroundings::is_demo();
        let mut signals = Signals::new()?;
        let running = start(options).await.map_err(desk::refused)?;
        announce(context, &running, &host::socket(&state));
        tokio::select! {
            () = signals.ended() => {}
            () = running.died() => return Err(died()),
        }
        running.shutdown().await;
        Ok(Exit::Done)
    })
}

/// What remains of a control plane without its loop only refuses; whoever supervises it shall start it again.
fn died() -> CommandError {
    CommandError::refused("loop-died", "the control plane has died; traffic stays where it is")
        .hinted("ripcord serve   takes up what was under way")
        .hinted("this is a fault of Ripcord; please report it with the last log lines")
}

fn announce(context: &Context, running: &Running, socket: &std::path::Path) {
    let address = running.address();
    let token = running.token().map(|token| token.reveal().to_owned());
    let mut text = format!("Listening on {}\n", socket.display());
    if let Some(address) = address {
        text.push_str(&format!("Listening on http://{address}\n"));
    }
    let flags = running.flags_address();
    if let Some(flags) = flags {
        text.push_str(&format!("Serving flags on http://{flags}\n"));
    }
    if let Some(token) = &token {
        text.push_str(&format!("\nThe token for --server, shown this once:\n\n  RIPCORD_TOKEN={token}\n\n"));
    }
    let value = serde_json::json!({ "socket": socket, "address": address, "flags": flags, "token": token, "pid": std::process::id() });
    context.answer(&value, &text);
}

/// SIGTERM and SIGINT, listened to before anything starts.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        let failed =
            |error| CommandError::refused("no-signals", "signals cannot be listened to").because(error);
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(Self { terminate, interrupt })
    }

    async fn ended(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
