//! Overrides, their post-mortems, and exceptions from freezes, as they are asked of a running control plane.

use ripcord_engine::{CheckResult, CheckStatus};
use ripcord_model::{
    Actor, PostMortemId, ReleaseName,
    blueprint::Blueprint,
    paper::{NewFreezeException, NewOverride, Noted, OverrideRefusal, PostMortem, Sheet, may_override},
    post_mortem::finished,
};
use ripcord_people::{Identity, Role};
use serde::{Deserialize, Serialize};

use crate::{
    Handle,
    failure::{Failure, FailureKind},
    gate::never_overridden,
    loop_::{OverrideAsked, Request},
    post_mortem::PostMortemState,
};

/// A written post-mortem, with what it is closed by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenPostMortem {
    /// The file's name.
    pub name: String,
    /// All of it.
    pub text: String,
}

impl Handle {
    /// Accepts a check that does not pass, and opens a post-mortem with it. The gate is asked first: what passes is not
    /// overridden, and what the check says is part of the record.
    pub async fn override_check(
        &self,
        release: ReleaseName,
        new: NewOverride,
        by: Actor,
    ) -> Result<PostMortemState, Failure> {
        let blueprint = self.known_or_compiled(&release).await?;
        may_override(&blueprint, &by)?;
        let check = new.check.clone();
        if let Some(why) = never_overridden(&check) {
            return Err(OverrideRefusal::Never { check, why }.into());
        }
        let answers = self.gate(release.clone()).await?.checks;
        let found = blocking(answers, check)?;
        let asked = OverrideAsked { blueprint, new, found, by };
        self.ask(|reply| Request::Override { release, asked: Box::new(asked), reply }).await
    }

    /// Lets a hotfix move forward in spite of freezes and outside of windows. Answers with all papers of the release,
    /// oldest first.
    pub async fn except_freeze(
        &self,
        release: ReleaseName,
        new: NewFreezeException,
        by: Actor,
    ) -> Result<Vec<Noted>, Failure> {
        let blueprint: Box<Blueprint> = Box::new(self.known_or_compiled(&release).await?);
        self.ask(|reply| Request::ExceptFreeze { release, blueprint, new, by, reply }).await
    }

    /// All post-mortems, oldest first.
    pub async fn post_mortems(&self) -> Result<Vec<PostMortemState>, Failure> {
        self.ask(|reply| Request::PostMortems { reply }).await
    }

    /// One post-mortem.
    pub async fn post_mortem(&self, id: PostMortemId) -> Result<PostMortemState, Failure> {
        let all = self.post_mortems().await?;
        let found = all.into_iter().find(|state| state.post_mortem.id == id);
        found.ok_or_else(|| ripcord_conductor::ConductorError::NoSuchPostMortem(id).into())
    }

    /// Closes a post-mortem with what was written, whose digest goes on record. Its owner may, and an admin.
    pub async fn close_post_mortem(
        &self,
        id: PostMortemId,
        written: WrittenPostMortem,
        who: &Identity,
    ) -> Result<PostMortemState, Failure> {
        let known = self.post_mortem(id.clone()).await?.post_mortem;
        may_close(&known, who)?;
        finished(&id, &written.text).map_err(|error| {
            Failure::new(FailureKind::Refused, "postmortem-not-finished", error.to_string())
                .hinted(format!("`ripcord postmortem show {id}` says what it is about"))
        })?;
        let sha256 = ripcord_model::blueprint::BlueprintHash::of(written.text.as_bytes()).as_str().to_owned();
        let name = written.name.chars().filter(|c| !c.is_control() && *c != '/').take(255).collect();
        let file = Sheet { name, sha256, bytes: written.text.len() as u64 };
        let by = who.actor.clone();
        self.ask(|reply| Request::ClosePostMortem { id, file, by, reply }).await
    }
}

/// What a check says that does not pass.
fn blocking(answers: Vec<CheckResult>, check: String) -> Result<String, Failure> {
    let names = |answers: &[CheckResult]| {
        let blocking = answers.iter().filter(|answer| !answer.status.opens());
        let names: Vec<&str> = blocking.map(|answer| answer.check.as_str()).collect();
        if names.is_empty() { "nothing that does not pass".to_owned() } else { names.join(", ") }
    };
    let Some(answer) = answers.iter().find(|answer| answer.check == check) else {
        return Err(OverrideRefusal::NoSuchCheck { check, known: names(&answers) }.into());
    };
    match answer.status {
        CheckStatus::Pass => Err(OverrideRefusal::Passes { check, found: answer.reason.clone() }.into()),
        // That there is an override already is for the record to say.
        CheckStatus::Fail | CheckStatus::Unknown | CheckStatus::Overridden => Ok(answer.reason.clone()),
    }
}

fn may_close(known: &PostMortem, who: &Identity) -> Result<(), Failure> {
    let is_owner = who.actor.name == known.owner;
    if who.actor.is_person() && (is_owner || who.is(Role::Admin)) {
        return Ok(());
    }
    let message = format!(
        "{} cannot close post-mortem {}; {}, who writes it, can, and an admin",
        who.actor, known.id, known.owner
    );
    Err(Failure::new(FailureKind::Refused, "not-the-owner", message))
}
