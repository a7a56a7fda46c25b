//! Whose token it is, and whether it still opens anything.

use std::sync::LazyLock;

use ripcord_model::{Duration, Person, Timestamp};

use super::Directory;
use crate::{ApiToken, Identity, PasswordHash, TokenHash, TokenId, User};

/// How old the time of last use may be before it is kept anew: it costs a write.
const LAST_USED_EVERY: Duration = Duration::from_secs(60);

/// Compared with where there is no password, so that the time it takes does not tell who is set up.
static NOBODYS: LazyLock<PasswordHash> =
    LazyLock::new(|| PasswordHash::of("nobody types this", [0; 16]).expect("it is long enough"));

/// Whoever holds a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// As whom they act: no more than their user, narrowed to what the token says.
    pub identity: Identity,
    /// By which token.
    pub token: TokenId,
    /// What it is narrowed to, in words; absent where it opens all its user may.
    pub narrowed: Option<String>,
    /// Whether its use is worth writing down.
    pub is_news: bool,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Nobody's.
    #[error("the token is not one of this server")]
    Unknown,
    /// Its time is over.
    #[error("the token {id} of {user} expired {at}")]
    Expired {
        /// Which.
        id: TokenId,
        /// Whose.
        user: Person,
        /// When.
        at: Timestamp,
    },
    /// It was taken back.
    #[error("the token {id} of {user} was revoked {at}")]
    Revoked {
        /// Which.
        id: TokenId,
        /// Whose.
        user: Person,
        /// When.
        at: Timestamp,
    },
}

impl TokenRefusal {
    /// A stable name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "token-unknown",
            Self::Expired { .. } => "token-expired",
            Self::Revoked { .. } => "token-revoked",
        }
    }
}

impl Directory {
    /// Whose token it is at `now`.
    pub fn recognise(&self, secret: &str, now: Timestamp) -> Result<Recognised, TokenRefusal> {
        let hash = TokenHash::of(secret);
        let token = self.token(&hash.id()).filter(|token| token.hash.is(&hash));
        let token = token.ok_or(TokenRefusal::Unknown)?;
        let (id, user) = (token.id.clone(), token.user.clone());
        if let Some(at) = token.revoked {
            return Err(TokenRefusal::Revoked { id, user, at });
        }
        if token.expires <= now {
            return Err(TokenRefusal::Expired { id, user, at: token.expires });
        }
        let user = self.user(&token.user).ok_or(TokenRefusal::Unknown)?;
        let mut identity = user.identity();
        identity.roles.retain(|role| token.roles.as_ref().is_none_or(|narrowed| narrowed.contains(role)));
        identity.scopes.retain(|scope| token.scopes.as_ref().is_none_or(|narrowed| narrowed.contains(scope)));
        let is_news = token.last_used.is_none_or(|last| now >= last.plus(LAST_USED_EVERY));
        Ok(Recognised { identity, token: id, narrowed: narrowed(token), is_news })
    }

    /// The directory with a token's use noted.
    pub fn used(&self, id: &TokenId, now: Timestamp) -> Self {
        let mut directory = self.clone();
        if let Some(token) = directory.tokens.get_mut(id) {
            token.last_used = Some(now);
        }
        directory
    }

    /// Whose password it is. Takes tens of milliseconds, also for a name that nobody has.
    pub fn by_password(&self, name: &Person, password: &str) -> Option<Identity> {
        let user = self.user(name);
        let hash = user.and_then(|user| user.password.as_ref());
        let matches = hash.unwrap_or(&NOBODYS).matches(password);
        user.filter(|_| matches && hash.is_some()).map(User::identity)
    }
}

fn narrowed(token: &ApiToken) -> Option<String> {
    let words = |words: Vec<&str>| if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
    let roles = token.roles.as_ref().map(|roles| words(roles.iter().map(|role| role.as_str()).collect()));
    let scopes =
        token.scopes.as_ref().map(|scopes| words(scopes.iter().map(|scope| scope.as_str()).collect()));
    match (roles, scopes) {
        (None, None) => None,
        (Some(roles), None) => Some(format!("the roles {roles}")),
        (None, Some(scopes)) => Some(format!("the scopes {scopes}")),
        (Some(roles), Some(scopes)) => Some(format!("the roles {roles} and the scopes {scopes}")),
    }
}
