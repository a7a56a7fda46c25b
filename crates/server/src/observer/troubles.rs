//! What readings say beside their numbers, told once each.

use std::collections::BTreeSet;

use ripcord_model::ReleaseName;

/// What was said last, without its numbers, which differ every time.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    told: BTreeSet<String>,
}

impl Troubles {
    /// Logs what is new; what has ended may be new again later.
    pub(super) fn tell(&mut self, release: &ReleaseName, troubles: &[String]) {
        for trouble in self.new_ones(troubles) {
            tracing::warn!(%release, "{trouble}");
        }
    }

    fn new_ones<'a>(&mut self, troubles: &'a [String]) -> Vec<&'a str> {
        let without_numbers =
            |trouble: &String| -> String { trouble.chars().filter(|c| !c.is_ascii_digit()).collect() };
        let present: BTreeSet<String> = troubles.iter().map(without_numbers).collect();
        let before = std::mem::replace(&mut self.told, present);
        let mut new: Vec<_> =
            troubles.iter().filter(|text| !before.contains(&without_numbers(text))).collect();
        new.dedup();
        new.into_iter().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_told_once_and_what_comes_back_again() {
        let mut troubles = Troubles::default();
        let said = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(troubles.new_ones(&said(&["9 bad among 4", "silent"])), ["9 bad among 4", "silent"]);
        assert!(troubles.new_ones(&said(&["7 bad among 3", "silent"])).is_empty());
        assert!(troubles.new_ones(&said(&["silent"])).is_empty());
        assert_eq!(troubles.new_ones(&said(&["11 bad among 2"])), ["11 bad among 2"]);
    }
}
