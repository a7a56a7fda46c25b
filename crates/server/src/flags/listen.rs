//! The listener of the flags: plain HTTP, apart from the API, so that what serves users never waits for what serves people.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::{FlagService, keys::KeyRing, ofrep};
use crate::api::{Accept, Limits, ListenError, Listening, Peer, serve};
use crate::clock::Clock;

/// How many connections may be open, streams included.
const CONNECTIONS_MAX: usize = 16_384;

/// How flags are served.
pub(crate) struct FlagsListen {
    pub(crate) address: SocketAddr,
    pub(crate) beyond_loopback: bool,
    pub(crate) state: PathBuf,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Listens and answers until `shutdown`.
pub(crate) async fn serve_flags(
    service: FlagService,
    options: FlagsListen,
    limits: Limits,
    shutdown: CancellationToken,
) -> Result<Listening, ListenError> {
    let wanted = options.address;
    let refused = |source: std::io::Error| ListenError::Tcp { address: wanted, source };
    let keys =
        KeyRing::open(&options.state).map_err(|error| refused(std::io::Error::other(error.to_string())))?;
    if !wanted.ip().is_loopback() && (!options.beyond_loopback || keys.is_empty()) {
        return Err(ListenError::FlagsBeyondLoopback(wanted));
    }
    let listener = TcpListener::bind(wanted).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let router = ofrep::router(ofrep::Shared {
        service,
        keys: Arc::new(keys),
        clock: options.clock,
        shutdown: shutdown.clone(),
    });
    let limits = Limits { connections: CONNECTIONS_MAX, drain: Duration::from_secs(1), ..limits };
    let task = tokio::spawn(serve(Tcp(listener), router, limits, shutdown));
    Ok(Listening { address: Some(address), task })
}

struct Tcp(TcpListener);

impl Accept for Tcp {
    type Stream = TcpStream;

    async fn accept(&self) -> std::io::Result<Option<(TcpStream, Peer)>> {
        let (stream, _) = self.0.accept().await?;
        stream.set_nodelay(true)?;
        Ok(Some((stream, Peer::Tcp)))
    }
}
