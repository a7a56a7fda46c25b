//! A wish, granted or refused.

use std::collections::BTreeSet;

use ripcord_model::{Actor, Duration, Person, Timestamp};

use super::{Directory, PeopleFact, Wish};
use crate::{ApiToken, Role, Scope, TokenId, User, UserKind};

/// How many people and agents there may be.
const USERS_MAX: usize = 2_000;
/// How many tokens one of them may have that can still be used.
const TOKENS_MAX: usize = 50;
/// The longest a token may live.
const LIFE_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// The longest text of what a token is for, in characters.
const PURPOSE_MAX: usize = 200;

/// What a granted wish changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Everybody afterwards.
    pub directory: Directory,
    /// What the ledger says about it.
    pub fact: PeopleFact,
    /// Those whose records are others now.
    pub users: BTreeSet<Person>,
    /// Tokens whose records are others now.
    pub tokens: BTreeSet<TokenId>,
}

/// Why a wish is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WishRefusal {
    /// The name is taken.
    #[error("{0} is set up already")]
    Known(Person),
    /// Nobody has the name.
    #[error("nobody called {0} is set up")]
    Unknown(Person),
    /// Ripcord's own name.
    #[error("`ripcord` is the name under which Ripcord itself acts")]
    Reserved,
    /// A person who may do nothing.
    #[error("{0} would have no role: expected at least one of viewer, operator, approver, executive, admin")]
    NoRole(Person),
    /// Something that only a person can be.
    #[error("{name} is an agent and cannot be {role}: an agent may plan, check and ask")]
    AgentCannotBe {
        /// Who.
        name: Person,
        /// What.
        role: Role,
    },
    /// Nobody could manage people any more.
    #[error("no person would be admin any more, and nobody could manage people")]
    NoAdmin,
    /// Too many.
    #[error("{count} {what} are the most there can be")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        count: usize,
    },
    /// A token that gives more than its user has.
    #[error("{user} has no {what}, so a token of theirs cannot have it")]
    Wider {
        /// Whose token.
        user: Person,
        /// What the user does not have.
        what: String,
    },
    /// A token that opens nothing.
    #[error("a token with no role opens nothing: leave the roles out, or name one of its user's")]
    OpensNothing,
    /// A time of expiry that cannot be.
    #[error("the token would expire {when}: expected a time to come, a year from now at most")]
    BadExpiry {
        /// When.
        when: String,
    },
    /// The text is too long or not one line.
    #[error("what the token is for is not usable: expected 1 to {PURPOSE_MAX} characters on one line")]
    BadPurpose,
    /// Nobody made it.
    #[error("there is no token {0}")]
    NoSuchToken(TokenId),
    /// It was taken back before.
    #[error("the token {0} was revoked before")]
    RevokedBefore(TokenId),
    /// The same random bits twice.
    #[error("a token with the id {0} exists; make another")]
    SameId(TokenId),
}

impl WishRefusal {
    /// A stable name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Known(_) => "person-known",
            Self::Unknown(_) => "no-such-person",
            Self::Reserved => "reserved-name",
            Self::NoRole(_) => "no-role",
            Self::AgentCannotBe { .. } => "agent-cannot-be",
            Self::NoAdmin => "no-admin",
            Self::TooMany { .. } => "too-many",
            Self::Wider { .. } => "token-too-wide",
            Self::OpensNothing => "token-opens-nothing",
            Self::BadExpiry { .. } => "bad-expiry",
            Self::BadPurpose => "bad-purpose",
            Self::NoSuchToken(_) => "no-such-token",
            Self::RevokedBefore(_) => "token-revoked",
            Self::SameId(_) => "token-id-taken",
        }
    }
}

impl Directory {
    /// What a wish comes to at `now`. Whether its author may wish for it is the policy's.
    pub fn grant(&self, wish: Wish, now: Timestamp) -> Result<Change, WishRefusal> {
        match wish {
            Wish::Add { name, kind, roles, scopes, password } => {
                self.add(User { name, kind, roles, scopes, password, since: now })
            }
            Wish::Change { name, roles, scopes, password } => {
                let mut user = self.known(&name)?.clone();
                user.roles = roles.unwrap_or(user.roles);
                user.scopes = scopes.unwrap_or(user.scopes);
                let has_new_password = password.is_some();
                user.password = password.or(user.password);
                self.change(user, has_new_password)
            }
            Wish::Remove { name } => self.remove(&name, now),
            Wish::CreateToken { hash, user, roles, scopes, purpose, expires } => {
                let token = ApiToken {
                    id: hash.id(),
                    hash,
                    user,
                    roles,
                    scopes,
                    purpose,
                    since: now,
                    expires,
                    revoked: None,
                    last_used: None,
                };
                self.create_token(token, now)
            }
            Wish::RevokeToken { id } => self.revoke_token(id, now),
        }
    }

    fn known(&self, name: &Person) -> Result<&User, WishRefusal> {
        self.user(name).ok_or_else(|| WishRefusal::Unknown(name.clone()))
    }

