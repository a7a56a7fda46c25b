//! People, tokens and rules as text.

use std::collections::BTreeSet;

use ripcord_people::{PeopleFact, UserKind};
use ripcord_server::{
    PolicyStanding,
    api::{MadeToken, SomeBody, TokenShown, WhoAnswer},
};

use super::{
    layout::{WIDTH, table, wrap},
    look::Look,
};

/// Everybody, one line each.
pub fn everybody(all: &[SomeBody], look: &Look) -> String {
    if all.is_empty() {
        return "Nobody is set up: whoever runs the server is alone, as operator, approver and admin.\n\n\
                ripcord people add NAME --role admin   sets the first one up\n"
            .to_owned();
    }
    let row = |body: &SomeBody| {
        let kind = match body.kind {
            UserKind::Person => "person",
            UserKind::Agent => "agent",
        };
        let since = look.full(body.since);
        let day = since.split(' ').next().unwrap_or_default().to_owned();
        vec![
            body.name.to_string(),
            kind.to_owned(),
            joined(&body.roles),
            joined(&body.scopes),
            body.tokens.to_string(),
            day,
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    lines(table(&["name", "is", "roles", "scopes", "tokens", "since"], &rows, &[4]))
}

fn joined<T: ToString>(words: &BTreeSet<T>) -> String {
    if words.is_empty() {
        return "–".to_owned();
    }
    words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn lines(lines: Vec<String>) -> String {
    lines.join("\n") + "\n"
}

/// Every token, one line each, those that open something first.
pub fn tokens(all: &[TokenShown], look: &Look) -> String {
    if all.is_empty() {
        return "There is no token.\n\nripcord token create NAME   makes one\n".to_owned();
    }
    let row = |token: &TokenShown| {
        let state = match (token.revoked, token.opens) {
            (Some(at), _) => format!("revoked {}", look.full(at)),
            (None, true) => format!("until {}", look.full(token.expires)),
            (None, false) => format!("expired {}", look.full(token.expires)),
        };
        let narrowed: Vec<String> = token
            .roles
            .iter()
            .flatten()
            .map(ToString::to_string)
            .chain(token.scopes.iter().flatten().map(ToString::to_string))
            .collect();
        let narrowed = if token.roles.is_none() && token.scopes.is_none() {
            "all theirs".to_owned()
        } else {
            narrowed.join(" ")
        };
        vec![token.id.to_string(), token.user.to_string(), narrowed, state]
    };
    let (open, shut): (Vec<_>, Vec<_>) = all.iter().partition(|token| token.opens);
    let rows: Vec<Vec<String>> = open.into_iter().chain(shut).map(row).collect();
    lines(table(&["id", "of", "opens", ""], &rows, &[]))
}

/// A new token.
pub fn made(made: &MadeToken, look: &Look) -> String {
    let MadeToken { token, secret } = made;
    format!(
        "A token of {}, until {}. It is shown this once:\n\n  RIPCORD_TOKEN={secret}\n\n\
         ripcord token revoke {}   takes it back\n",
        token.user,
        look.full(token.expires),
        token.id
    )
}

/// Which rules are in force.
pub fn policy(standing: &PolicyStanding) -> String {
    let mut text = if standing.in_force.is_built_in() {
        "In force: the built-in rules.\n".to_owned()
    } else {
        format!("In force: {}\n", standing.in_force)
    };
    text.push_str(&format!("  sha256     {}\n", standing.in_force.sha256));
    if standing.mistakes.is_empty() {
        if standing.in_force.is_built_in() {
            text.push_str("\nripcord policy init   writes them to policy/, to read and change them\n");
        }
        return text;
    }
    text.push_str("\nThe files as they stand now are not taken:\n");
    text.push_str(&mistakes(standing));
    text
}

/// What is wrong with the files, one paragraph each.
pub fn mistakes(standing: &PolicyStanding) -> String {
    let mut text = String::new();
    for mistake in &standing.mistakes {
        for line in wrap(&mistake.to_string(), WIDTH - 2) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text
}

/// What the ledger says about people, as a sentence.
pub fn sentence(fact: &PeopleFact) -> String {
    let trusted = |roles: &BTreeSet<_>, scopes: &BTreeSet<_>| match scopes.len() {
        0 => joined::<ripcord_people::Role>(roles),
        _ => format!("{}, for {}", joined(roles), joined::<ripcord_people::Scope>(scopes)),
    };
    match fact {
        PeopleFact::PersonAdded { name, is, roles, scopes } => {
            let kind = match is {
                UserKind::Person => "",
                UserKind::Agent => "the agent ",
            };
            format!("{kind}{name} is set up: {}", trusted(roles, scopes))
        }
        PeopleFact::PersonChanged { name, roles, scopes, password } => {
            let password = if *password { "; new password" } else { "" };
            format!("{name} is trusted with something else: {}{password}", trusted(roles, scopes))
        }
        PeopleFact::PersonRemoved { name, tokens } if tokens.is_empty() => format!("{name} is removed"),
        PeopleFact::PersonRemoved { name, tokens } => {
            format!("{name} is removed; revoked with it: {}", joined(tokens))
        }
        PeopleFact::TokenCreated { id, user, expires, .. } => {
            format!("token {id} of {user} made, until {expires}")
        }
        PeopleFact::TokenRevoked { id, user } => format!("token {id} of {user} revoked"),
        PeopleFact::PolicyChanged { policy } => {
            let short = policy.sha256.get(..12).unwrap_or(&policy.sha256);
            format!("other rules are in force: {policy} ({short})")
        }
    }
}

/// Who could do something.
pub fn who(answer: &WhoAnswer) -> String {
    let words = answer.action.words();
    let mut text = format!("{}: {} can {words}.\n\n", answer.about, answer.could);
    let you = answer.you.name();
    match &answer.why_not {
        None => text.push_str(&format!("  you        {you}, and you can\n")),
        Some(why) => text.push_str(&format!("  you        {you}, and you cannot: {why}\n")),
    }
    if !answer.could.roles.is_empty() {
        text.push_str(&format!("  roles      {}\n", answer.could.roles.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Person, Timestamp};
    use ripcord_people::{Role, Scope};

    use super::*;

    #[test]
    fn facts_about_people_are_sentences() {
        let name = Person::new("lea").unwrap();
        let (roles, scopes) = ([Role::Approver].into(), [Scope::new("data").unwrap()].into());
        let added = PeopleFact::PersonAdded { name, is: UserKind::Agent, roles, scopes };
        assert_eq!(sentence(&added), "the agent lea is set up: approver, for data");
    }

    #[test]
    fn everybody_fits_into_80_columns() {
        let lea = SomeBody {
            name: Person::new("release-bot").unwrap(),
            kind: UserKind::Person,
            roles: [Role::Operator, Role::Approver].into(),
            scopes: [Scope::new("data").unwrap()].into(),
            password: false,
            tokens: 2,
            since: Timestamp::from_ms(1_790_000_000_000),
        };
        let text = everybody(&[lea], &Look::plain());
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= WIDTH, "{text}");
        assert!(text.contains("release-bot  person  operator approver  data"), "{text}");
        assert!(everybody(&[], &Look::plain()).contains("alone"));
    }
}
