//! People, tokens and the policy: what changes of them goes on record, and only then counts.

use std::sync::Arc;

use ripcord_model::Actor;
use ripcord_people::{Directory, PeopleFact, TokenId, Wish, directory::WishRefusal, policy::PolicySource};
use ripcord_store::Store;

use super::core::Core;
use crate::{
    failure::{Failure, FailureKind},
    handle::PeopleNow,
    people,
};

impl<S: Store> Core<S> {
    pub(super) fn wish(&mut self, wish: Wish, by: Actor) -> Result<Arc<Directory>, Failure> {
        let now = self.clock.now();
        let change = self.people.directory().grant(wish, now).map_err(refused)?;
        self.conductor.note_beside(Some(&change.fact), people::changes(&change), by, now)?;
        self.people.replace(change.directory);
        Ok(self.people.directory())
    }

    /// Written down about once a minute and token; that it could not be is no trouble.
    pub(super) fn token_used(&mut self, id: &TokenId) -> Result<(), Failure> {
        let now = self.clock.now();
        let directory = self.people.directory().used(id, now);
        let Some(token) = directory.token(id) else { return Ok(()) };
        let change = people::used(token);
        self.conductor.note_beside(None::<&PeopleFact>, vec![change], Actor::ripcord(), now)?;
        self.people.replace(directory);
        Ok(())
    }

    pub(super) fn policy_changed(&mut self, source: PolicySource) -> Result<(), Failure> {
        let change = people::policy_change(&source);
        let fact = PeopleFact::PolicyChanged { policy: source };
        let now = self.clock.now();
        Ok(self.conductor.note_beside(Some(&fact), vec![change], Actor::ripcord(), now)?)
    }

    /// What is wrong with rules that are not in force.
    pub(super) fn rules_not_taken(&self) -> Option<String> {
        let mistakes = self.people.policy().mistakes;
        let first = mistakes.first()?;
        Some(format!("the rules in policy/ are not taken, and those before stay in force: {first}"))
    }

    pub(super) fn people_now(&self) -> PeopleNow {
        let set_up = self.people.directory().users().len();
        PeopleNow { set_up, demo: self.people.is_demo(), policy: self.people.policy(), you: None }
    }
}

fn refused(refusal: WishRefusal) -> Failure {
    let failure = Failure::new(FailureKind::Refused, refusal.code(), refusal.to_string());
    match refusal {
        WishRefusal::NoAdmin => {
            failure.hinted("let another person be admin first: ripcord people add NAME --role admin")
        }
        WishRefusal::Known(name) => {
            failure.hinted(format!("ripcord people change {name}   changes what they are trusted with"))
        }
        WishRefusal::Unknown(_) => failure.hinted("ripcord people list   names everybody"),
        WishRefusal::NoSuchToken(_) | WishRefusal::RevokedBefore(_) => {
            failure.hinted("ripcord token list   names all tokens")
        }
        WishRefusal::Reserved
        | WishRefusal::NoRole(_)
        | WishRefusal::AgentCannotBe { .. }
        | WishRefusal::TooMany { .. }
        | WishRefusal::Wider { .. }
        | WishRefusal::OpensNothing
        | WishRefusal::BadExpiry { .. }
        | WishRefusal::BadPurpose
        | WishRefusal::SameId(_) => failure,
    }
}
