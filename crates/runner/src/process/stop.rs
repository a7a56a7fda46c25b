//! Somebody may give up what is under way.

use tokio::sync::watch;

/// Gives up what waits for its [`Stop`].
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Says whether somebody gave up.
#[derive(Debug, Clone)]
pub struct Stop(Option<watch::Receiver<bool>>);

impl Stopper {
    /// A way to give up, and what hears of it.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(Some(receiver)))
    }

    /// Gives up.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Nobody gives up.
    pub const fn never() -> Self {
        Self(None)
    }

    /// Whether somebody has.
    pub fn is_asked(&self) -> bool {
        self.0.as_ref().is_some_and(|stop| *stop.borrow())
    }

    /// Waits until somebody does.
    pub async fn asked(&self) {
        if let Some(stop) = &self.0
            && stop.clone().wait_for(|asked| *asked).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}
