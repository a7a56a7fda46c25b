//! The pages of post-mortems, in the service's repository.
//!
//! Owns: where they are, and that a page appears whole or not at all. Refuses to know: what stands in them, and what
//! follows when one cannot be written: the record stands without it.
//!
//! Invariant: a file that is there is never touched.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use ripcord_model::{
    Timestamp,
    paper::PostMortem,
    post_mortem::{file, page},
};
use serde::{Deserialize, Serialize};

/// A post-mortem as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostMortemState {
    /// What the record knows.
    pub post_mortem: PostMortem,
    /// Whether it is open and its time has passed.
    pub overdue: bool,
    /// Where its page is, below the service's root.
    pub file: String,
    /// Why the page could not be written; it is tried again at the next question and the next start.
    pub trouble: Option<String>,
}

/// A post-mortem with its page, which is written when it is missing and the post-mortem is open.
pub(crate) fn with_page(root: &Path, post_mortem: PostMortem, now: Timestamp) -> PostMortemState {
    let file = file(&post_mortem.id);
    let trouble = match &post_mortem.closed {
        Some(_) => None,
        None => keep(root, &file, &page(&post_mortem)).err().map(|error| {
            tracing::warn!(id = %post_mortem.id, "the page of a post-mortem was not written: {error}");
            format!("{file} could not be written: {error}")
        }),
    };
    PostMortemState { overdue: post_mortem.is_overdue(now), post_mortem, file, trouble }
}

/// Writes a file unless it is there.
fn keep(root: &Path, file: &str, text: &str) -> io::Result<()> {
    let path = root.join(file);
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    let directory = path.parent().unwrap_or(root);
    fs::create_dir_all(directory)?;
    let (draft, mut open) = new_draft(directory)?;
    let written = open.write_all(text.as_bytes()).and_then(|()| open.sync_all());
    // A link appears whole, and never in the place of something else.
    let linked = written.and_then(|()| fs::hard_link(&draft, &path));
    let removed = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => removed,
    }
}

fn new_draft(directory: &Path) -> io::Result<(std::path::PathBuf, fs::File)> {
    let path = directory.join(format!(".ripcord-{}.draft", std::process::id()));
    let file = fs::File::create(&path)?;
    Ok((path, file))
}

#[cfg(test)]
pub(crate) mod tests {
    use ripcord_model::{
        Actor, Person, PostMortemId, ReleaseName,
        blueprint::BlueprintHash,
        paper::{Override, POST_MORTEM_DUE},
    };

    use super::*;

    /// One that was just opened.
    pub(crate) fn opened() -> PostMortemState {
        let (at, release) = (Timestamp::from_ms(2_000), ReleaseName::new("exam-submit-v2").unwrap());
        let id = PostMortemId::of(&release, 1);
        let overridden = Override {
            blueprint: BlueprintHash::of(b"one"),
            check: "rehearsal".to_owned(),
            found: "nobody has rehearsed".to_owned(),
            reason: "staging is down".to_owned(),
            expires: at.plus(POST_MORTEM_DUE),
            postmortem: id.clone(),
        };
        let person = |name: &str| Person::new(name).unwrap();
        let (owner, by, due) = (person("maya"), Actor::person(person("lea")), at.plus(POST_MORTEM_DUE));
        let file = file(&id);
        let post_mortem = PostMortem { id, release, owner, due, by, at, overridden, closed: None };
        PostMortemState { post_mortem, overdue: false, file, trouble: None }
    }

    #[test]
    fn a_page_is_written_once_and_never_again() {
        let root = tempfile::tempdir().unwrap();
        let read = || fs::read_to_string(root.path().join("postmortems/x-1.md")).unwrap();
        keep(root.path(), "postmortems/x-1.md", "first").unwrap();
        assert_eq!(read(), "first");
        keep(root.path(), "postmortems/x-1.md", "second").unwrap();
        assert_eq!(read(), "first", "what people may have written stays");
        let left = fs::read_dir(root.path().join("postmortems")).unwrap().count();
        assert_eq!(left, 1, "no draft is left behind");
    }

    #[test]
    fn a_page_that_cannot_be_written_is_trouble_and_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("postmortems"), "a file where a folder should be").unwrap();
        assert!(keep(root.path(), "postmortems/x-1.md", "text").is_err());
        fs::remove_file(root.path().join("postmortems")).unwrap();
        keep(root.path(), "postmortems/x-1.md", "text").unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_somebodys_and_stays() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("postmortems")).unwrap();
        let link = root.path().join("postmortems/x-1.md");
        std::os::unix::fs::symlink("/nowhere/at/all", &link).unwrap();
        keep(root.path(), "postmortems/x-1.md", "text").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink() && !link.exists());
    }
}