    fn add(&self, user: User) -> Result<Change, WishRefusal> {
        if self.users.contains_key(&user.name) {
            return Err(WishRefusal::Known(user.name));
        }
        if self.users.len() >= USERS_MAX {
            return Err(WishRefusal::TooMany { what: "people", count: USERS_MAX });
        }
        if user.name == Actor::ripcord().name {
            return Err(WishRefusal::Reserved);
        }
        let fact = PeopleFact::PersonAdded {
            name: user.name.clone(),
            is: user.kind,
            roles: user.roles.clone(),
            scopes: user.scopes.clone(),
        };
        self.with(user, fact)
    }

    fn change(&self, user: User, password: bool) -> Result<Change, WishRefusal> {
        let fact = PeopleFact::PersonChanged {
            name: user.name.clone(),
            roles: user.roles.clone(),
            scopes: user.scopes.clone(),
            password,
        };
        self.with(user, fact)
    }

    fn with(&self, user: User, fact: PeopleFact) -> Result<Change, WishRefusal> {
        if user.roles.is_empty() {
            return Err(WishRefusal::NoRole(user.name));
        }
        let beyond_agents = [Role::Approver, Role::Executive, Role::Admin];
        if user.kind == UserKind::Agent
            && let Some(role) = beyond_agents.into_iter().find(|role| user.roles.contains(role))
        {
            return Err(WishRefusal::AgentCannotBe { name: user.name, role });
        }
        let name = user.name.clone();
        let mut directory = self.clone();
        directory.users.insert(name.clone(), user);
        directory.has_an_admin()?;
        Ok(Change { directory, fact, users: BTreeSet::from([name]), tokens: BTreeSet::new() })
    }

    fn has_an_admin(&self) -> Result<(), WishRefusal> {
        if self.is_empty() || self.users().any(User::is_admin) { Ok(()) } else { Err(WishRefusal::NoAdmin) }
    }

    fn remove(&self, name: &Person, now: Timestamp) -> Result<Change, WishRefusal> {
        self.known(name)?;
        let mut directory = self.clone();
        directory.users.remove(name);
        directory.has_an_admin()?;
        let mut tokens = BTreeSet::new();
        for token in directory.tokens.values_mut().filter(|token| token.user == *name) {
            if token.revoked.is_none() {
                token.revoked = Some(now);
                tokens.insert(token.id.clone());
            }
        }
        let fact = PeopleFact::PersonRemoved { name: name.clone(), tokens: tokens.clone() };
        Ok(Change { directory, fact, users: BTreeSet::from([name.clone()]), tokens })
    }

    fn create_token(&self, token: ApiToken, now: Timestamp) -> Result<Change, WishRefusal> {
        let user = self.known(&token.user)?;
        not_wider(user, &token)?;
        if token.expires <= now || token.expires > now.plus(LIFE_MAX) {
            return Err(WishRefusal::BadExpiry { when: token.expires.to_string() });
        }
        let is_text = |text: &String| {
            (1..=PURPOSE_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
        };
        if token.purpose.as_ref().is_some_and(|purpose| !is_text(purpose)) {
            return Err(WishRefusal::BadPurpose);
        }
        if self.tokens.contains_key(&token.id) {
            return Err(WishRefusal::SameId(token.id));
        }
        let usable =
            |other: &&ApiToken| other.user == token.user && other.revoked.is_none() && other.expires > now;
        if self.tokens().filter(usable).count() >= TOKENS_MAX {
            return Err(WishRefusal::TooMany { what: "tokens of one person", count: TOKENS_MAX });
        }
        let fact = PeopleFact::TokenCreated {
            id: token.id.clone(),
            user: token.user.clone(),
            roles: token.roles.clone(),
            scopes: token.scopes.clone(),
            purpose: token.purpose.clone(),
            expires: token.expires,
        };
        Ok(self.with_token(token, fact))
    }

    fn revoke_token(&self, id: TokenId, now: Timestamp) -> Result<Change, WishRefusal> {
        let Some(token) = self.token(&id) else { return Err(WishRefusal::NoSuchToken(id)) };
        if token.revoked.is_some() {
            return Err(WishRefusal::RevokedBefore(id));
        }
        let fact = PeopleFact::TokenRevoked { id, user: token.user.clone() };
        Ok(self.with_token(ApiToken { revoked: Some(now), ..token.clone() }, fact))
    }

    fn with_token(&self, token: ApiToken, fact: PeopleFact) -> Change {
        let id = token.id.clone();
        let mut directory = self.clone();
        directory.tokens.insert(id.clone(), token);
        Change { directory, fact, users: BTreeSet::new(), tokens: BTreeSet::from([id]) }
    }
}

/// A token narrows what its user may; it never widens it.
fn not_wider(user: &User, token: &ApiToken) -> Result<(), WishRefusal> {
    if token.roles.as_ref().is_some_and(BTreeSet::is_empty) {
        return Err(WishRefusal::OpensNothing);
    }
    let role = token.roles.iter().flatten().find(|role| !user.roles.contains(role));
    let role = role.map(|role| format!("role {role}"));
    let scope = token.scopes.iter().flatten().find(|scope: &&Scope| !user.scopes.contains(scope));
    match role.or_else(|| scope.map(|scope| format!("scope {scope}"))) {
        Some(what) => Err(WishRefusal::Wider { user: user.name.clone(), what }),
        None => Ok(()),
    }
}
