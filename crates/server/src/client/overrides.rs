//! Overrides, exceptions from freezes, and post-mortems.

use ripcord_model::{
    PostMortemId, ReleaseName,
    paper::{NewFreezeException, NewOverride, Noted},
};

use super::{Client, ClientError};
use crate::{PostMortemState, WrittenPostMortem};

impl Client {
    /// Accepts a check that does not pass; answers with the post-mortem that was opened.
    pub async fn override_check(
        &self,
        name: &ReleaseName,
        new: &NewOverride,
    ) -> Result<PostMortemState, ClientError> {
        self.post(&format!("/v1/releases/{name}/overrides"), new).await
    }

    /// Lets a hotfix move during a freeze; answers with all papers of the release.
    pub async fn except_freeze(
        &self,
        name: &ReleaseName,
        new: &NewFreezeException,
    ) -> Result<Vec<Noted>, ClientError> {
        self.post(&format!("/v1/releases/{name}/freeze-exceptions"), new).await
    }

    /// All post-mortems, oldest first.
    pub async fn post_mortems(&self) -> Result<Vec<PostMortemState>, ClientError> {
        self.get("/v1/postmortems").await
    }

    /// One post-mortem.
    pub async fn post_mortem(&self, id: &PostMortemId) -> Result<PostMortemState, ClientError> {
        self.get(&format!("/v1/postmortems/{id}")).await
    }

    /// Closes a post-mortem with what was written.
    pub async fn close_post_mortem(
        &self,
        id: &PostMortemId,
        written: &WrittenPostMortem,
    ) -> Result<PostMortemState, ClientError> {
        self.post(&format!("/v1/postmortems/{id}/close"), written).await
    }
}
