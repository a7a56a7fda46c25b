//! The API by TCP: for those who hold the token, on this machine unless said otherwise.

use std::{io, net::SocketAddr};

use ripcord_people::TokenHash;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::{
    caller::Peer,
    connections::{Accept, Listening, serve},
    failure::ListenError,
    limits::Limits,
    router::router,
};
use crate::Handle;

/// How the API listens by TCP.
#[derive(Debug, Clone, Copy)]
pub struct TcpOptions {
    /// Where; port 0 takes a free one.
    pub address: SocketAddr,
    /// Whom it lets in.
    pub token: TokenHash,
    /// Whether it may listen where other machines can reach it. The token then travels in the clear unless something
    /// in front of it speaks TLS.
    pub beyond_loopback: bool,
    /// Its limits.
    pub limits: Limits,
}

impl TcpOptions {
    /// On this machine only, with the usual limits.
    pub fn new(address: SocketAddr, token: TokenHash) -> Self {
        Self { address, token, beyond_loopback: false, limits: Limits::default() }
    }
}

/// Listens and answers until `shutdown`.
pub async fn serve_tcp(
    handle: Handle,
    options: TcpOptions,
    shutdown: CancellationToken,
) -> Result<Listening, ListenError> {
    let wanted = options.address;
    if !wanted.ip().is_loopback() && !options.beyond_loopback {
        return Err(ListenError::BeyondLoopback(wanted));
    }
    let refused = |source| ListenError::Tcp { address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let router = router(handle, options.limits, shutdown.clone(), Some(options.token));
    let task = tokio::spawn(serve(Tcp(listener), router, options.limits, shutdown));
    Ok(Listening { address: Some(address), task })
}

struct Tcp(TcpListener);

impl Accept for Tcp {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<Option<(TcpStream, Peer)>> {
        let (stream, _) = self.0.accept().await?;
        // Events of a watch are small and must not wait for each other.
        stream.set_nodelay(true)?;
        Ok(Some((stream, Peer::Tcp)))
    }
}
