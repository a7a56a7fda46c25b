//! Whether whoever answers a step of a runbook holds the role that it asks for. The server says who they are and who is set up;
//! the release says who owns it and who is on call.

use std::time::Duration;

use ripcord_model::{Actor, blueprint::Blueprint};
use ripcord_people::{Identity, ReleaseFacts};
use ripcord_runbook::Role;
use ripcord_runner::effects::MayAnswer;
use tokio::time::timeout;

use crate::{
    api::SomeBody,
    client::{Client, ClientError},
    failure::FailureKind,
};

/// How long a server has to answer. One that is silent must not stand before the way back.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the server behind `client`. Unknown where nobody is set up and where no server answers.
pub(crate) async fn may_answer(client: &Client, about: Option<&Blueprint>, role: Role) -> MayAnswer {
    match timeout(PATIENCE, ask(client, about, role)).await {
        Ok(Ok(answer)) => answer,
        // It is there, and does not know whoever asks.
        Ok(Err(ClientError::Failed(failure))) if failure.kind == FailureKind::Forbidden => {
            MayAnswer::No { who: "whoever asks".to_owned(), could: failure.message }
        }
        Ok(Err(_)) | Err(_) => MayAnswer::Unknown,
    }
}

async fn ask(client: &Client, about: Option<&Blueprint>, role: Role) -> Result<MayAnswer, ClientError> {
    let people = client.info().await?.people;
    let Some(you) = people.you.filter(|_| people.set_up > 0) else { return Ok(MayAnswer::Unknown) };
    let facts = about.map(ReleaseFacts::of);
    if is_meant(facts.as_ref(), &you, role) {
        return Ok(MayAnswer::Yes(you.actor));
    }
    // Who could is a courtesy: whoever may not look is refused all the same.
    let others = client.people().await.unwrap_or_default();
    Ok(MayAnswer::No { who: you.name().to_string(), could: could(facts.as_ref(), &others, role) })
}

fn is_meant(facts: Option<&ReleaseFacts>, identity: &Identity, role: Role) -> bool {
    match facts {
        Some(facts) => facts.means_by_role(identity, role.word()),
        None => identity.actor.is_person() && ripcord_people::holds(identity, role.word()),
    }
}

/// The names of those who hold the role; without one, how somebody comes to hold it.
fn could(facts: Option<&ReleaseFacts>, people: &[SomeBody], role: Role) -> String {
    let identity = |body: &SomeBody| Identity {
        actor: Actor { kind: body.kind.actor(), name: body.name.clone() },
        roles: body.roles.clone(),
        scopes: body.scopes.clone(),
    };
    let held = people.iter().filter(|body| is_meant(facts, &identity(body), role));
    let names: Vec<&str> = held.map(|body| body.name.as_str()).collect();
    if !names.is_empty() {
        return format!("{} could", names.join(", "));
    }
    let of_release = matches!(role, Role::Owner | Role::OnCall) && facts.is_none();
    let hint = if of_release { "; name the release with --release" } else { "" };
    format!("nobody who is set up is{hint}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ripcord_model::{Person, ReleaseName, Timestamp};
    use ripcord_people::{Role as Trust, Scope, UserKind};

    use super::*;

    fn body(name: &str, kind: UserKind, roles: &[Trust], scope: Option<&str>) -> SomeBody {
        SomeBody {
            name: Person::new(name).unwrap(),
            kind,
            roles: roles.iter().copied().collect(),
            scopes: scope.map(|word| Scope::new(word).unwrap()).into_iter().collect(),
            password: false,
            tokens: 0,
            since: Timestamp::from_ms(0),
        }
    }

    fn team() -> Vec<SomeBody> {
        vec![
            body("bot", UserKind::Agent, &[Trust::Operator], Some("data")),
            body("eve", UserKind::Person, &[Trust::Executive], None),
            body("lea", UserKind::Person, &[Trust::Approver], Some("data")),
            body("omar", UserKind::Person, &[Trust::Operator], None),
        ]
    }

    fn release() -> ReleaseFacts {
        ReleaseFacts {
            owner: Some(Person::new("omar").unwrap()),
            on_call: Some(Person::new("eve").unwrap()),
            trigger_by: BTreeSet::new(),
            ..ReleaseFacts::unknown(None, ReleaseName::new("flow-v2").unwrap())
        }
    }

    #[test]
    fn a_role_means_a_scope_a_role_or_a_title_of_the_plan_and_never_an_agent() {
        for (role, expected) in [
            (Role::Data, "lea could"),
            (Role::Executive, "eve could"),
            (Role::Owner, "omar could"),
            (Role::OnCall, "eve could"),
            (Role::Qa, "nobody who is set up is"),
        ] {
            assert_eq!(could(Some(&release()), &team(), role), expected, "{role}");
        }
    }

    #[test]
    fn without_a_release_nobody_is_its_owner() {
        let said = could(None, &team(), Role::Owner);
        assert_eq!(said, "nobody who is set up is; name the release with --release");
        assert_eq!(could(None, &team(), Role::Data), "lea could");
    }
}
