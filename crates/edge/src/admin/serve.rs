//! Serving the admin API.

use std::{convert::Infallible, sync::Arc, thread, time::Duration};

use hyper::{Request, body::Incoming, server::conn::http1::Builder, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{EdgeError, admin::routes, control::Control, proxy::Refusals, worker::Gauges};

/// How long a client may take to send a request, or stay between two.
const IDLE: Duration = Duration::from_secs(60);

/// What the admin API shows and changes.
#[derive(Debug)]
pub(crate) struct Admin {
    pub(crate) control: Arc<Control>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) gauges: Arc<Gauges>,
}

/// Starts the thread. It ends when `stopping` is cancelled.
pub(crate) fn spawn(
    listener: std::net::TcpListener,
    admin: Arc<Admin>,
    stopping: CancellationToken,
) -> Result<thread::JoinHandle<()>, EdgeError> {
    let failed = |source| EdgeError::Thread { name: "admin".to_owned(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener).map_err(failed)?
    };
    let serve = move || runtime.block_on(accept(listener, admin, stopping));
    thread::Builder::new().name("edge-admin".to_owned()).spawn(serve).map_err(failed)
}

async fn accept(listener: TcpListener, admin: Arc<Admin>, stopping: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.cancelled() => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // An answer a few milliseconds late is still an answer.
        let _best_effort = stream.set_nodelay(true);
        let admin = Arc::clone(&admin);
        let service = service_fn(move |request: Request<Incoming>| {
            let admin = Arc::clone(&admin);
            async move { Ok::<_, Infallible>(routes::answer(admin, request).await) }
        });
        let connection = Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE)
            .serve_connection(TokioIo::new(stream), service);
        connections.spawn(connection);
    }
}
