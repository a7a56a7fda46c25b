//! The rules in force, and the files they come from.
//!
//! The files are small and read whenever something is decided, so that a change counts at once and nobody has to tell the
//! server. What cannot be read, or has a mistake, changes nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ripcord_people::{
    Policy,
    policy::{Mistake, Mistakes, PolicySource},
};
use serde::{Deserialize, Serialize};

/// Where rules live, below the service's root.
pub(crate) const FOLDER: &str = "policy";
/// How files with rules end.
const ENDING: &str = "cedar";
/// How many files there may be.
const FILES_MAX: usize = 100;
/// The largest file that is read.
const BYTES_MAX: u64 = 1 << 20;

/// Which rules are in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyStanding {
    /// The rules in force.
    pub in_force: PolicySource,
    /// What is wrong with the files as they stand now; as long as there is anything, they are not in force.
    pub mistakes: Vec<Mistake>,
}

type Files = Vec<(String, String)>;

pub(super) struct Rules {
    root: Option<PathBuf>,
    state: Mutex<State>,
}

struct State {
    policy: Arc<Policy>,
    mistakes: Vec<Mistake>,
    /// What was read last, good or not.
    seen: Result<Files, Mistake>,
}

impl Rules {
    /// Of the service at `root`; the built-in ones until somebody looks, and where there is no root.
    pub(super) fn new(root: Option<PathBuf>) -> Self {
        let state =
            State { policy: Arc::new(Policy::built_in()), mistakes: Vec::new(), seen: Ok(Files::new()) };
        Self { root, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn in_force(&self) -> Arc<Policy> {
        Arc::clone(&self.state().policy)
    }

    pub(super) fn standing(&self) -> PolicyStanding {
        let state = self.state();
        PolicyStanding { in_force: state.policy.source().clone(), mistakes: state.mistakes.clone() }
    }

    /// Looks at the files. The rules in force when they are others than before.
    pub(super) fn look(&self) -> Option<PolicySource> {
        let found = files(self.root.as_deref()?);
        let mut state = self.state();
        if state.seen == found {
            return None;
        }
        state.seen = found;
        let read = match &state.seen {
            Ok(files) if files.is_empty() => Ok(Policy::built_in()),
            Ok(files) => Policy::read(files),
            Err(mistake) => Err(Mistakes(vec![mistake.clone()])),
        };
        match read {
            Ok(policy) => {
                let is_other = policy.source() != state.policy.source();
                (state.policy, state.mistakes) = (Arc::new(policy), Vec::new());
                is_other.then(|| state.policy.source().clone())
            }
            Err(Mistakes(mistakes)) => {
                tracing::warn!("the policy is not taken, the one before stays in force: {}", mistakes[0]);
                state.mistakes = mistakes;
                None
            }
        }
    }
}

/// Reads the rules of the service at `root` as a control plane would; which they are, or every mistake.
pub fn check_policy(root: &Path) -> Result<PolicySource, Mistakes> {
    let files = files(root).map_err(|mistake| Mistakes(vec![mistake]))?;
    if files.is_empty() {
        return Ok(Policy::built_in().source().clone());
    }
    Ok(Policy::read(&files)?.source().clone())
}

/// All files with rules, by name. No folder is no file.
fn files(root: &Path) -> Result<Files, Mistake> {
    let unreadable = |file: &str, error: &io::Error| Mistake {
        file: file.to_owned(),
        line: None,
        column: None,
        message: format!("it cannot be read: {error}"),
        help: None,
    };
    let folder = match fs::read_dir(root.join(FOLDER)) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Files::new()),
        Err(error) => return Err(unreadable(FOLDER, &error)),
    };
    let mut paths = Vec::new();
    for entry in folder.take(FILES_MAX) {
        let path = entry.map_err(|error| unreadable(FOLDER, &error))?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            paths.push(path);
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let name = format!("{FOLDER}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        match text(&path) {
            Ok(text) => Ok((name, text)),
            Err(error) => Err(unreadable(&name, &error)),
        }
    };
    paths.into_iter().map(read).collect()
}

fn text(path: &Path) -> io::Result<String> {
    let file = fs::metadata(path)?;
    if !file.is_file() || file.len() > BYTES_MAX {
        return Err(io::Error::other(format!("expected a file of at most {BYTES_MAX} bytes")));
    }
    fs::read_to_string(path)
}
