//! `docs/api.md` and the API say the same: every route is described, and every example is one.

use std::{collections::BTreeSet, path::Path};

use ripcord_engine::Status;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::{
    wire::{by_unix, request},
    world::{KNOWN, world},
};
use crate::{
    Failure, GateAnswer, Info, Page, Verification,
    api::{GateQuestion, Limits, NewRehearsal, NewRelease, ReleaseCommand, ReleasePaper, serve_unix},
};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api.md");
    std::fs::read_to_string(path).expect("docs/api.md is part of the repository")
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<(), String> {
    serde_json::from_str::<T>(text).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn every_example_is_what_it_is_called() {
    let mut seen = BTreeSet::new();
    for block in page().split("```json ").skip(1) {
        let (kind, rest) = block.split_once('\n').unwrap();
        let text = rest.split_once("```").unwrap().0;
        seen.insert(kind.to_owned());
        let parsed = match kind {
            "Failure" => parse::<Failure>(text),
            "GateAnswer" => parse::<GateAnswer>(text),
            "GateQuestion" => parse::<GateQuestion>(text),
            "Info" => parse::<Info>(text),
            "NewRehearsal" => parse::<NewRehearsal>(text),
            "Rehearsals" => parse::<crate::Rehearsals>(text),
            "NewRelease" => parse::<NewRelease>(text),
            "ReleasePaper" => parse::<ReleasePaper>(text),
            "[Noted]" => parse::<Vec<ripcord_model::paper::Noted>>(text),
            "Page" => parse::<Page>(text),
            "ReleaseCommand" => parse::<ReleaseCommand>(text),
            "Status" => parse::<Status>(text),
            "Value" => parse::<serde_json::Value>(text),
            "Verification" => parse::<Verification>(text),
            "FlagsView" => parse::<crate::flags::FlagsView>(text),
            "FlagChange" => parse::<crate::api::FlagChange>(text),
            "FlagClients" => parse::<crate::api::FlagClients>(text),
            "NewOverride" => parse::<ripcord_model::paper::NewOverride>(text),
            "NewFreezeException" => parse::<ripcord_model::paper::NewFreezeException>(text),
            "[PostMortemState]" => parse::<Vec<crate::PostMortemState>>(text),
            "NewStepApproval" => parse::<crate::runbooks::NewStepApproval>(text),
            "StepApproval" => parse::<crate::runbooks::StepApproval>(text),
            "WrittenPostMortem" => parse::<crate::WrittenPostMortem>(text),
            "Announcement" => parse::<crate::telling::Announcement>(text),
            "Announced" => parse::<crate::telling::Announced>(text),
            "Messages" => parse::<ripcord_comms::Messages>(text),
            "[SomeBody]" => parse::<Vec<crate::api::SomeBody>>(text),
            "NewPerson" => parse::<crate::api::NewPerson>(text),
            "ChangedPerson" => parse::<crate::api::ChangedPerson>(text),
            "[TokenShown]" => parse::<Vec<crate::api::TokenShown>>(text),
            "NewToken" => parse::<crate::api::NewToken>(text),
            "MadeToken" => parse::<crate::api::MadeToken>(text),
            "PolicyStanding" => parse::<crate::PolicyStanding>(text),
            "WhoQuestion" => parse::<crate::api::WhoQuestion>(text),
            "WhoAnswer" => parse::<crate::api::WhoAnswer>(text),
            "Taken" => parse::<crate::alerts::Taken>(text),
            "[Status]" => parse::<Vec<Status>>(text),
            other => Err(format!("no type is called {other}")),
        };
        assert_eq!(parsed, Ok(()), "{kind}: {text}");
    }
    assert_eq!(seen.len(), 37, "an example for every type: {seen:?}");
}

#[test]
fn every_command_of_the_table_is_one() {
    let page = page();
    let table = page.split("| command | |").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<_> =
        table.lines().filter_map(|row| row.strip_prefix("| `")?.split_once("` |")).collect();
    assert_eq!(commands.len(), 10, "{table}");
    for (command, _) in commands {
        let text = format!(r#"{{"command": {command}}}"#);
        assert_eq!(parse::<ReleaseCommand>(&text), Ok(()), "{text}");
    }
}

fn sections(page: &str) -> Vec<(&str, &str)> {
    let titles = page.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`'));
    titles.map(|title| title.split_once(' ').expect("a method and a path")).collect()
}

/// A path with names of things that are there.
fn named(path: &str) -> String {
    let id = crate::post_mortem::tests::opened().post_mortem.id;
    path.replace("/v1/postmortems/{id}", &format!("/v1/postmortems/{id}"))
        .replace("{environment}", "production")
        .replace("{name}", KNOWN)
        .replace("{person}", "lea")
        .replace("{id}", "0123456789ab")
}

#[tokio::test]
async fn every_section_is_about_a_route_that_answers() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("s");
    let world = world();
    world.enter(ripcord_engine::PhaseName::Complete);
    serve_unix(world.handle, &socket, Limits::default(), CancellationToken::new()).await.unwrap();
    for (method, path) in sections(&page()) {
        let answer = by_unix(&socket, &request(method, &named(path), &[], "")).await;
        // A body is missing where one is expected, or somebody else has to ask: both are answers about this route.
        let answered = answer.status == 200 || answer.status == 403 || answer.code() == "malformed-body";
        assert!(answered, "{method} {path}: {answer:?}");
    }
}

#[test]
fn every_route_has_a_section() {
    let page = page();
    let described: BTreeSet<&str> = sections(&page).into_iter().map(|(_, path)| path).collect();
    let table = include_str!("../router.rs");
    let routes: BTreeSet<&str> =
        table.split(".route(\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
    assert_eq!(described, routes);
}
