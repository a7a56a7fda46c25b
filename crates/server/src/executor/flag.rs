//! The flag has this state.

use ripcord_engine::ReadBack;
use ripcord_model::blueprint::Environment;

use super::trouble::Trouble;
use crate::systems::Connections;

/// Sets `flag` and believes only what is read back.
pub(crate) async fn perform(
    connections: &Connections,
    environment: &Environment,
    flag: &str,
    on: bool,
) -> Result<ReadBack, Trouble> {
    let flags = connections.flags(environment).ok_or_else(|| {
        Trouble::Permanent(format!(
            "nothing switches flags in {}: add `flags` with `set` and `get` to the environment, or switch `{flag}` {} by \
             hand",
            environment.name,
            word(on)
        ))
    })?;
    let in_force = flags.set(flag, on).await?;
    if in_force == on {
        Ok(ReadBack::Flag { on })
    } else {
        Err(Trouble::Transient(format!(
            "flag `{flag}` is still {} after it was switched {}",
            word(in_force),
            word(on)
        )))
    }
}

const fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
