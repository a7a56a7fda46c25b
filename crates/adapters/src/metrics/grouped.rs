//! The control's instances in up to four groups, for the question whether instances are alike where nothing was
//! changed.
//!
//! Instances are sorted by name and dealt out in turn, so that each stays where it is for as long as the set of them
//! is the same. When the set changes, what was gathered since the last answer is in no group.

use std::collections::BTreeSet;

use super::tally::Tally;

/// More groups than this are not compared.
const GROUPS_MAX: usize = 4;

/// Which instance is in which group.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Members {
    /// Sorted; an instance's place decides its group.
    sorted: Vec<String>,
}

/// What each group counted since it was last asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Grouped {
    members: Members,
    sums: Vec<Tally>,
    /// The set of instances changed in between.
    broken: bool,
}

impl Members {
    /// Those of `heard` when they are two at least. Who is in `missed` did not answer and is a member still.
    pub(super) fn after(&self, heard: BTreeSet<String>, missed: &BTreeSet<String>) -> Self {
        let mut sorted = heard;
        sorted.extend(self.sorted.iter().filter(|member| missed.contains(*member)).cloned());
        Self { sorted: sorted.into_iter().collect() }
    }

    /// How many groups there are; none of one instance.
    pub(super) fn groups(&self) -> usize {
        if self.sorted.len() < 2 { 0 } else { self.sorted.len().min(GROUPS_MAX) }
    }

    /// The group of an instance.
    pub(super) fn group_of(&self, instance: &str) -> Option<usize> {
        let place = self.sorted.binary_search_by(|member| member.as_str().cmp(instance)).ok()?;
        (self.groups() > 0).then(|| place % self.groups())
    }
}

impl Grouped {
    /// Adds what instances counted while the set of them was `members`.
    pub(super) fn add<'a>(
        &mut self,
        members: &Members,
        counted: impl Iterator<Item = (&'a String, &'a Tally)>,
    ) {
        if self.members != *members {
            self.broken |= !self.members.sorted.is_empty();
            self.members = members.clone();
            self.sums.clear();
        }
        self.sums.resize(members.groups(), Tally::default());
        for (instance, tally) in counted {
            if let Some(group) = members.group_of(instance) {
                self.sums[group].add(tally);
            }
        }
    }

    /// Gives out what was gathered and begins anew; `None` when there are no groups, or the set changed.
    pub(super) fn take(&mut self) -> Option<Vec<Tally>> {
        let sums = std::mem::take(&mut self.sums);
        let whole = !std::mem::take(&mut self.broken) && sums.len() > 1;
        whole.then_some(sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(names: &[&str]) -> Members {
        let heard = names.iter().map(|name| (*name).to_owned()).collect();
        Members::default().after(heard, &BTreeSet::new())
    }

    fn add(grouped: &mut Grouped, members: &Members, counted: &[(&str, f64)]) {
        let counted: Vec<_> = counted
            .iter()
            .map(|(name, all)| ((*name).to_owned(), Tally { all: *all, ..Tally::default() }))
            .collect();
        grouped.add(members, counted.iter().map(|(name, tally)| (name, tally)));
    }

    fn take(grouped: &mut Grouped) -> Option<Vec<f64>> {
        Some(grouped.take()?.into_iter().map(|tally| tally.all).collect())
    }

    #[test]
    fn instances_are_dealt_out_in_turn_whatever_order_they_answer_in() {
        let five = members(&["e", "b", "a", "d", "c"]);
        let of = |name: &str| five.group_of(name);
        assert_eq!(
            [of("a"), of("b"), of("c"), of("d"), of("e")],
            [Some(0), Some(1), Some(2), Some(3), Some(0)]
        );
        assert_eq!(members(&["a"]).group_of("a"), None, "one instance is no group");
        assert_eq!(members(&["a", "b"]).group_of("x"), None);
    }

    #[test]
    fn what_was_gathered_while_the_set_changed_is_in_no_group() {
        let mut grouped = Grouped::default();
        let (two, three) = (members(&["a", "b"]), members(&["a", "b", "c"]));
        add(&mut grouped, &two, &[("a", 1.0)]);
        add(&mut grouped, &two, &[("b", 2.0), ("a", 4.0)]);
        assert_eq!(take(&mut grouped), Some(vec![5.0, 2.0]));
        add(&mut grouped, &two, &[("a", 1.0)]);
        add(&mut grouped, &three, &[("a", 1.0), ("c", 7.0)]);
        assert_eq!(take(&mut grouped), None);
        add(&mut grouped, &three, &[("c", 7.0)]);
        assert_eq!(take(&mut grouped), Some(vec![0.0, 0.0, 7.0]));
    }

    #[test]
    fn an_instance_that_misses_an_answer_stays_a_member() {
        let two = members(&["a", "b"]);
        let missed = BTreeSet::from(["b".to_owned(), "stranger".to_owned()]);
        let after = two.after(BTreeSet::from(["a".to_owned()]), &missed);
        assert_eq!(after, two);
        assert_ne!(two.after(BTreeSet::from(["a".to_owned()]), &BTreeSet::new()), two);
    }
}
