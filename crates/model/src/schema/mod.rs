//! JSON Schemas of the files people write, so that editors complete and check them.
//!
//! Owns: the written shape of both files. The readers in [`crate::service`] and [`crate::plan`] decide what a value
//! means and say it better than a schema can; a test holds both to the same keys.

mod channels;
mod gate;
mod plan;
mod rehearse;
mod service;
mod signal;
mod text;

#[cfg(test)]
mod tests;

use schemars::{JsonSchema, generate::SchemaSettings};

/// The JSON Schema of `ripcord.yaml`, pretty-printed.
pub fn service_schema() -> String {
    generate::<service::Service>()
}

/// The JSON Schema of `releases/NAME.yaml`, pretty-printed.
pub fn plan_schema() -> String {
    generate::<plan::Release>()
}

fn generate<T: JsonSchema>() -> String {
    let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>();
    serde_json::to_string_pretty(&schema).expect("a schema is plain data and always serialises") + "\n"
}
