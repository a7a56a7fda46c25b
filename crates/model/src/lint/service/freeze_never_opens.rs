//! A freeze that never begins protects nothing; one that never ends stops every release.

use crate::{
    ServiceFile, Timestamp, calendar,
    diagnostic::Code,
    lint::Report,
    nouns::freeze::{FreezeSpan, FreezeWindow},
    source::Place,
};

/// 2024-01-01, a Monday before a leap day: the check does not depend on when it runs.
const REFERENCE: Timestamp = Timestamp::from_ms(1_704_067_200_000);

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    let mut look = |window: &FreezeWindow, place: Place, of: &str| {
        if let Some(why) = broken(window) {
            let message = format!("the freeze `{}` of {of} {why}", window.reason);
            let expected = "`from` and `until` that both come round, one after the other";
            report.error(Code::FREEZE_NEVER_OPENS, place, message, expected);
        }
    };
    for window in &service.calendar.freeze {
        look(window, window.place, "the service");
    }
    for environment in service.environments.values() {
        let places = service.places.get(&environment.name).map_or(&[][..], |places| &places.freeze);
        for (window, place) in environment.freeze.iter().zip(places) {
            look(window, *place, environment.name.as_str());
        }
    }
}

pub(super) fn broken(window: &FreezeWindow) -> Option<&'static str> {
    let FreezeSpan::Recurring { from, until } = &window.span else { return None };
    if from == until {
        return Some("begins and ends at the same minute");
    }
    if !calendar::comes_round(from, &window.zone, REFERENCE) {
        return Some("never begins");
    }
    if !calendar::comes_round(until, &window.zone, REFERENCE) {
        return Some("never ends");
    }
    let begins = window.next_start(REFERENCE)?;
    window.in_force(begins).is_none().then_some("ends at the minute it begins")
}
