//! The commands, one file each. A command reads its arguments, asks the model or a server, and answers.

pub mod acknowledge;
pub mod announce;
pub mod approve;
pub mod audit;
pub mod backtest;
pub mod cancel;
pub mod complete;
pub mod completions;
pub mod contain;
pub mod demo;
pub mod demo_service;
pub mod edge;
pub mod evidence;
pub mod explain;
pub mod flag;
pub mod freeze;
pub mod gate;
pub mod hold;
pub mod init;
pub mod lint;
pub mod man;
pub mod messages;
pub mod metrics;
pub mod r#override;
pub mod people;
pub mod plan;
pub mod policy;
pub mod postmortem;
pub mod promote;
pub mod prove;
pub mod record;
pub mod rehearse;
pub mod report;
pub mod rollback;
pub mod runbook;
pub mod serve;
pub mod ship;
pub mod status;
pub mod token;
pub mod watch;

use std::process::ExitCode;

use crate::{
    arguments::{Arguments, Command},
    context::Context,
    failure::{CommandError, Exit},
};

/// How a command ends.
pub type Ended = Result<Exit, CommandError>;

/// Runs the command that was asked for.
pub fn run(arguments: Arguments) -> ExitCode {
    let context = Context::new(arguments.global);
    let ended = match arguments.command {
        Command::Init(arguments) => init::run(&context, arguments),
        Command::Lint(arguments) => lint::run(&context, arguments),
        Command::Plan(arguments) => plan::run(&context, arguments),
        Command::Gate(arguments) => gate::run(&context, arguments),
        Command::Rehearse(arguments) => rehearse::run(&context, arguments),
        Command::Ship(arguments) => ship::run(&context, arguments),
        Command::Status(arguments) => status::run(&context, arguments),
        Command::Watch(arguments) => watch::run(&context, arguments),
        Command::Promote(arguments) => promote::run(&context, arguments),
        Command::Hold(arguments) => hold::run(&context, arguments),
        Command::Contain(arguments) => contain::run(&context, arguments),
        Command::Runbook(arguments) => runbook::run(&context, arguments),
        Command::Rollback(arguments) => rollback::run(&context, arguments),
        Command::Complete(arguments) => complete::run(&context, arguments),
        Command::Acknowledge(arguments) => acknowledge::run(&context, arguments),
        Command::Announce(arguments) => announce::run(&context, arguments),
        Command::Messages(arguments) => messages::run(&context, arguments),
        Command::Record(arguments) => record::run(&context, arguments),
        Command::Approve(arguments) => approve::run(&context, arguments),
        Command::Override(arguments) => r#override::run(&context, arguments),
        Command::Postmortem(arguments) => postmortem::run(&context, arguments),
        Command::Flag(arguments) => flag::run(&context, arguments),
        Command::Freeze(arguments) => freeze::run(&context, arguments),
        Command::Cancel(arguments) => cancel::run(&context, arguments),
        Command::People(arguments) => people::run(&context, arguments),
        Command::Token(arguments) => token::run(&context, arguments),
        Command::Policy(arguments) => policy::run(&context, arguments),
        Command::Audit(arguments) => audit::run(&context, arguments),
        Command::Report(arguments) => report::run(&context, arguments),
        Command::Metrics(arguments) => metrics::run(&context, arguments),
        Command::Prove(arguments) => prove::run(&context, arguments),
        Command::Backtest(arguments) => backtest::run(&context, arguments),
        Command::Evidence(arguments) => evidence::run(&context, arguments),
        Command::Explain(arguments) => explain::run(&context, arguments),
        Command::Demo(arguments) => demo::run(&context, arguments),
        Command::Serve(arguments) => serve::run(&context, arguments),
        Command::Edge(arguments) => edge::run(&context, arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => man::run(&context, arguments),
        Command::DemoService(arguments) => return demo_service::run(arguments),
    };
    ended.unwrap_or_else(|error| context.fail(&error)).into()
}
