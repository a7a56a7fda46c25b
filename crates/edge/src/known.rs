//! The versions and instances the edge remembers from one split to the next, so that numbers and connections go on.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use ripcord_model::VersionName;

use crate::{clock::Clock, routing::Backend, split::Split, upstream::Upstream, version::Version};

/// How many withdrawn versions keep their numbers for `/metrics`.
const MAX_WITHDRAWN_VERSIONS: usize = 32;

/// Everything that versions and instances have in common over the life of the process.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) versions: BTreeMap<VersionName, Arc<Version>>,
    pub(crate) upstreams: BTreeMap<(VersionName, SocketAddr), Arc<Upstream>>,
}

impl Known {
    /// The version with its instances, kept from before where possible, so that numbers and connections go on.
    pub(crate) fn backend(
        &mut self,
        name: &VersionName,
        split: &Split,
        clock: Clock,
        workers: usize,
    ) -> Backend {
        let version = self
            .versions
            .entry(name.clone())
            .or_insert_with(|| Arc::new(Version::new(name.clone(), clock)))
            .clone();
        let instances = split.instances.iter().filter(|instance| instance.version == *name);
        let instances = instances
            .map(|instance| {
                let new = || Arc::new(Upstream::new(name.clone(), instance.address, workers));
                let upstream = self.upstreams.entry((name.clone(), instance.address)).or_insert_with(new);
                upstream.revive();
                Arc::clone(upstream)
            })
            .collect();
        Backend { version, instances }
    }

    /// A limit on everything: the edge may live for years and see many versions.
    pub(crate) fn forget_old_versions(&mut self) {
        let Self { versions, upstreams } = self;
        let gone = |version: &Version| {
            version.open_requests() == 0 && !upstreams.keys().any(|(name, _)| *name == version.name)
        };
        let mut old: Vec<_> = versions.values().filter(|version| gone(version)).cloned().collect();
        old.sort_by_key(|version| version.last_answer_ms());
        let surplus = old.len().saturating_sub(MAX_WITHDRAWN_VERSIONS);
        for version in old.drain(..surplus) {
            versions.remove(&version.name);
        }
    }
}
