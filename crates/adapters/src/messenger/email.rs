//! E-mail by SMTP, in plain text.
//!
//! The message's id follows from the letter's, so a mail that is sent twice is one mail to most readers; all mails of an
//! incident refer to the first, so they are one thread. The server decides whether it is delivered: any answer that is
//! no `2xx` after the text is a failure, `4xx` one that may pass.

use std::time::Duration;

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::authentication::Credentials,
};
use ripcord_comms::Letter;
use ripcord_model::{blueprint::EmailChannel, comms::MessageStatus};

use super::{Again, Delivered, Messenger, Undelivered, secret::Secret};

/// How long one command of the server may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Characters of a subject that mail readers show.
const SUBJECT_MAX: usize = 200;

/// A mail server and who reads.
pub(super) struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
    shown: String,
}

impl Email {
    /// Of a channel. Nothing is connected yet.
    pub(super) fn open(channel: &EmailChannel) -> Result<Self, Undelivered> {
        let unusable = |what: &str| Undelivered::for_ever(format!("{what} is not usable"));
        let mailbox =
            |address: &String| address.parse::<Mailbox>().map_err(|_| unusable("an e-mail address"));
        // Somebody else may have installed a provider before; either one will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = match channel.server.strip_prefix("smtp+starttls://") {
            Some(rest) => format!("smtp://{rest}?tls=required"),
            None => channel.server.clone(),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url);
        let mut builder = builder.map_err(|_| unusable("the mail server's address"))?.timeout(Some(TIMEOUT));
        if let (Some(user), Some(password)) = (&channel.user, &channel.password) {
            let password = Secret::resolve(password)?;
            builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
        }
        Ok(Self {
            transport: builder.build(),
            from: mailbox(&channel.from)?,
            to: channel.to.iter().map(mailbox).collect::<Result<_, _>>()?,
            shown: channel.server.clone(),
        })
    }

    fn message(&self, letter: &Letter) -> Result<Message, Undelivered> {
        let domain = self.from.email.domain();
        let name = |text: &str| {
            text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect::<String>()
        };
        let first = format!("<{}@{domain}>", name(&letter.incident));
        let (subject, _) = ripcord_comms::cut(&one_line(&letter.title), SUBJECT_MAX, "…");
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(subject)
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .in_reply_to(first.clone())
            .references(first)
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            message = message.to(to.clone());
        }
        let text = match letter.status {
            MessageStatus::Resolved => letter.text.clone(),
            MessageStatus::Investigating
            | MessageStatus::Identified
            | MessageStatus::Monitoring
            | MessageStatus::Update => {
                format!("{}\n\n--\n{} · {}", letter.text, letter.release, letter.status)
            }
        };
        message
            .body(text)
            .map_err(|error| Undelivered::for_ever(format!("the mail cannot be written: {error}")))
    }
}

#[async_trait]
impl Messenger for Email {
    async fn deliver(&self, letter: &Letter) -> Result<Delivered, Undelivered> {
        let message = self.message(letter)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(Delivered { cut: false }),
            Err(error) => {
                let reason = format!("{} {}", self.shown, problem(&error));
                let again = if error.is_permanent() { Again::Never } else { Again::Later };
                Err(Undelivered { reason, again })
            }
        }
    }
}

/// What went wrong. What the server said is not repeated when it refused who we are: it may repeat it, too.
fn problem(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) if code.to_string().starts_with("53") => format!("refused who we are ({code})"),
        Some(code) => format!("answered {code}"),
        None if error.is_timeout() => "did not answer in time".to_owned(),
        None => "cannot be reached, or broke the connection".to_owned(),
    }
}

/// A subject is one line, whatever the values in it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
