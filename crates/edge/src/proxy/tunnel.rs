//! What follows a 101: bytes in both directions until one side ends, or the instance is cut.

use std::sync::Arc;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio_util::task::TaskTracker;

use crate::{upstream::Upstream, version::Exchange};

/// Joins a user and an instance. The exchange stays open as long as the tunnel.
pub(crate) fn dig(
    tunnels: &TaskTracker,
    user: OnUpgrade,
    instance: OnUpgrade,
    upstream: Arc<Upstream>,
    exchange: Exchange,
) {
    tunnels.spawn(async move {
        let _open = exchange;
        let joined = async {
            let (user, instance) = tokio::try_join!(user, instance)?;
            let (mut user, mut instance) = (TokioIo::new(user), TokioIo::new(instance));
            // Either side breaking off is how most tunnels end.
            let _ended = copy_bidirectional(&mut user, &mut instance).await;
            Ok::<(), hyper::Error>(())
        };
        tokio::select! {
            joined = joined => if let Err(error) = joined {
                tracing::debug!(version = %upstream.version, %error, "a tunnel could not be opened");
            },
            () = upstream.was_cut() => {}
        }
    });
}
