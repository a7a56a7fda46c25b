//! The reversibility matrix of a compiled plan, with what the record in the state directory says about rehearsals.

use ripcord_model::blueprint::{Blueprint, Matrix, Rehearsed};
use ripcord_server::{matrix::matrix, plans::FilePlans};

use crate::{context::Context, failure::CommandError, record, surroundings};

/// The matrix now. A record that cannot be read leaves open what was rehearsed; the plan is shown all the same.
pub fn of(context: &Context, blueprint: &Blueprint) -> Result<Matrix, CommandError> {
    let plans = FilePlans::new(context.root()?);
    Ok(match record::replayed(&context.state()?) {
        Ok(record) => matrix(blueprint, record.as_ref(), &plans, surroundings::now()),
        Err(_unreadable) => Matrix::compile(blueprint, |_| Rehearsed::Unknown),
    })
}
