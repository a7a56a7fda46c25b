//! A bounded HTTP GET, with every way it can fail named.

/// Bytes an answer may have.
const BODY_MAX: usize = 16 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FetchError {
    #[error("connection refused or unreachable")]
    Connect,
    #[error("no answer in time")]
    TimedOut,
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("HTTP status {status}{excerpt}")]
    Status { status: u16, excerpt: String, body: String },
    #[error("the answer is larger than {} MiB", BODY_MAX / 1024 / 1024)]
    TooLarge,
    #[error("the answer is not text")]
    NotText,
    #[error(
        "the answer is protobuf though text was asked for: expose the Prometheus text format, with classic buckets (`le`) \
         for histograms; native histograms cannot be read"
    )]
    Protobuf,
}

/// The body of a 200 answer.
pub(super) async fn fetch(request: reqwest::RequestBuilder) -> Result<String, FetchError> {
    let mut response = request.send().await.map_err(name)?;
    let status = response.status().as_u16();
    let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if status == 200 && kind.contains("protobuf") {
        return Err(FetchError::Protobuf);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(name)? {
        if body.len() + chunk.len() > BODY_MAX {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let body = String::from_utf8(body).map_err(|_| FetchError::NotText)?;
    if status == 200 {
        return Ok(body);
    }
    let first_line: String = body.lines().next().unwrap_or("").chars().take(120).collect();
    let excerpt = if first_line.is_empty() { String::new() } else { format!(": {first_line}") };
    Err(FetchError::Status { status, excerpt, body })
}

fn name(error: reqwest::Error) -> FetchError {
    if error.is_timeout() {
        FetchError::TimedOut
    } else if error.is_connect() {
        FetchError::Connect
    } else {
        // URLs may carry credentials; what broke is enough.
        FetchError::Broken(crate::http::chain(&error.without_url()))
    }
}
