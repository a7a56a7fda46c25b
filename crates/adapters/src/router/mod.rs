//! What splits traffic. A new router is a folder here and a line in [`connect`].

mod edge;
mod nginx;
mod split;

use ripcord_model::blueprint::RouterBinding;

use crate::{Context, port::Router};

/// The adapter for a binding. Nothing is touched before the first question or effect.
pub fn connect(binding: &RouterBinding, context: &Context) -> Box<dyn Router> {
    match binding {
        RouterBinding::Edge(edge) => Box::new(edge::Edge::new(edge, context)),
        RouterBinding::Nginx(nginx) => Box::new(nginx::Nginx::new(nginx, context)),
    }
}
