//! What a plan means and no file of it says: the digests of its artifacts, the key that signatures are checked with, the
//! commit it was compiled at. Fixed once, when the plan is compiled, so that what is checked later is what was meant.
//!
//! Refuses to know: what is done with it; that is the gate's.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
};

use ripcord_adapters::outside::digest;
use ripcord_model::blueprint::{Artifact, Blueprint, BlueprintHash, CiSource};

/// A public key is small.
const KEY_BYTES_MAX: u64 = 16 * 1024;
/// How many digits a commit has: SHA-1, or SHA-256.
const COMMIT_DIGITS: [usize; 2] = [40, 64];

/// Fills in what can be found below `root`. Blocking: reads the artifacts.
pub fn fix(root: &Path, blueprint: &mut Blueprint) {
    fix_digest(root, &mut blueprint.candidate);
    if let Some(last_good) = &mut blueprint.last_good {
        fix_digest(root, last_good);
    }
    if let Some(signature) = &blueprint.checks.signature {
        let key = signature.key.clone();
        fix_source(root, &key, &mut blueprint.sources);
    }
    if blueprint.checks.ci.iter().any(|ci| ci.source.needs_commit()) {
        blueprint.checks.commit = commit(root);
    }
}

/// `now`, compiled again for the release `known`: a commit that has nothing to do with its files makes no other
/// release of it, nor does what an earlier Ripcord did not fix.
#[must_use]
pub(crate) fn as_of(known: &Blueprint, mut now: Blueprint) -> Blueprint {
    let asks = |blueprint: &Blueprint| {
        let sources = blueprint.checks.ci.iter().map(|ci| &ci.source);
        sources.filter(|source| source.needs_commit()).cloned().collect::<Vec<CiSource>>()
    };
    if asks(known) == asks(&now) {
        now.checks.commit.clone_from(&known.checks.commit);
    }
    now.candidate = as_known(&known.candidate, now.candidate);
    now.last_good = match (&known.last_good, now.last_good) {
        (Some(was), Some(is)) => Some(as_known(was, is)),
        (Some(_) | None, is) => is,
    };
    now
}

/// An artifact that was recorded without a digest stays without.
fn as_known(was: &Artifact, is: Artifact) -> Artifact {
    let same = was.version == is.version && was.artifact == is.artifact;
    if same && was.digest.is_none() { was.clone() } else { is }
}

/// A digest that the record knows goes before that of the file: the file may have been replaced since.
fn fix_digest(root: &Path, artifact: &mut Artifact) {
    if let (None, Some(path)) = (&artifact.digest, &artifact.artifact) {
        artifact.digest = named(path).or_else(|| digest::of_file(&root.join(path)).ok());
    }
}

/// The digest in `registry/exams@sha256:…` (OCI distribution specification, "Pulling manifests": a name by digest).
fn named(artifact: &str) -> Option<String> {
    let (_, digest) = artifact.rsplit_once('@').filter(|(_, digest)| digest.starts_with("sha256:"))?;
    digest::parse(digest)
}

fn fix_source(root: &Path, shown: &str, sources: &mut BTreeMap<String, String>) {
    let mut bytes = Vec::new();
    let read = File::open(root.join(shown)).and_then(|file| file.take(KEY_BYTES_MAX).read_to_end(&mut bytes));
    if read.is_ok() {
        sources.insert(shown.to_owned(), BlueprintHash::of(&bytes).as_str().to_owned());
    }
}

