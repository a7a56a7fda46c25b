//! A window that never opens lets no release begin.

use super::freeze_never_opens::broken;
use crate::{ServiceFile, diagnostic::Code, lint::Report, nouns::freeze::FreezeWindow, source::Place};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    let mut look = |window: &FreezeWindow, place: Place, of: &str| {
        if let Some(why) = broken(window) {
            let message = format!("the window `{}` of {of} {why}", window.reason);
            let expected = "`from` and `until` that both come round, one after the other";
            report.error(Code::WINDOW_NEVER_OPENS, place, message, expected);
        }
    };
    for window in &service.calendar.window {
        look(window, window.place, "the service");
    }
    for environment in service.environments.values() {
        let places = service.places.get(&environment.name).map_or(&[][..], |places| &places.window);
        for (window, place) in environment.window.iter().zip(places) {
            look(window, *place, environment.name.as_str());
        }
    }
}
