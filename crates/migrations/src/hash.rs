//! What a set is, as one hash: the SQL in its order, and how it is run.

use sha2::{Digest, Sha256};

use crate::migration::{Script, Set, Transaction};

impl Set {
    /// SHA-256 over convention, versions, both scripts and how they run, in hexadecimal. Whoever edits a migration, adds one
    /// before it or swaps two gets another hash.
    #[must_use]
    pub fn hash(&self) -> String {
        self.hash_to(self.migrations.len())
    }

    /// The hash of the first `count` migrations, with the repeatable ones when that is all of them.
    #[must_use]
    pub fn hash_to(&self, count: usize) -> String {
        let mut hasher = Sha256::new();
        field(&mut hasher, b"ripcord-migrations-1");
        field(&mut hasher, self.convention.as_str().as_bytes());
        for migration in self.migrations.iter().take(count) {
            field(&mut hasher, migration.version.as_bytes());
            script(&mut hasher, Some(&migration.up));
            script(&mut hasher, migration.down.as_ref());
        }
        if count >= self.migrations.len() {
            for repeatable in &self.repeatable {
                script(&mut hasher, Some(repeatable));
            }
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn script(hasher: &mut Sha256, script: Option<&Script>) {
    let Some(script) = script else {
        return field(hasher, b"none");
    };
    let wrapped = match script.transaction {
        Transaction::Wrapped => b"wrapped".as_slice(),
        Transaction::None => b"no transaction".as_slice(),
    };
    field(hasher, wrapped);
    field(hasher, script.text.as_bytes());
}

/// A length before each field, so that no two lists of fields look alike.
fn field(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}
