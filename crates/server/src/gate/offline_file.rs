//! The way back lies ready as a file, so that it can be executed without server and store.

use async_trait::async_trait;

use super::{Answer, Check, Inquiry, Reason};
use crate::blueprint_file::{self, FileError};

pub(super) struct OfflineFile;

#[derive(Debug, thiserror::Error)]
enum Missing {
    #[error("the file for the offline way back cannot be used: {0}")]
    Unusable(FileError),
    #[error("the file for the offline way back is of blueprint {found}, not of this one")]
    Other { found: String },
    #[error("the directory for the offline way back cannot be written: {0}")]
    NoDirectory(FileError),
}

impl Reason for Missing {
    fn fix(&self) -> String {
        match self {
            Self::Unusable(_) | Self::Other { .. } => {
                "start the server again: it writes the file from the record".to_owned()
            }
            Self::NoDirectory(_) => "make the state directory writable for the server".to_owned(),
        }
    }
}

#[async_trait]
impl Check for OfflineFile {
    fn name(&self) -> &'static str {
        "offline-way-back"
    }

    fn never_overridden(&self) -> Option<&'static str> {
        Some("the way back has to work when the server does not")
    }

    async fn ask(&self, inquiry: &Inquiry) -> Answer {
        let blueprint = &inquiry.question.blueprint;
        if !inquiry.question.recorded {
            return match blueprint_file::prepare_directory(&inquiry.state) {
                Ok(_) => Answer::pass("the file is written when the release is created"),
                Err(error) => Answer::fail(Missing::NoDirectory(error)),
            };
        }
        match blueprint_file::read(&inquiry.state, &blueprint.release) {
            Err(error) => Answer::fail(Missing::Unusable(error)),
            Ok(found) if found.hash() != blueprint.hash() => {
                Answer::fail(Missing::Other { found: found.hash().short().to_owned() })
            }
            Ok(_) => {
                let path = blueprint_file::path(&inquiry.state, &blueprint.release);
                Answer::pass(format!("{} is in place and matches its hash", path.display()))
            }
        }
    }
}
