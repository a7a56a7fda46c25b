//! What surrounds every page: who looks, where they are, when it was true.

use ripcord_model::Timestamp;

use crate::{assets, words};

/// Who looks at a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Under which name they act.
    pub name: String,
    /// What every form of theirs carries.
    pub form_key: String,
    /// Whether they signed in by a form and may sign out.
    pub signed_in: bool,
}

/// A place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// All releases.
    Now,
    /// The record.
    Ledger,
    /// Anywhere else.
    Elsewhere,
}

/// What surrounds a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chrome {
    /// The title, the answer first.
    pub title: String,
    /// Where it is in the navigation.
    pub here: Here,
    /// Who looks; nobody at the door.
    pub visitor: Option<Visitor>,
    /// When it was true.
    pub now: Timestamp,
    /// Where news about it are streamed.
    pub watch: Option<String>,
    /// How often it is looked at again without a stream or without scripts, in seconds; 0 for never, as for pages with
    /// a form.
    pub every_secs: u32,
}

impl Chrome {
    /// A page that stays as it is.
    pub fn still(title: impl Into<String>, here: Here, visitor: Option<Visitor>, now: Timestamp) -> Self {
        Self { title: title.into(), here, visitor, now, watch: None, every_secs: 0 }
    }

    /// The same, kept up to date by looking again.
    #[must_use]
    pub fn again_every(mut self, secs: u32) -> Self {
        self.every_secs = secs;
        self
    }

    /// The same, kept up to date by a stream at `address`.
    #[must_use]
    pub fn watching(mut self, address: String) -> Self {
        self.watch = Some(address);
        self
    }

    /// The address of the style sheet.
    pub fn style(&self) -> String {
        assets::style_sheet().path()
    }

    /// The address of the module.
    pub fn live(&self) -> String {
        assets::live().path()
    }

    /// The address of the icon.
    pub fn icon(&self) -> String {
        assets::icon().path()
    }

    /// When it was true, with the zone.
    pub fn absolute(&self) -> String {
        words::absolute(self.now)
    }

    fn is(&self, here: &Here) -> bool {
        self.here == *here
    }

    /// What every form carries; empty at the door.
    pub fn form_key(&self) -> &str {
        self.visitor.as_ref().map_or("", |visitor| &visitor.form_key)
    }

    /// Whether this is the page of all releases.
    pub fn at_now(&self) -> bool {
        self.is(&Here::Now)
    }

    /// Whether this is the record.
    pub fn at_ledger(&self) -> bool {
        self.is(&Here::Ledger)
    }
}
