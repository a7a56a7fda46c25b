//! One request's way through: prepared, sent, sent again where that is safe, answered.
//!
//! Refuses to know: how shares are drawn, how connections are kept, where a split comes from.

mod answer;
mod attempt;
mod forward;
mod headers;
mod refuse;
mod tunnel;
mod upload;

pub(crate) use answer::AnswerBody;
pub(crate) use forward::{Proxy, Refusals};
pub(crate) use refuse::Refused;
pub(crate) use upload::UploadBody;
