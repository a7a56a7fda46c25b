//! Changes of flags: recorded first, then in force.

use ripcord_flags::{Book, Edit};
use ripcord_model::{Actor, EnvironmentName};
use ripcord_store::Store;

use super::core::Core;
use crate::{Failure, flags::FlagsView};

impl<S: Store> Core<S> {
    pub(crate) fn change_flags(
        &mut self,
        environment: &EnvironmentName,
        edit: &Edit,
        why: Option<String>,
        by: Actor,
    ) -> Result<FlagsView, Failure> {
        let book = self.conductor.change_flags(environment, edit, why, by, self.clock.now())?;
        let is_news =
            self.flags.get(environment).is_none_or(|served| served.now().revision != book.revision());
        if is_news {
            self.flags.publish(environment, book);
        }
        let served = self.flags.get(environment);
        Ok(served.map_or_else(FlagsView::none, |served| served.now().view.clone()))
    }

    /// Puts in force what the record says, at the start.
    pub(crate) fn publish_flags(&self) {
        let production: EnvironmentName = "production".parse().expect("it is a name");
        self.flags.publish(&production, &Book::new(production.clone()));
        for (environment, book) in self.conductor.flags() {
            self.flags.publish(environment, book);
        }
    }
}
