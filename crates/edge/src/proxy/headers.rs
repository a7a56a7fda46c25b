//! What a proxy adds to, and takes from, the head of a message.

use std::net::IpAddr;

use hyper::{
    HeaderMap, Method, Request, Response, Uri, Version,
    header::{
        CONNECTION, CONTENT_LENGTH, EXPECT, Entry, HOST, HeaderName, HeaderValue, PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
    },
};

use crate::proxy::Refused;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// The version that answered; in a request, the version a tester asks for.
pub(crate) const VERSION: HeaderName = HeaderName::from_static("x-ripcord-version");

/// Refuses what cannot be forwarded without guessing, and turns the absolute form of a target into the origin form
/// (RFC 9112 §3.2.2).
pub(crate) fn normalise<B>(request: &mut Request<B>) -> Result<(), Refused> {
    if request.method() == Method::CONNECT {
        return Err(Refused::Connect);
    }
    if let Some(authority) = request.uri().authority() {
        let host = HeaderValue::try_from(authority.as_str())
            .map_err(|_| Refused::Malformed("the target has no host"))?;
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        *request.uri_mut() =
            Uri::try_from(target).map_err(|_| Refused::Malformed("the target has no path"))?;
        request.headers_mut().insert(HOST, host);
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => {}
        // HTTP/1.0 does not ask for one, and HTTP/1.1 towards the instance needs one (RFC 9112 §3.2).
        (None, _) if request.version() == Version::HTTP_10 => {
            request.headers_mut().insert(HOST, HeaderValue::from_static(""));
        }
        (None, _) => return Err(Refused::Malformed("the request has no Host header")),
        (Some(_), Some(_)) => return Err(Refused::Malformed("the request has more than one Host header")),
    }
    *request.version_mut() = Version::HTTP_11;
    Ok(())
}

/// The protocol a message switches to, when it does.
pub(crate) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let protocol = headers.get(UPGRADE)?;
    let lines = headers.get_all(CONNECTION).iter();
    let mut options = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"upgrade")).then(|| protocol.clone())
}

/// Takes away what concerns one connection only (RFC 9110 §7.6.1).
fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if let Entry::Occupied(connection) = headers.entry(CONNECTION) {
        let (_, lines) = connection.remove_entry_mult();
        let named: Vec<HeaderName> = lines
            .flat_map(|line| {
                let options = line.as_bytes().split(|byte| *byte == b',');
                options
                    .filter_map(|option| HeaderName::from_bytes(option.trim_ascii()).ok())
                    .collect::<Vec<_>>()
            })
            .collect();
        for name in named {
            // Framing is ours to decide, whatever a client writes there.
            if name != CONTENT_LENGTH && name != HOST {
                headers.remove(name);
            }
        }
    }
    if headers.remove(TRANSFER_ENCODING).is_some() {
        headers.remove(CONTENT_LENGTH);
    }
    for name in [KEEP_ALIVE, PROXY_CONNECTION, UPGRADE, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION] {
        headers.remove(name);
    }
}

/// Makes a user's request one for an instance.
pub(crate) fn prepare_request(headers: &mut HeaderMap, client: IpAddr, upgrade: Option<&HeaderValue>) {
    let wants_trailers =
        headers.get(TE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    strip_hop_by_hop(headers);
    headers.remove(TE);
    // The edge itself tells the client to continue, when the instance's connection asks for the body.
    headers.remove(EXPECT);
    if wants_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    if let Some(protocol) = upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, protocol.clone());
    }
    add_forwarded(headers, client);
}

/// A host or protocol told by a proxy in front of us is kept; the chain of addresses grows by one.
fn add_forwarded(headers: &mut HeaderMap, client: IpAddr) {
    let client = client.to_canonical();
    let chain = match headers.get(FORWARDED_FOR).and_then(|value| value.to_str().ok()) {
        Some(earlier) => format!("{earlier}, {client}"),
        None => client.to_string(),
    };
    if let Ok(chain) = HeaderValue::try_from(chain) {
        headers.insert(FORWARDED_FOR, chain);
    }
    if !headers.contains_key(FORWARDED_PROTO) {
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    }
    if !headers.contains_key(FORWARDED_HOST)
        && let Some(host) = headers.get(HOST).cloned()
    {
        headers.insert(FORWARDED_HOST, host);
    }
}

/// Makes an instance's answer one for a user.
pub(crate) fn prepare_answer<B>(
    response: &mut Response<B>,
    version: &HeaderValue,
    cookie: Option<HeaderValue>,
) {
    *response.version_mut() = Version::HTTP_11;
    strip_hop_by_hop(response.headers_mut());
    mark(response.headers_mut(), version, cookie);
}

/// Says which version answered, and sets the cookie of a new user.
pub(crate) fn mark(headers: &mut HeaderMap, version: &HeaderValue, cookie: Option<HeaderValue>) {
    headers.insert(VERSION, version.clone());
    if let Some(cookie) = cookie {
        headers.append(hyper::header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn what_concerns_one_connection_stays_on_it() {
        let mut got = headers(&[
            ("host", "a"),
            ("connection", "close, X-Private , content-length"),
            ("connection", "x-other"),
            ("keep-alive", "timeout=5"),
            ("x-private", "1"),
            ("x-other", "1"),
            ("te", "trailers"),
            ("proxy-authorization", "Basic x"),
            ("upgrade", "h2c"),
            ("content-length", "3"),
            ("x-kept", "1"),
        ]);
        prepare_request(&mut got, "192.0.2.7".parse().unwrap(), None);
        let expected = headers(&[
            ("host", "a"),
            ("content-length", "3"),
            ("x-kept", "1"),
            ("te", "trailers"),
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", "a"),
        ]);
        assert_eq!(got, expected);
    }

    #[test]
    fn an_upgrade_needs_both_headers() {
        assert!(
            upgrade(&headers(&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")])).is_some()
        );
        assert!(upgrade(&headers(&[("upgrade", "websocket")])).is_none());
        assert!(upgrade(&headers(&[("connection", "upgrade")])).is_none());
    }

    #[test]
    fn a_proxy_in_front_is_kept_in_the_chain() {
        let mut got =
            headers(&[("host", "a"), ("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")]);
        prepare_request(&mut got, "192.0.2.7".parse().unwrap(), None);
        assert_eq!(got["x-forwarded-for"], "203.0.113.9, 192.0.2.7");
        assert_eq!(got["x-forwarded-proto"], "https");
    }

    #[test]
    fn requests_that_need_guessing_are_refused() {
        let build = |uri: &str, hosts: &[&'static str]| {
            let mut request = Request::builder().uri(uri).body(()).unwrap();
            for host in hosts {
                request.headers_mut().append(HOST, HeaderValue::from_static(host));
            }
            normalise(&mut request).map(|()| (request.uri().to_string(), request.headers()[HOST].clone()))
        };
        assert!(build("/", &[]).is_err());
        assert!(build("/", &["a", "b"]).is_err());
        let (uri, host) = build("http://real:81/p?q=1", &["liar"]).unwrap();
        assert_eq!((uri.as_str(), host.as_bytes()), ("/p?q=1", &b"real:81"[..]));
    }
}
