//! The same for both arms.

use ripcord_engine::Arms;

/// `map` for both arms.
pub(super) trait MapArms<T> {
    /// Applies `f` to each side.
    fn map<U>(self, f: impl FnMut(T) -> U) -> Arms<U>;
}

impl<T> MapArms<T> for Arms<T> {
    fn map<U>(self, mut f: impl FnMut(T) -> U) -> Arms<U> {
        Arms { canary: f(self.canary), control: f(self.control) }
    }
}
