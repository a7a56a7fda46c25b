//! The pages, one file each; its template has the same name.

mod act;
mod chrome;
mod gate;
mod ledger;
mod login;
mod now;
mod problem;
mod runbook;
pub mod storyboard;

pub use act::{Act, ActPage, Offer, Refusal, Typed, UnknownAct, offers};
pub use chrome::{Chrome, Here, Visitor};
pub use gate::GatePage;
pub use ledger::{EntryPage, LedgerPage, Line, Query};
pub use login::LoginPage;
pub use now::NowPage;
pub use problem::ProblemPage;
pub use runbook::{RunbookPage, RunbookText};
pub use storyboard::StoryboardPage;
