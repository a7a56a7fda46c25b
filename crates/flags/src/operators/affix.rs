//! `starts_with` and `ends_with`: two texts.

use bumpalo::Bump;
use datalogic_rs::{CustomOperator, DataValue, Result, operator::EvalContext};

/// Which end of a text is looked at.
pub(super) enum Affix {
    Start,
    End,
}

impl CustomOperator for Affix {
    fn evaluate<'a>(
        &self,
        args: &[&'a DataValue<'a>],
        _context: &mut EvalContext<'_, 'a>,
        arena: &'a Bump,
    ) -> Result<&'a DataValue<'a>> {
        let answer = match args {
            [DataValue::String(text), DataValue::String(affix)] => DataValue::Bool(match self {
                Self::Start => text.starts_with(affix),
                Self::End => text.ends_with(affix),
            }),
            _ => DataValue::Null,
        };
        Ok(arena.alloc(answer))
    }
}
