//! The directory as the store keeps it: one record per person and token, and which rules were last put on record.

use ripcord_people::{ApiToken, Directory, User, directory::Change, policy::PolicySource};
use ripcord_store::{Kept, KeptChange};
use serde::{Serialize, de::DeserializeOwned};

use crate::failure::{Failure, FailureKind};

const USER: &str = "user";
const TOKEN: &str = "token";
const POLICY: &str = "policy";
const IN_FORCE: &str = "in-force";

/// Everybody the records name.
pub(crate) fn directory(kept: &[Kept]) -> Result<Directory, Failure> {
    Ok(Directory::new(all::<User>(kept, USER)?, all::<ApiToken>(kept, TOKEN)?))
}

/// The rules that were last put on record.
pub(crate) fn recorded_policy(kept: &[Kept]) -> Result<Option<PolicySource>, Failure> {
    Ok(all(kept, POLICY)?.into_iter().next())
}

fn all<T: DeserializeOwned>(kept: &[Kept], kind: &str) -> Result<Vec<T>, Failure> {
    let read = |record: &Kept| {
        serde_json::from_slice(&record.bytes).map_err(|error| {
            let message = format!("the record of {kind} {} cannot be read: {error}", record.key);
            Failure::new(FailureKind::Unavailable, "people-unreadable", message)
                .hinted("use the Ripcord that wrote it, or a newer one")
        })
    };
    kept.iter().filter(|record| record.kind == kind).map(read).collect()
}

/// What a granted wish changes in the store.
pub(crate) fn changes(change: &Change) -> Vec<KeptChange> {
    let users = change.users.iter().map(|name| match change.directory.user(name) {
        Some(user) => put(USER, name.as_str(), user),
        None => KeptChange::Remove { kind: USER.to_owned(), key: name.to_string() },
    });
    let tokens = change.tokens.iter().map(|id| match change.directory.token(id) {
        Some(token) => put(TOKEN, id.as_str(), token),
        None => KeptChange::Remove { kind: TOKEN.to_owned(), key: id.to_string() },
    });
    users.chain(tokens).collect()
}

/// That a token was used.
pub(crate) fn used(token: &ApiToken) -> KeptChange {
    put(TOKEN, token.id.as_str(), token)
}

/// Which rules are in force.
pub(crate) fn policy_change(source: &PolicySource) -> KeptChange {
    put(POLICY, IN_FORCE, source)
}

fn put(kind: &str, key: &str, value: &impl Serialize) -> KeptChange {
    let bytes = serde_json::to_vec(value).expect("a record is plain data and always serialises");
    KeptChange::Put(Kept { kind: kind.to_owned(), key: key.to_owned(), bytes })
}
