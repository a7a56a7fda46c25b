//! Whether a service that the release relies on answers: by HTTP, or by accepting a connection.

use std::{io, time::Duration};

use ripcord_model::blueprint::{Downstream, DownstreamAsk};
use tokio::{net::TcpStream, time::Instant};

use crate::{http, port::AdapterError};

/// Why a service does not count as answering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DownstreamTrouble {
    /// It answered, and with another status.
    #[error("answered {answered} after {}, expected {expected}", human(*.after))]
    Status {
        /// What it answered.
        answered: u16,
        /// What is a good answer.
        expected: u16,
        /// How long that took.
        after: Duration,
    },
    /// Nothing listens there.
    #[error("refused the connection after {}", human(*.after))]
    Refused {
        /// How long that took.
        after: Duration,
    },
    /// It said nothing in time.
    #[error("did not answer in {}", human(*.within))]
    Silent {
        /// How long it was waited for.
        within: Duration,
    },
    /// It could not be asked: no such host, a broken answer, no route.
    #[error("could not be asked: {why} (after {})", human(*.after))]
    Unasked {
        /// What went wrong.
        why: String,
        /// How long that took.
        after: Duration,
    },
}

impl DownstreamTrouble {
    /// Whether the service itself has been heard saying no; otherwise nothing is known about it.
    pub const fn is_an_answer(&self) -> bool {
        match self {
            Self::Status { .. } | Self::Refused { .. } => true,
            Self::Silent { .. } | Self::Unasked { .. } => false,
        }
    }
}

fn human(time: Duration) -> String {
    crate::shell::human(time)
}

/// Asks once; how long the good answer took.
pub async fn ask(service: &Downstream) -> Result<Duration, DownstreamTrouble> {
    let (begun, within) = (Instant::now(), service.timeout.to_std());
    let asked = async {
        match &service.ask {
            DownstreamAsk::Http { url, expect } => get(url, *expect, within, begun).await,
            DownstreamAsk::Tcp(address) => connect(address, begun).await,
        }
    };
    // The name may take long to resolve, which no other limit covers.
    tokio::time::timeout(within, asked).await.unwrap_or(Err(DownstreamTrouble::Silent { within }))?;
    Ok(begun.elapsed())
}

async fn get(url: &str, expected: u16, within: Duration, begun: Instant) -> Result<(), DownstreamTrouble> {
    let client = http::client(url, within, false).map_err(|error: AdapterError| {
        DownstreamTrouble::Unasked { why: error.to_string(), after: begun.elapsed() }
    })?;
    match client.get(url).send().await {
        Ok(answer) if answer.status().as_u16() == expected => Ok(()),
        Ok(answer) => Err(DownstreamTrouble::Status {
            answered: answer.status().as_u16(),
            expected,
            after: begun.elapsed(),
        }),
        Err(error) if error.is_timeout() => Err(DownstreamTrouble::Silent { within }),
        Err(error) if is_refused(&error) => Err(DownstreamTrouble::Refused { after: begun.elapsed() }),
        Err(error) => {
            Err(DownstreamTrouble::Unasked { why: http::chain(&error.without_url()), after: begun.elapsed() })
        }
    }
}

async fn connect(address: &str, begun: Instant) -> Result<(), DownstreamTrouble> {
    match TcpStream::connect(address).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Err(DownstreamTrouble::Refused { after: begun.elapsed() })
        }
        Err(error) => Err(DownstreamTrouble::Unasked { why: error.to_string(), after: begun.elapsed() }),
    }
}

/// The reason lies several sources deep in an error of an HTTP client.
fn is_refused(error: &dyn std::error::Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        let io = inner.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
            return true;
        }
        source = inner.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    fn service(ask: DownstreamAsk, timeout_ms: u64) -> Downstream {
        let timeout = ripcord_model::Duration::from_ms(timeout_ms);
        Downstream { name: "payment-svc".to_owned(), ask, timeout }
    }

    fn http(address: std::net::SocketAddr, expect: u16) -> DownstreamAsk {
        DownstreamAsk::Http { url: format!("http://{address}/healthz"), expect }
    }

    async fn answering(with: &'static str) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(with.as_bytes()).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn the_expected_status_is_an_answer_and_another_one_is_named() {
        let ready = answering("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
        assert!(ask(&service(http(ready, 204), 5_000)).await.is_ok());
        let trouble = ask(&service(http(ready, 200), 5_000)).await.unwrap_err();
        assert!(
            matches!(trouble, DownstreamTrouble::Status { answered: 204, expected: 200, .. }),
            "{trouble}"
        );
        assert!(trouble.is_an_answer());
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let elsewhere =
            answering("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
                .await;
        let trouble = ask(&service(http(elsewhere, 200), 5_000)).await.unwrap_err();
        assert!(matches!(trouble, DownstreamTrouble::Status { answered: 302, .. }), "{trouble}");
    }

    #[tokio::test]
    async fn one_that_listens_and_says_nothing_is_given_up_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let trouble = ask(&service(http(address, 200), 200)).await.unwrap_err();
        assert_eq!(trouble.to_string(), "did not answer in 200 ms");
        assert!(!trouble.is_an_answer());
        assert!(ask(&service(DownstreamAsk::Tcp(address.to_string()), 5_000)).await.is_ok());
    }

    #[tokio::test]
    async fn nothing_listening_and_no_such_host_are_told_apart() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        for ask_it in [http(address, 200), DownstreamAsk::Tcp(address.to_string())] {
            let trouble = ask(&service(ask_it, 5_000)).await.unwrap_err();
            assert!(matches!(trouble, DownstreamTrouble::Refused { .. }), "{trouble}");
        }
        let nowhere = DownstreamAsk::Tcp("no-such-host.invalid:80".to_owned());
        let trouble = ask(&service(nowhere, 10_000)).await.unwrap_err();
        assert!(!trouble.is_an_answer(), "{trouble}");
    }

    #[tokio::test]
    async fn garbage_is_no_answer() {
        let garbage = answering("SSH-2.0-OpenSSH_9.2\r\n").await;
        let trouble = ask(&service(http(garbage, 200), 2_000)).await.unwrap_err();
        assert!(matches!(trouble, DownstreamTrouble::Unasked { .. }), "{trouble}");
    }
}