/// What `git rev-parse HEAD` says; nothing outside a repository.
fn commit(root: &Path) -> Option<String> {
    let said = Command::new("git")
        .args(["rev-parse", "--verify", "HEAD^{commit}"])
        .current_dir(root)
        // Whoever runs Ripcord from a hook of another repository still means this one.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(said.stdout).ok()?.trim().to_owned();
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase());
    (said.status.success() && digits && COMMIT_DIGITS.contains(&text.len())).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ripcord_model::{
        Duration,
        blueprint::{Ci, Signature},
    };

    use super::*;
    use crate::testing;

    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn world() -> (tempfile::TempDir, Blueprint) {
        let root = tempfile::tempdir().unwrap();
        let mut blueprint = testing::blueprint(root.path());
        blueprint.candidate.artifact = Some("dist/app".to_owned());
        (root, blueprint)
    }

    #[test]
    fn artifacts_that_are_files_have_a_digest_and_others_none() {
        let (root, mut blueprint) = world();
        fix(root.path(), &mut blueprint);
        assert_eq!(blueprint.candidate.digest, None);
        fs::create_dir(root.path().join("dist")).unwrap();
        fs::write(root.path().join("dist/app"), "abc").unwrap();
        fix(root.path(), &mut blueprint);
        assert_eq!(blueprint.candidate.digest.as_deref(), Some(ABC));
        fs::write(root.path().join("dist/app"), "changed").unwrap();
        fix(root.path(), &mut blueprint);
        assert_eq!(blueprint.candidate.digest.as_deref(), Some(ABC), "what is known stays");
    }

    #[test]
    fn an_image_that_is_named_by_its_digest_has_it() {
        let (root, mut blueprint) = world();
        blueprint.candidate.artifact = Some(format!("registry.local:5000/exams@{ABC}"));
        fix(root.path(), &mut blueprint);
        assert_eq!(blueprint.candidate.digest.as_deref(), Some(ABC));
        for tag in ["registry.local:5000/exams:v2", "exams@sha256:abc", "maya@example.org"] {
            blueprint.candidate =
                Artifact { artifact: Some(tag.to_owned()), digest: None, ..blueprint.candidate };
            fix(root.path(), &mut blueprint);
            assert_eq!(blueprint.candidate.digest, None, "{tag}");
        }
    }

    #[test]
    fn another_key_makes_another_blueprint() {
        let (root, mut blueprint) = world();
        blueprint.checks.signature = Some(Signature { file: "a.sig".to_owned(), key: "a.pub".to_owned() });
        let unsigned = blueprint.hash();
        fs::write(root.path().join("a.pub"), "one key").unwrap();
        fix(root.path(), &mut blueprint);
        let one = blueprint.hash();
        fs::write(root.path().join("a.pub"), "another key").unwrap();
        fix(root.path(), &mut blueprint);
        assert!(unsigned != one && one != blueprint.hash());
    }

    #[test]
    fn a_commit_is_that_of_the_repository_and_asked_for_only_when_needed() {
        let (root, mut blueprint) = world();
        fix(root.path(), &mut blueprint);
        assert_eq!(blueprint.checks.commit, None);
        let source = CiSource::Command { command: "ci/ok {commit}".to_owned(), environment: Vec::new() };
        blueprint.checks.ci = vec![Ci { source, timeout: Duration::from_secs(1) }];
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=maya", "-c", "user.email=maya@example.org"];
            let run = Command::new("git").args(identity).args(arguments).current_dir(root.path()).output();
            let run = run.unwrap();
            assert!(run.status.success(), "{run:?}");
            String::from_utf8(run.stdout).unwrap().trim().to_owned()
        };
        git(&["init", "--quiet"]);
        fix(root.path(), &mut blueprint);
        assert_eq!(blueprint.checks.commit, None, "there is no commit yet");
        git(&["commit", "--quiet", "--allow-empty", "--message", "one"]);
        fix(root.path(), &mut blueprint);
        assert_eq!(blueprint.checks.commit, Some(git(&["rev-parse", "HEAD"])));

        let known = blueprint.clone();
        git(&["commit", "--quiet", "--allow-empty", "--message", "two"]);
        fix(root.path(), &mut blueprint);
        assert_ne!(blueprint.hash(), known.hash());
        assert_eq!(
            as_of(&known, blueprint).hash(),
            known.hash(),
            "the release is about the commit it was made at"
        );
    }

    #[test]
    fn a_release_recorded_without_digests_stays_the_same_release() {
        let (root, known) = world();
        fs::create_dir(root.path().join("dist")).unwrap();
        fs::write(root.path().join("dist/app"), "abc").unwrap();
        let mut now = known.clone();
        fix(root.path(), &mut now);
        assert_ne!(now.hash(), known.hash());
        assert_eq!(as_of(&known, now.clone()).hash(), known.hash());
        assert_eq!(as_of(&now, now.clone()).hash(), now.hash());
    }
}
