use super::*;
use crate::{diagnostic::Code, source::SourceFile};

fn file(text: &str) -> SourceFile {
    SourceFile::new("messages/outside.md", text)
}

#[test]
fn a_template_says_for_whom_and_when_and_is_filled_once() {
    let text = "---\nchannel: outside\nstatus: identified\ntitle: \"{{service}} is slow\"\n---\n\
                Answers are saved. More by {{ next_update }}.\n";
    let template = read_template(&file(text)).unwrap();
    assert_eq!(
        (template.channel.value.as_str(), template.status.value),
        ("outside", MessageStatus::Identified)
    );
    assert_eq!(template.audience(), Some(Audience::Outside));
    let values = Values::of(|variable| match variable {
        MessageVariable::NextUpdate => "14:20 UTC {{reason}}".to_owned(),
        other => format!("<{}>", other.word()),
    });
    assert_eq!(values.fill(&template.text.value), "Answers are saved. More by 14:20 UTC {{reason}}.");
    assert_eq!(values.fill(&template.title.unwrap().value), "<service> is slow");
}

#[test]
fn a_variable_that_does_not_exist_is_an_error_with_its_place_and_what_was_meant() {
    let text = "---\nchannel: outside\nstatus: identified\n---\nMore by {{next_updat}}, {{reason}}, {{x\n";
    let found = read_template(&file(text)).unwrap_err();
    let found: Vec<_> = found.into_iter().collect();
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!((found[0].code, found[0].line, found[0].column), (Code::UNKNOWN_VARIABLE, 5, 9));
    assert!(found[0].message.contains("next_updat"));
    assert_eq!(found[0].help.as_deref(), Some("did you mean `{{next_update}}`?"));
    assert!(found[1].message.contains("not closed"), "{:#?}", found[1]);
}

#[test]
fn mistakes_in_the_front_matter_have_places_too() {
    for (text, code) in [
        ("Hello\n", Code::NO_FRONT_MATTER),
        ("---\nchannel: outside\n", Code::NO_FRONT_MATTER),
        ("---\nchannel: outside\n---\nx\n", Code::MISSING_KEY),
        ("---\nchannel: outside\nstatus: degraded\n---\nx\n", Code::UNKNOWN_WORD),
        ("---\nchannel: outside\nstatus: resolved\nto: me\n---\nx\n", Code::UNKNOWN_KEY),
        ("---\nchannel: outside\nstatus: resolved\n---\n\n", Code::MISSING_KEY),
        ("---\nchannel: outside\nstatus: resolved\ntitle: \"{{tittle}}\"\n---\nx\n", Code::UNKNOWN_VARIABLE),
    ] {
        let found: Vec<_> = read_template(&file(text)).unwrap_err().into_iter().collect();
        assert_eq!(found[0].code, code, "{text}: {found:#?}");
    }
    let long = format!("---\nchannel: outside\nstatus: resolved\n---\n{}", "word ".repeat(3_000));
    assert!(read_template(&file(&long)).is_err());
}

#[test]
fn every_built_in_text_has_variables_that_exist_only() {
    for audience in [Audience::Internal, Audience::Outside] {
        for status in MessageStatus::ALL {
            let (title, text) = built_in(audience, status);
            for mention in mentions(title)
                .iter()
                .map(|m| &title[m.name.clone()])
                .chain(mentions(text).iter().map(|m| &text[m.name.clone()]))
            {
                assert!(MessageVariable::of(mention).is_some(), "{mention}");
                let secretive = ["reason", "owner", "version", "last_good", "on_call", "release"];
                assert!(
                    audience == Audience::Internal || !secretive.contains(&mention),
                    "{mention} is told outside"
                );
            }
        }
    }
}

const SERVICE: &str = include_str!("../../tests/files/clean/ripcord.yaml");
const PLAN: &str = include_str!("../../tests/files/clean/exam-submit-v2.yaml");

#[test]
fn a_template_for_nobody_and_a_plan_that_nobody_outside_can_hear_are_blind_spots() {
    let service =
        SourceFile::new("ripcord.yaml", format!("{SERVICE}channels: {{ team: {{ slack: env:S }} }}\n"));
    let service_file = crate::read_service(&service).unwrap_or_else(|errors| panic!("{errors}"));
    let text = "---\nchannel: teem\nstatus: identified\n---\nx\n";
    let found: Vec<_> =
        crate::lint::lint_template(&service_file, &read_template(&file(text)).unwrap()).into_iter().collect();
    assert_eq!((found[0].code, found[0].line), (Code::UNKNOWN_CHANNEL, 2));
    assert_eq!(found[0].help.as_deref(), Some("did you mean `team`?"));
    let fits = text.replace("teem", "team");
    assert!(crate::lint::lint_template(&service_file, &read_template(&file(&fits)).unwrap()).is_empty());

    let plan = PLAN.replace("comms:\n", "comms:\n  outside: automatic\n");
    let plan = SourceFile::new("releases/exam-submit-v2.yaml", plan);
    let plan_file = crate::read_plan(&plan).unwrap_or_else(|errors| panic!("{errors}"));
    let found = crate::lint((&service, &service_file), &[(&plan, &plan_file)]);
    assert!(found.iter().any(|one| one.code == Code::NOBODY_OUTSIDE && !one.is_error()), "{found}");
}
