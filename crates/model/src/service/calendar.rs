//! `freeze:` and `window:` of the service itself: they hold in every environment.

use super::freeze;
use crate::{
    blueprint::Environment,
    nouns::freeze::FreezeWindow,
    source::Spanned,
    yaml::{Fields, Found},
};

/// Freezes and windows of every environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calendar {
    /// They come on top of those of an environment.
    pub freeze: Vec<Spanned<FreezeWindow>>,
    /// They hold where an environment has none of its own.
    pub window: Vec<Spanned<FreezeWindow>>,
}

impl Calendar {
    pub(super) fn read(fields: &mut Fields<'_>, found: &mut Found<'_>) -> Self {
        let freeze = fields.optional("freeze").map(|node| freeze::read(node, found)).unwrap_or_default();
        let window = fields.optional("window").map(|node| freeze::read_open(node, found)).unwrap_or_default();
        Self { freeze, window }
    }

    /// An environment with what holds in it: its own freezes and the service's, and its own windows or else the service's.
    pub fn onto(&self, environment: &Environment) -> Environment {
        let mut environment = environment.clone();
        environment.freeze.extend(self.freeze.iter().map(|freeze| freeze.value.clone()));
        if environment.window.is_empty() {
            environment.window = self.window.iter().map(|window| window.value.clone()).collect();
        }
        environment
    }
}

#[cfg(test)]
mod tests {
    use crate::{ServiceFile, Timestamp, nouns::freeze::FreezeSpan, read_service, source::SourceFile};

    const SERVICE: &str = include_str!("../../tests/files/clean/ripcord.yaml");

    fn read(more: &str) -> ServiceFile {
        let source = SourceFile::new("ripcord.yaml", format!("{SERVICE}{more}"));
        read_service(&source).unwrap_or_else(|errors| panic!("{errors}"))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn freezes_of_the_service_add_up_and_its_windows_hold_where_there_are_none() {
        let file = read(
            "freeze: [ { from: \"2026-12-20\", until: \"2027-01-04\", zone: UTC, reason: holidays } ]\n\
             window: [ { from: \"0 9 * * MON\", until: \"0 16 * * MON\", zone: UTC } ]\n",
        );
        let mut production = file.production().unwrap().clone();
        let own = production.freeze.len();
        let held = file.calendar.onto(&production);
        assert_eq!((held.freeze.len(), held.freeze[own].reason.as_str()), (own + 1, "holidays"));
        assert_eq!(held.window.len(), 1);
        let mine = crate::nouns::freeze::FreezeWindow { reason: "mine".to_owned(), ..held.window[0].clone() };
        production.window = vec![mine.clone()];
        assert_eq!(file.calendar.onto(&production).window, [mine], "its own windows hold instead");
    }

    #[test]
    fn where_the_clocks_change_a_freeze_is_longer_and_a_window_shorter() {
        // Berlin: 02:30 does not exist on 2027-03-28, and exists twice on 2027-10-31, at 00:30Z and at 01:30Z.
        let span = |from: &str, until: &str| {
            let span =
                format!("[ {{ from: \"{from}\", until: \"{until}\", zone: Europe/Berlin, reason: x }} ]");
            let file = read(&format!("freeze: {span}\nwindow: {span}\n"));
            let edges = |span: &FreezeSpan| match span {
                FreezeSpan::Absolute { from, until } => (*from, *until),
                FreezeSpan::Recurring { .. } => panic!("two instants were written"),
            };
            (edges(&file.calendar.freeze[0].span), edges(&file.calendar.window[0].span))
        };
        let ((begins, _), (opens, _)) = span("2027-03-28 02:30", "2027-03-29 08:00");
        assert_eq!((begins, opens), (at("2027-03-28T00:30:00Z"), at("2027-03-28T01:30:00Z")));
        let ((_, ends), (_, closes)) = span("2027-03-27 08:00", "2027-03-28 02:30");
        assert_eq!((ends, closes), (at("2027-03-28T01:30:00Z"), at("2027-03-28T00:30:00Z")));
        let ((begins, _), (opens, _)) = span("2027-10-31 02:30", "2027-11-01 08:00");
        assert_eq!((begins, opens), (at("2027-10-31T00:30:00Z"), at("2027-10-31T01:30:00Z")));
        let ((_, ends), (_, closes)) = span("2027-10-30 08:00", "2027-10-31 02:30");
        assert_eq!((ends, closes), (at("2027-10-31T01:30:00Z"), at("2027-10-31T00:30:00Z")));
    }
}
