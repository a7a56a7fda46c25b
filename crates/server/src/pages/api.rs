//! The API, asked from within with somebody's credentials.

use axum::{Router, body::Body, response::Response};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde::{Serialize, de::DeserializeOwned};
use tower::ServiceExt as _;

use crate::{Failure, FailureKind, api::Peer};

/// The headers by which people come in and are named.
const CREDENTIALS: [&str; 4] =
    ["authorization", "x-ripcord-actor", "x-ripcord-actor-kind", "x-ripcord-roles"];

/// The API as one visitor sees it.
#[derive(Clone)]
pub(super) struct Api {
    router: Router,
    headers: HeaderMap,
    peer: Option<Peer>,
}

/// Why the API did not give what was asked.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) failure: Failure,
}

impl Api {
    /// With the credentials that stand in `headers`.
    pub(super) fn new(router: Router, headers: &HeaderMap, peer: Option<Peer>) -> Self {
        let mut kept = HeaderMap::new();
        for name in CREDENTIALS {
            for value in headers.get_all(name) {
                kept.append(name, value.clone());
            }
        }
        Self { router, headers: kept, peer }
    }

    /// What stands at `path`.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refused> {
        read(self.call(Method::GET, path, Body::empty()).await?).await
    }

    /// What comes of `body` at `path`.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Refused> {
        let body = serde_json::to_vec(body).map_err(|error| broken(error.to_string()))?;
        read(self.call(Method::POST, path, Body::from(body)).await?).await
    }

    /// The answer as it comes, for a stream.
    pub(super) async fn stream(&self, path: &str) -> Result<Response, Refused> {
        self.call(Method::GET, path, Body::empty()).await
    }

    async fn call(&self, method: Method, path: &str, body: Body) -> Result<Response, Refused> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(body)
            .map_err(|error| broken(error.to_string()))?;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(header::HOST, header::HeaderValue::from_static("localhost"));
        if let Some(peer) = &self.peer {
            request.extensions_mut().insert(peer.clone());
        }
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        if response.status().is_success() { Ok(response) } else { Err(refused(response).await) }
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Refused> {
    let body = response.into_body().collect().await.map_err(|error| broken(error.to_string()))?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| broken(error.to_string()))
}

async fn refused(response: Response) -> Refused {
    let status = response.status();
    let body =
        response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let failure = serde_json::from_slice(&body).unwrap_or_else(|_| {
        Failure::new(FailureKind::Internal, "unintelligible", format!("the API answered {status}"))
    });
    Refused { status, failure }
}

fn broken(why: String) -> Refused {
    let failure = Failure::new(
        FailureKind::Internal,
        "unintelligible",
        format!("the API's answer cannot be read: {why}"),
    );
    Refused { status: StatusCode::INTERNAL_SERVER_ERROR, failure }
}
