//! People, tokens and the policy.

use http::{Method, header};
use ripcord_model::Person;
use ripcord_people::TokenId;
use serde::de::DeserializeOwned;

use super::{error::ClientError, routes::Client};
use crate::{
    PolicyStanding,
    api::{ChangedPerson, MadeToken, NewPerson, NewToken, SomeBody, TokenShown, WhoAnswer, WhoQuestion},
};

impl Client {
    /// With a token, also by the unix socket: then not its owner acts but the token's user.
    pub fn with_token(mut self, token: &str) -> Result<Self, ClientError> {
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ClientError::BadToken);
        }
        self.token = Some(token.to_owned());
        Ok(self)
    }

    /// Tries roles and scopes, separated by commas. Only a server in demo mode lets one.
    #[must_use]
    pub fn trying(mut self, roles: impl Into<String>) -> Self {
        self.roles = Some(roles.into());
        self
    }

    /// Everybody who is set up.
    pub async fn people(&self) -> Result<Vec<SomeBody>, ClientError> {
        self.get("/v1/people").await
    }

    /// Sets somebody up.
    pub async fn add_person(&self, new: &NewPerson) -> Result<Vec<SomeBody>, ClientError> {
        self.post("/v1/people", new).await
    }

    /// Changes what somebody is trusted with.
    pub async fn change_person(
        &self,
        name: &Person,
        changed: &ChangedPerson,
    ) -> Result<Vec<SomeBody>, ClientError> {
        self.post(&format!("/v1/people/{name}"), changed).await
    }

    /// Lets somebody go.
    pub async fn remove_person(&self, name: &Person) -> Result<Vec<SomeBody>, ClientError> {
        self.delete(&format!("/v1/people/{name}")).await
    }

    /// All tokens.
    pub async fn tokens(&self) -> Result<Vec<TokenShown>, ClientError> {
        self.get("/v1/tokens").await
    }

    /// Makes a token.
    pub async fn create_token(&self, new: &NewToken) -> Result<MadeToken, ClientError> {
        self.post("/v1/tokens", new).await
    }

    /// Takes a token back.
    pub async fn revoke_token(&self, id: &TokenId) -> Result<Vec<TokenShown>, ClientError> {
        self.delete(&format!("/v1/tokens/{id}")).await
    }

    /// Which rules are in force.
    pub async fn policy(&self) -> Result<PolicyStanding, ClientError> {
        self.get("/v1/policy").await
    }

    /// Who could do something.
    pub async fn who(&self, question: &WhoQuestion) -> Result<WhoAnswer, ClientError> {
        self.post("/v1/policy/who", question).await
    }

    async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let request = self.request(Method::DELETE, path).header(header::CONTENT_LENGTH, 0);
        self.asked(request, bytes::Bytes::new()).await
    }
}
