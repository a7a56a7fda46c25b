//! Where an adapter works: the directories and names every `connect` function is given.

use std::path::{Path, PathBuf};

use ripcord_model::EnvironmentName;

/// What an adapter knows about its surroundings.
#[derive(Debug, Clone)]
pub struct Context {
    /// The service's root: commands run here, relative paths of the blueprint start here.
    pub root: PathBuf,
    /// Ripcord's state directory, `.ripcord/`. Adapters keep what they must remember in a folder of their own
    /// inside, one per environment.
    pub state: PathBuf,
    /// Which environment this is.
    pub environment: EnvironmentName,
    /// The `ripcord` binary, which is also the edge.
    pub ripcord_program: PathBuf,
}

impl Context {
    /// Where the edge of this environment keeps its split.
    pub fn edge_state(&self) -> PathBuf {
        self.state.join(format!("edge-{}", self.environment))
    }

    /// Where a router that is not ours keeps whose turn it is.
    pub fn router_state(&self) -> PathBuf {
        self.state.join(format!("router-{}", self.environment))
    }

    /// Where the workload of this environment keeps its records and logs.
    pub fn workload_state(&self) -> PathBuf {
        self.state.join(format!("workload-{}", self.environment))
    }

    /// A path of the blueprint, resolved.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }
}
