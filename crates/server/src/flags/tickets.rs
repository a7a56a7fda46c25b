//! Tickets: what an event stream's URL carries instead of a key. Each stands for one client, cannot be guessed, and lets
//! in to nothing but that stream.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::keys::hex;

/// Makes tickets that outlive no restart: a client whose ticket is unknown asks for its flags and gets another.
pub(crate) struct Tickets {
    secret: Option<[u8; 32]>,
}

impl Tickets {
    /// With a new secret. Without random bytes no ticket is ever accepted.
    pub(crate) fn new() -> Self {
        let mut secret = [0; 32];
        match getrandom::fill(&mut secret) {
            Ok(()) => Self { secret: Some(secret) },
            Err(error) => {
                tracing::error!("the system gives no random bytes, so event streams need a key: {error}");
                Self { secret: None }
            }
        }
    }

    /// The ticket of a client, the same every time, so that answers stay the same.
    pub(crate) fn issue(&self, client: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.secret.unwrap_or_default());
        hash.update(client.as_bytes());
        let name: String = hex(client.as_bytes());
        format!("{}.{name}", hex(&hash.finalize()[..16]))
    }

    /// Whose ticket it is.
    pub(crate) fn read(&self, ticket: &str) -> Option<String> {
        self.secret?;
        let (_, name) = ticket.split_once('.')?;
        let client = unhex(name)?;
        bool::from(self.issue(&client).as_bytes().ct_eq(ticket.as_bytes())).then_some(client)
    }
}

fn unhex(text: &str) -> Option<String> {
    let digits: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    String::from_utf8(digits?).ok()
}

#[cfg(test)]
mod tests {
    use super::Tickets;

    #[test]
    fn a_ticket_stands_for_one_client_and_cannot_be_made() {
        let (ours, others) = (Tickets::new(), Tickets::new());
        let ticket = ours.issue("web user 01");
        assert_eq!(ours.read(&ticket).as_deref(), Some("web user 01"));
        assert_eq!(others.read(&ticket), None);
        let (mac, _) = ticket.split_once('.').unwrap();
        for forged in ["", ".", "x", mac, &format!("{mac}.00"), &format!("{mac}.zz"), &ticket[1..]] {
            assert_eq!(ours.read(forged), None, "{forged}");
        }
    }
}
