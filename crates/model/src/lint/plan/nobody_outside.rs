//! A plan that says when people outside are told needs a channel that reaches them. Services without any channel tell by
//! hand, and say so by having none.

use crate::{PlanFile, ServiceFile, comms::Audience, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, plan: &PlanFile, report: &mut Report<'_>) {
    let Some(outside) = &plan.comms.outside else { return };
    if service.channels.iter().any(|channel| channel.audience == Some(Audience::Outside)) {
        return;
    }
    report.warning(
        Code::NOBODY_OUTSIDE,
        outside.place,
        "people outside are to be told, and no channel reaches them",
        format!("a channel in `audiences: {{ outside: […] }}` of {}", service.path),
    );
}
