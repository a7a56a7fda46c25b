//! `ripcord evidence`: one test of evidence, fed block by block from standard input.

mod header;
mod judge;
mod line;
mod lines;

use std::path::PathBuf;

use self::{header::Header, judge::Judge, lines::Lines};
pub use self::{
    header::TestName,
    judge::{Answer, Arm, Setting},
};
use super::Ended;
use crate::{
    context::Context,
    failure::{CommandError, Exit},
    output, render, surroundings,
};

/// Arguments of `ripcord evidence`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Header and blocks, one JSON object per line [default: standard input]
    file: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
The first line says which test, every later one is a block; each block is answered at once.
Only `test` is needed in the first line; these are the defaults:
  {\"test\":\"rate_ratio\",\"margin\":0,\"psi\":null,\"start\":\"plain\",\"alpha\":0.001}
  {\"test\":\"poisson\"}      the same over an exposure: user-hours, sessions
  {\"test\":\"absolute\",\"limit\":0.01}
  {\"test\":\"two_sample\",\"prior\":0.18,\"direction\":\"worse\"}      or \"both\"
  {\"test\":\"sign_flip\",\"lambda\":0.5}
psi null: the product's own bets; a list: these, equally weighted. start \"weighted\": the
product's own over \"blocks\" (240). \"contain\":0.05 adds a lower bar, \"dispersion\":2 divides
the evidence. Blocks: {\"seq\":1,\"canary\":{\"n\":200,\"bad\":1},\"control\":{\"n\":1800,\"bad\":9}},
for sign_flip {\"seq\":1,\"d\":0.5}.

Verdicts: rollback (from the first block on at which ln e reaches ln 1/alpha), contain,
blind (an arm without events), advance (evidence of safety at 1 in 20), hold.
A line that cannot be used is named, counts for nothing, and makes the exit status 1.

Examples:
  ripcord evidence < blocks.jsonl
  ripcord evidence --json < blocks.jsonl | jq -c '[.seq, .log_e, .verdict]'";

/// Reads, judges and answers, line by line.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let mut lines = match &arguments.file {
        Some(path) => {
            let unreadable = |error| {
                let message = format!("{} cannot be read", path.display());
                CommandError::refused("unreadable-file", message).because(error)
            };
            Lines::new(Box::new(std::io::BufReader::new(std::fs::File::open(path).map_err(unreadable)?)))
        }
        None => Lines::new(Box::new(surroundings::standard_input())),
    };
    let header = match lines.next() {
        Some(line) => Header::read(&line?)?,
        None => return Err(header::missing()),
    };
    let mut judge = Judge::new(&header)?;
    if !context.json {
        output::raw(render::evidence::heading(&judge.setting(), &context.look));
    }
    let (mut last, mut unusable) = (None, 0_u64);
    for line in lines {
        match line.and_then(|line| line::read(&line, header.test).and_then(|block| judge.take(&line, block)))
        {
            Ok(answer) => {
                say(context, &judge, &answer);
                last = Some(answer);
            }
            Err(error) => {
                unusable += 1;
                context.fail(&error);
            }
        }
    }
    if !context.json {
        output::raw(render::evidence::words(&judge.setting(), last.as_ref(), unusable, &context.look));
    }
    Ok(if unusable == 0 { Exit::Done } else { Exit::Refused })
}

fn say(context: &Context, judge: &Judge, answer: &Answer) {
    if context.json {
        let json = serde_json::to_string(answer).expect("an answer is plain data");
        output::raw(format!("{json}\n"));
    } else {
        output::raw(render::evidence::row(&judge.setting(), answer, &context.look));
    }
}
