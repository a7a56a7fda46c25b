//! Free ports on loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::port::AdapterError;

/// Somewhere free ports come from; tests hand out taken ones.
pub(super) type Ports = fn() -> Result<u16, AdapterError>;

/// A port nobody listens on. Somebody may take it before its user does, so whoever uses it must be ready for that.
pub(super) fn free() -> Result<u16, AdapterError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|error| AdapterError::Transient(format!("no free port on 127.0.0.1: {error}")))
}

/// Whether somebody listens on the port.
pub(super) fn taken(port: u16) -> bool {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_err()
}
