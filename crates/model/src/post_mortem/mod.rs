//! Post-mortems as pages: the Markdown that is written when an override opens one, and whether somebody has written
//! the rest.
//!
//! Owns: the page and its sections. Refuses to know: files, who may close one.
//!
//! Invariant: a page as it is written first is never finished.

mod finished;
mod page;

pub use finished::{Gap, NotFinished, PAGE_BYTES_MAX, finished};
pub use page::{file, page};

/// The sections that people write, each with what belongs there.
const SECTIONS: [(&str, &str); 4] = [
    (
        "What happened",
        "what went out past this check, and what users, support and operators noticed of it: times and numbers",
    ),
    ("What the check had to say", "whether what it warned of came true, and how you know"),
    (
        "Why it could not pass in time",
        "what was missing, since when that was known, and who could have provided it",
    ),
    ("What will be different", "one line per change: what, who, and by when; or why nothing changes"),
];

/// How a paragraph begins that nobody has written yet.
const PLACEHOLDER: &str = "To be written:";
