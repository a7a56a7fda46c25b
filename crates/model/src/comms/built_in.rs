//! The texts that are used when nobody has written one.

use super::{Audience, MessageStatus};

/// Title and text for an audience. The ones for people outside name no version, no reason and nobody.
pub const fn built_in(audience: Audience, status: MessageStatus) -> (&'static str, &'static str) {
    match (audience, status) {
        (Audience::Internal, MessageStatus::Update) => (
            "{{release}}: {{state}}",
            "{{release}} of {{service}}: {{state}}. Decided at {{decided_at}}: {{reason}}. Next word by {{next_update}}.",
        ),
        (Audience::Internal, MessageStatus::Resolved) => (
            "{{release}}: all clear",
            "All clear for {{service}}: {{outcome}}. Decided at {{decided_at}}, over at {{now}}. It was: {{reason}}.",
        ),
        (
            Audience::Internal,
            MessageStatus::Investigating | MessageStatus::Identified | MessageStatus::Monitoring,
        ) => (
            "{{release}}: {{state}}",
            "{{release}} of {{service}}: {{state}}, decided at {{decided_at}}. Why: {{reason}}. The way back took \
             {{confirmed_time}} in rehearsal. Owner {{owner}}, on call {{on_call}}. Next word by {{next_update}}.",
        ),
        (Audience::Outside, MessageStatus::Investigating) => (
            "Trouble with {{service}}",
            "We are looking into trouble with {{service}}. Next update by {{next_update}}.",
        ),
        (Audience::Outside, MessageStatus::Identified) => (
            "Trouble with {{service}}",
            "We know what causes the trouble with {{service}} and are undoing a change. Next update by {{next_update}}.",
        ),
        (Audience::Outside, MessageStatus::Monitoring) => (
            "Trouble with {{service}}",
            "The change that caused the trouble with {{service}} is undone. We keep watching. Next update by \
             {{next_update}}.",
        ),
        (Audience::Outside, MessageStatus::Update) => (
            "Trouble with {{service}}",
            "We are still working on {{service}}. Next update by {{next_update}}.",
        ),
        (Audience::Outside, MessageStatus::Resolved) => {
            ("Trouble with {{service}}", "{{service}} works as it did before. This is over.")
        }
    }
}
