//! `ripcord plan`: the compiled plan, as people read it or as the blueprint itself.

use ripcord_model::{
    ReleaseName,
    compile::{CompileContext, compile},
};

use super::Ended;
use crate::{
    context::{Context, release_name},
    failure::Exit,
    files, output, record, render,
};

/// Arguments of `ripcord plan`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The release: releases/NAME.yaml
    #[arg(value_parser = release_name)]
    release: ReleaseName,
}

const AFTER_HELP: &str = "\
Compiles and changes nothing. The same files and the same last good version give the same
hash. With --json the blueprint itself is printed, byte for byte what is hashed.

Examples:
  ripcord plan exam-submit-v2
  ripcord plan exam-submit-v2 --json | sha256sum";

/// Compiles and prints.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let root = context.root()?;
    let (plan_source, plan) = files::plan(&root, &arguments.release)?;
    let service_source = files::source(&root, files::SERVICE)?;
    let service = files::service(&root)?;
    let sources = [&service_source, &plan_source];
    let compile_context = CompileContext {
        last_good: record::last_good(&context.state()?, &service.service.value),
        sources: files::digests(&sources),
        ripcord_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let blueprint = compile(&service, &plan, &compile_context)
        .map_err(|found| files::invalid(&found, &sources, &context.look))?;
    if context.json {
        output::raw(blueprint.canonical_json());
    } else {
        output::raw(render::plan::plan(&blueprint, &context.look));
    }
    Ok(Exit::Done)
}
