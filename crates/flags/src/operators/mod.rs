//! The operators flagd adds to JsonLogic, and one engine per version of `fractional`.
//!
//! Owns: `fractional`, `sem_ver`, `starts_with`, `ends_with`. Bad operands make `null`, which ends in the default
//! variant: an error must never become the answer `false`.

mod affix;
mod fractional;
mod sem_ver;

use std::sync::LazyLock;

use datalogic_rs::{DivisionByZeroHandling, Engine, EvaluationConfig, NanHandling};

use crate::FractionalVersion;

pub(crate) use sem_ver::{COMPARISONS, version as semantic_version};

/// The operators of this module.
pub(crate) const OWN: [&str; 4] = ["fractional", "sem_ver", "starts_with", "ends_with"];

static ENGINES: LazyLock<[Engine; 3]> =
    LazyLock::new(|| [FractionalVersion::V1, FractionalVersion::V2, FractionalVersion::V3].map(build));

/// The engine whose `fractional` is of this version.
pub(crate) fn engine(version: FractionalVersion) -> &'static Engine {
    let [v1, v2, v3] = &*ENGINES;
    match version {
        FractionalVersion::V1 => v1,
        FractionalVersion::V2 => v2,
        FractionalVersion::V3 => v3,
    }
}

/// Whether a rule may use this operator.
pub(crate) fn is_operator(name: &str) -> bool {
    OWN.contains(&name) || engine(FractionalVersion::V3).builtin_operator_names().any(|known| known == name)
}

fn build(version: FractionalVersion) -> Engine {
    // As JsonLogic's reference: comparing a list with a number is false, not an error.
    let config = EvaluationConfig::default()
        .with_loose_equality_errors(false)
        .with_arithmetic_nan_handling(NanHandling::ReturnNull)
        .with_division_by_zero(DivisionByZeroHandling::ReturnNull);
    Engine::builder()
        .with_config(config)
        .add_operator("fractional", fractional::Fractional(version))
        .add_operator("sem_ver", sem_ver::SemVer)
        .add_operator("starts_with", affix::Affix::Start)
        .add_operator("ends_with", affix::Affix::End)
        .build()
}
