//! What the record in the state directory says about rehearsals of a compiled plan: its reversibility matrix, and its
//! confirmed time.

use ripcord_model::blueprint::{Blueprint, Matrix, Rehearsed};
use ripcord_server::{
    matrix::matrix,
    plans::FilePlans,
    rehearsal::{ConfirmedTime, confirmed_time},
};

use crate::{context::Context, failure::CommandError, record, surroundings};

/// The matrix now. A record that cannot be read leaves open what was rehearsed; the plan is shown all the same.
pub fn of(context: &Context, blueprint: &Blueprint) -> Result<Matrix, CommandError> {
    let plans = FilePlans::new(context.root()?);
    Ok(match record::replayed(&context.state()?) {
        Ok(record) => matrix(blueprint, record.as_ref(), &plans, surroundings::now()),
        Err(_unreadable) => Matrix::compile(blueprint, |_| Rehearsed::Unknown),
    })
}

/// The confirmed time of the way back as it stands now; nothing where the record cannot be read.
pub fn confirmed(context: &Context, blueprint: &Blueprint) -> Result<Option<ConfirmedTime>, CommandError> {
    let plans = FilePlans::new(context.root()?);
    let Ok(record) = record::replayed(&context.state()?) else { return Ok(None) };
    Ok(Some(confirmed_time(blueprint, record.as_ref(), &plans, surroundings::now())))
}
