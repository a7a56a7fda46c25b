//! `router:` of an environment.

use super::environment::url;
use crate::{
    Duration,
    blueprint::{EdgeRouter, NginxRouter, RouterBinding, Sticky},
    diagnostic::Code,
    yaml::{Fields, Found, Kind, Node, Reading, choose_one},
};

const DEFAULT_DRAIN: Duration = Duration::from_secs(30);
const DEFAULT_COOKIE: &str = "ripcord-version";

/// A router from its node.
pub(super) fn read(node: &Node, found: &mut Found<'_>) -> Option<RouterBinding> {
    let mut fields = Fields::open(node, "the router", node.place, found)?;
    let chosen = choose_one(&mut fields, &["edge", "nginx"], "what splits the traffic", found);
    fields.finish(found);
    let (key, node) = chosen?;
    let inner = Fields::open(node, "this router", key.place, found)?;
    if key.text == "edge" {
        read_edge(inner, found).map(RouterBinding::Edge)
    } else {
        read_nginx(inner, found).map(RouterBinding::Nginx)
    }
}

fn read_edge(mut fields: Fields<'_>, found: &mut Found<'_>) -> Option<EdgeRouter> {
    let expected = "an address and a port: 127.0.0.1:8080";
    let listen = fields.required("listen", expected, found);
    let listen = listen.and_then(|node| node.parsed(Code::INVALID_ADDRESS, expected, found));
    let admin = fields.optional("admin").and_then(|node| node.parsed(Code::INVALID_ADDRESS, expected, found));
    if let Some(admin) = &admin
        && !std::net::SocketAddr::ip(&admin.value).is_loopback()
    {
        found
            .error(Code::INVALID_ADDRESS, admin.place, "the admin address can be reached from outside")
            .expected("a loopback address: 127.0.0.1:8081")
            .help("leave it out: the edge then chooses a free port");
    }
    let sticky = fields.optional("sticky").map(|node| read_sticky(node, found));
    let drain = fields.optional("drain").and_then(|node| node.duration(found));
    fields.finish(found);
    Some(EdgeRouter {
        listen: listen?.value,
        admin: admin.map(|admin| admin.value),
        sticky: sticky.unwrap_or_else(|| Some(Sticky::Cookie(DEFAULT_COOKIE.to_owned())))?,
        drain: drain.map_or(DEFAULT_DRAIN, |drain| drain.value),
    })
}

fn read_sticky(node: &Node, found: &mut Found<'_>) -> Option<Sticky> {
    if matches!(node.kind, Kind::Text(_)) {
        #[derive(Clone, Copy)]
        enum Word {
            None,
            Address,
            Cookie,
        }
        let words = [("none", Word::None), ("address", Word::Address), ("cookie", Word::Cookie)];
        return node.word(&words, found).map(|word| match word.value {
            Word::None => Sticky::None,
            Word::Address => Sticky::Address,
            Word::Cookie => Sticky::Cookie(DEFAULT_COOKIE.to_owned()),
        });
    }
    let mut fields = Fields::open(node, "sticky", node.place, found)?;
    let chosen = choose_one(&mut fields, &["cookie", "header"], "what keeps a user on a version", found);
    fields.finish(found);
    let (key, node) = chosen?;
    let name = node.text(found)?;
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        let message = "this cannot be the name of a cookie or header";
        found.error(Code::INVALID_NAME, node.place, message).expected("letters, digits, `-` and `_`");
        return None;
    }
    Some(if key.text == "cookie" { Sticky::Cookie(name.value) } else { Sticky::Header(name.value) })
}

fn read_nginx(mut fields: Fields<'_>, found: &mut Found<'_>) -> Option<NginxRouter> {
    let split =
        fields.required("split", "the include file that Ripcord owns: `split: conf/exams-split.conf`", found);
    let split = split.and_then(|node| node.text(found));
    let mut text = |key: &'static str, default: &str, found: &mut Found<'_>| match fields.optional(key) {
        Some(node) => node.text(found).map(|text| text.value),
        None => Some(default.to_owned()),
    };
    let test = text("test", "nginx -t", found);
    let reload = text("reload", "nginx -s reload", found);
    let key = text("key", "$remote_addr", found);
    let probe = match fields.optional("probe") {
        Some(node) => url(node, found).map(|url| url.value),
        None => Some("http://127.0.0.1/".to_owned()),
    };
    let drain = fields.optional("drain").and_then(|node| node.duration(found));
    fields.finish(found);
    let drain = drain.map_or(DEFAULT_DRAIN, |drain| drain.value);
    Some(NginxRouter { split: split?.value, test: test?, reload: reload?, probe: probe?, key: key?, drain })
}
