//! Overrides, the post-mortems that are owed for them, and exceptions from freezes, one sentence each.

use ripcord_model::paper::{FreezeException, Override, PostMortemClosed, PostMortemOpened};

pub(super) fn overridden(overridden: &Override) -> String {
    let Override { check, expires, reason, blueprint, .. } = overridden;
    format!("overrode {check} until {expires}, blueprint {}: {reason}", blueprint.short())
}

pub(super) fn opened(opened: &PostMortemOpened) -> String {
    let PostMortemOpened { id, check, owner, due } = opened;
    format!("post-mortem {id} about {check} opened: {owner} writes it, due {due}")
}

pub(super) fn closed(closed: &PostMortemClosed) -> String {
    format!("post-mortem {} closed ({})", closed.id, super::short(&closed.file))
}

pub(super) fn excepted(exception: &FreezeException) -> String {
    let FreezeException { blueprint, reason, expires } = exception;
    format!("excepted from freezes until {expires}, blueprint {}: {reason}", blueprint.short())
}
