//! JSON by POST, for whatever receives it:
//!
//! ```json
//! {"id":"4f2a…","incident":"ripcord/exams/exam-submit-v2/1763733622000","release":"exam-submit-v2","service":"exams",
//!  "audience":"internal","status":"identified","title":"…","text":"…","next_update":"2026-11-21T14:32:10Z","format":1}
//! ```
//!
//! With a secret, the header `ripcord-signature: t=SECONDS,v1=HEX` holds HMAC-SHA256 over `SECONDS.BODY`, where SECONDS is
//! the time of sending since 1970. A receiver computes it again over the bytes it got, compares in constant time, and
//! refuses what is older than five minutes. Any 2xx counts as delivered, unless the body is JSON with `ok: false` or an
//! `error`.

use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use hmac_sha256::HMAC;
use reqwest::Method;
use ripcord_comms::Letter;
use serde_json::{Value, json};

use super::{Delivered, Messenger, Undelivered, call::Caller, secret::Secret};

/// The header with the signature.
pub const SIGNATURE: &str = "ripcord-signature";
/// The format number of the message.
const FORMAT: u32 = 1;

/// A receiver of JSON.
pub(super) struct Webhook {
    caller: Caller,
    secret: Option<Secret>,
}

impl Webhook {
    /// Of a URL, with or without something to sign with.
    pub(super) fn open(url: &str, secret: Option<&str>) -> Result<Self, Undelivered> {
        let secret = secret.map(Secret::resolve).transpose()?;
        let keys: Vec<&Secret> = secret.iter().collect();
        Ok(Self { caller: Caller::open(url, &keys)?, secret })
    }
}

#[async_trait]
impl Messenger for Webhook {
    async fn deliver(&self, letter: &Letter) -> Result<Delivered, Undelivered> {
        let mut message = serde_json::to_value(letter).expect("a letter is plain data and always serialises");
        message["format"] = json!(FORMAT);
        let body = message.to_string();
        let mut request = self.caller.request(Method::POST, None);
        request = request.header("content-type", "application/json").header("idempotency-key", &letter.id);
        if let Some(secret) = &self.secret {
            request =
                request.header(SIGNATURE, sign(secret.reveal().as_bytes(), now_seconds(), body.as_bytes()));
        }
        let answer = self.caller.ask(request.body(body)).await?;
        if !answer.is_success() {
            return Err(self.caller.refused(&answer));
        }
        let said = answer.json();
        if said["ok"] == Value::Bool(false) || said.get("error").is_some_and(|error| !error.is_null()) {
            return Err(self.caller.says_no(&answer, true));
        }
        Ok(Delivered { cut: false })
    }
}

/// The value of the header [`SIGNATURE`].
pub fn sign(secret: &[u8], seconds: u64, body: &[u8]) -> String {
    let mut mac = HMAC::new(secret);
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    let hex: String = mac.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

/// A signature says when it was made, to a receiver with a clock of its own.
fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `printf '1763733622.{"a":1}' | openssl dgst -sha256 -hmac hunter2`.
    #[test]
    fn the_signature_is_what_another_tool_computes() {
        assert_eq!(sign(b"hunter2", 1_763_733_622, b"{\"a\":1}"), format!("t=1763733622,v1={EXPECTED}"));
    }

    const EXPECTED: &str = "5cda038dc057c002a464c9548b546fd9396108de18c05ad18fc885c2490474b2";
}
