//! `ripcord people list`.

use crate::{commands::Ended, context::Context, desk, host::Desk};

/// Shows who is set up.
pub fn run(context: &Context) -> Ended {
    desk::runtime()?.block_on(async {
        let desk = Desk::open(context).await?;
        let everybody = desk.client.people().await;
        desk.close().await;
        Ok(super::show(context, "", &everybody.map_err(|error| desk::failure(context, error))?))
    })
}
