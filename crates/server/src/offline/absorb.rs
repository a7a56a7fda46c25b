//! Journals of offline rollbacks join the record.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ripcord_conductor::{Conductor, Todo};
use ripcord_model::{Actor, ReleaseName, Timestamp};
use ripcord_store::Store;
use serde_json::Value;

use super::journal;
use crate::{
    failure::{Failure, FailureKind},
    private_file,
};

/// What was taken up.
#[derive(Debug, Default)]
pub(crate) struct Absorbed {
    /// Effects that follow.
    pub(crate) todos: Vec<Todo>,
    /// Journals that could not be taken into the record; their files stay.
    pub(crate) troubles: Vec<String>,
}

/// Takes every journal of the state directory into the record, and archives it.
///
/// # Errors
/// When an offline rollback is under way at this moment: the server must not start beside it.
pub(crate) fn absorb_all<S: Store>(
    conductor: &mut Conductor<S>,
    state: &Path,
    now: Timestamp,
) -> Result<Absorbed, Failure> {
    let mut absorbed = Absorbed::default();
    for (release, path) in journals(state, &mut absorbed.troubles) {
        refuse_while_written(&release, &path)?;
        match absorb_one(conductor, &release, &path, now) {
            Ok(todos) => absorbed.todos.extend(todos),
            Err(reason) => absorbed.troubles.push(format!(
                "the offline rollback in {} is not in the record yet: {reason}",
                path.display()
            )),
        }
    }
    Ok(absorbed)
}

fn journals(state: &Path, troubles: &mut Vec<String>) -> Vec<(ReleaseName, PathBuf)> {
    let directory = journal::directory(state);
    let listed = match fs::read_dir(&directory) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            troubles.push(format!("{} cannot be read: {error}", directory.display()));
            return Vec::new();
        }
    };
    let mut found: Vec<(ReleaseName, PathBuf)> = listed
        .filter_map(|item| {
            let path = item.ok()?.path();
            let release = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
            Some((ReleaseName::new(release).ok()?, path))
        })
        .collect();
    found.sort();
    found
}

fn refuse_while_written(release: &ReleaseName, path: &Path) -> Result<(), Failure> {
    let taken =
        fs::File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)));
    if !taken {
        return Ok(());
    }
    let message = format!("an offline rollback of `{release}` is under way on this machine");
    Err(Failure::new(FailureKind::Busy, "offline-under-way", message)
        .hinted("start the server when it has ended; it is taken into the record then"))
}

fn absorb_one<S: Store>(
    conductor: &mut Conductor<S>,
    release: &ReleaseName,
    path: &Path,
    now: Timestamp,
) -> Result<Vec<Todo>, String> {
    let lines = journal::read(path).map_err(|error| error.to_string())?;
    let todos = if lines.is_empty() {
        Vec::new()
    } else {
        let by = who(&lines);
        conductor.absorb(release, lines, by, now).map_err(|error| error.to_string())?
    };
    archive(path).map_err(|error| format!("it is, but its file cannot be moved away: {error}"))?;
    Ok(todos)
}

/// Who decided, by the first line that says so.
fn who(lines: &[Value]) -> Actor {
    let named = lines.iter().find_map(|line| serde_json::from_value(line.get("by")?.clone()).ok());
    named.unwrap_or_else(Actor::ripcord)
}

/// Moves a journal out of the way without overwriting an older one.
fn archive(path: &Path) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new(".")).join("absorbed");
    private_file::create_directory(&directory)?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("journal");
    let free =
        (1_u32..).map(|number| directory.join(format!("{name}-{number}.jsonl"))).find(|path| !path.exists());
    let free = free.ok_or_else(|| io::Error::other("no free name"))?;
    fs::rename(path, &free)?;
    private_file::sync_parent(&free)?;
    private_file::sync_parent(path)
}
