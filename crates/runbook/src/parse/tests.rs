use ripcord_model::{
    Duration, Level,
    diagnostic::{Code, Diagnostics},
    source::SourceFile,
};

use super::read_runbook;
use crate::{Role, Runbook, Shell, StepKind, Values, Variable, lint};

const EXAMPLE: &str = include_str!("../../tests/files/exam-submit.md");

fn read(text: &str) -> Result<Runbook, Diagnostics> {
    read_runbook(&SourceFile::new("runbooks/exam-submit.md", text))
}

fn good(text: &str) -> Runbook {
    read(text).unwrap_or_else(|found| panic!("{found}"))
}

/// A page with front matter and this below it.
fn page(markdown: &str) -> String {
    format!("---\nrunbook: exam-submit\nowner: team-exams\nbudget: 6m\n---\n{markdown}")
}

/// Codes and the text that each stands under.
fn mistakes(text: &str) -> Vec<(Code, String)> {
    let found = match read(text) {
        Ok(runbook) => lint(&runbook, None),
        Err(found) => found,
    };
    found.iter().map(|one| (one.code, text[one.span.clone()].to_owned())).collect()
}

fn of_page(markdown: &str) -> Vec<(Code, String)> {
    mistakes(&page(markdown))
}

#[test]
fn the_example_of_the_design_is_read_whole() {
    let runbook = good(EXAMPLE);
    assert_eq!(runbook.name.as_str(), "exam-submit");
    assert_eq!(runbook.trigger.as_ref().unwrap().to_string(), "submit-errors above 5% for 5m");
    assert_eq!(runbook.budget.value, Duration::from_mins(6));
    let rehearse = runbook.rehearse.as_ref().unwrap();
    assert_eq!((rehearse.environment.as_str(), rehearse.every.to_string().as_str()), ("staging", "14d"));
    assert_eq!(runbook.sections.len(), 4);
    let [flag, restore] = runbook.steps.as_slice() else { panic!("{:?}", runbook.steps) };
    assert_eq!((flag.title.as_str(), flag.idempotent), ("1. Flag off", true));
    assert_eq!(flag.level.unwrap().value, Level::Flag);
    assert_eq!((flag.budget(), flag.timeout()), (Duration::from_secs(30), Duration::from_secs(60)));
    let StepKind::Run(command) = &flag.kind else { panic!() };
    assert_eq!(
        (command.shell, command.script.as_str()),
        (Shell::Sh, "ripcord flag set exam-submit-v2 off\n")
    );
    assert_eq!(&EXAMPLE[command.script.place.range()], "ripcord flag set exam-submit-v2 off");
    let verify = flag.verify.as_ref().unwrap();
    assert_eq!((verify.timeout(), verify.every()), (Duration::from_secs(60), Duration::from_secs(1)));
    assert_eq!(restore.role.unwrap().value, Role::Data);
    let StepKind::Manual { question, confirmation } = &restore.kind else { panic!() };
    assert_eq!(confirmation.as_ref().unwrap().as_str(), "exams-prod");
    let values = Values::new().with(Variable::ReleaseStartedAt, "2026-11-21T14:00:00Z");
    assert!(values.fill(question).unwrap().ends_with("older than 2026-11-21T14:00:00Z?"));
    assert_eq!(&EXAMPLE[restore.id.place.range()], "restore-point");
    let [template] = runbook.templates.as_slice() else { panic!() };
    assert_eq!((template.channel.as_str(), template.title.as_str()), ("status-page", "Communication"));
    assert!(lint(&runbook, None).is_empty(), "{}", lint(&runbook, None));
}

#[test]
fn every_kind_of_step_is_read() {
    let runbook = good(&page(
        "```bash {run step=a timeout=5s env=PGHOST,PGUSER secrets=PGPASSWORD cwd=deploy/scripts}\ntrue\n```\n\
         ```check {step=b timeout=5m}\nsubmit-errors below 1% for 1m\n```\n\
         ~~~flag {step=c level=flag timeout=5s}\nexam-submit-v2 off\n~~~\n\
         ```traffic {step=d timeout=5s}\nlast-good\n```\n\
         ```deploy {step=e timeout=5s}\nlast-good\n```\n\
         ```migrate {step=f timeout=5m}\nundo attempts\n```\n\
         ```restore {step=g timeout=5h}\nattempts\n```\n\
         ```template {step=h channel=support}\nBack to {{release.last_good}}.\n```\n",
    ));
    let words: Vec<&str> = runbook.steps.iter().map(|step| step.kind.word()).collect();
    assert_eq!(words, ["run", "check", "flag", "traffic", "deploy", "migrate", "restore", "template"]);
    let repeatable: Vec<bool> = runbook.steps.iter().map(|step| step.idempotent).collect();
    assert_eq!(repeatable, [false, true, true, true, true, false, false, false]);
    let actions = runbook.steps.iter().filter(|step| step.kind.way_back_action().is_some()).count();
    assert_eq!(actions, 5);
    let StepKind::Run(command) = &runbook.steps[0].kind else { panic!() };
    let names: Vec<&str> = command.env.iter().map(|name| name.as_str()).collect();
    assert_eq!((names, command.secrets.len()), (vec!["PGHOST", "PGUSER"], 1));
    assert_eq!(runbook.templates.len(), 1);
}

#[test]
fn only_marked_fences_become_steps() {
    let runbook = good(&page("```sh\nrm -rf /\n```\n\n    indented\n\n```js\n{1}\n```\n~~~\n~~~\n"));
    assert!(runbook.steps.is_empty());
}

#[test]
fn mistakes_stand_under_the_offending_text() {
    let run = |attributes: &str| of_page(&format!("```sh {attributes}\ntrue\n```\n"));
    let one = |code: Code, text: &str| (code, text.to_owned());
    assert!(run("{run step=a timout=5s}").contains(&one(Code::UNKNOWN_ATTRIBUTE, "timout")));
    assert_eq!(run("{run step=a timeout=5x}"), [one(Code::INVALID_DURATION, "5x")]);
    assert_eq!(run("{run step=a step=b}"), [one(Code::ATTRIBUTE_TWICE, "step")]);
    assert_eq!(run("{run timeout=5s}"), [one(Code::NO_STEP_ID, "{run timeout=5s}")]);
    assert_eq!(run("{run step=A}"), [one(Code::INVALID_NAME, "A")]);
    assert_eq!(run("{run step=a level=parachute}"), [one(Code::UNKNOWN_WORD, "parachute")]);
    assert_eq!(run("{run step=a role=boss}"), [one(Code::UNKNOWN_WORD, "boss")]);
    assert_eq!(run("{run step=a"), [one(Code::BAD_ATTRIBUTES, "sh {run step=a")]);
    assert_eq!(run("{run step=\"a}"), [one(Code::BAD_ATTRIBUTES, "\"a")]);
    assert_eq!(run("{run step =a}"), [one(Code::BAD_ATTRIBUTES, "=")]);
    assert_eq!(run("{run step=}"), [one(Code::BAD_ATTRIBUTES, "=")]);
    assert_eq!(run("{run step}"), [one(Code::BAD_ATTRIBUTES, "step")]);
    assert_eq!(run("{run step=a idempotent=yes}"), [one(Code::BAD_ATTRIBUTES, "yes")]);
    assert_eq!(run("{run step=a cwd=../x}"), [one(Code::BAD_ATTRIBUTES, "../x")]);
    assert_eq!(run("{run step=a env=A,1B}"), [one(Code::INVALID_NAME, "A,1B")]);
    assert_eq!(run("{exec step=a}"), [one(Code::UNKNOWN_STEP_KIND, "sh {exec step=a}")]);
    assert_eq!(run("run step=a"), [one(Code::BAD_ATTRIBUTES, "sh run step=a")]);
    assert_eq!(run("{verify step=a}"), [one(Code::VERIFY_WITHOUT_STEP, "a")]);
    let twice =
        "```sh {run step=a}\ntrue\n```\n```sh {verify step=a}\n1\n```\n```sh {verify step=a}\n2\n```\n";
    assert_eq!(of_page(twice), [one(Code::VERIFY_WITHOUT_STEP, "a")]);
    let typed = of_page("```manual {step=a type=\"{{release.name}}\"}\nGo on?\n```\n");
    assert_eq!(typed, [one(Code::BAD_ATTRIBUTES, "{{release.name}}")]);
    let python = of_page("```python {run step=a}\ntrue\n```\n");
    assert_eq!(python, [one(Code::UNKNOWN_STEP_KIND, "python {run step=a}")]);
    assert_eq!(of_page("```flag\nx off\n```\n"), [one(Code::BAD_ATTRIBUTES, "flag")]);
    assert_eq!(of_page("```flag {step=a}\nx down\n```\n"), [one(Code::UNREADABLE_STEP, "x down")]);
    assert_eq!(of_page("```traffic {step=a}\nv1\n```\n"), [one(Code::UNREADABLE_STEP, "v1")]);
    assert_eq!(of_page("```check {step=a}\nerrors low\n```\n"), [one(Code::UNREADABLE_STEP, "errors low")]);
}

#[test]
fn a_hostile_page_is_told_from_a_good_one() {
    let step = "```sh {run step=a timeout=5s}\ntrue\n```\n```sh {verify step=a timeout=5s}\ntrue\n```\n";
    let with = |markdown: &str| of_page(&format!("{step}{markdown}"));
    let one = |code: Code, text: &str| vec![(code, text.to_owned())];
    assert!(with("").is_empty(), "{:?}", with(""));
    let unclosed = with("```sh {run step=b timeout=5s}\ntrue\n");
    assert_eq!(unclosed, one(Code::FENCE_NOT_CLOSED, "```sh {run step=b timeout=5s}"));
    assert_eq!(with("~~~\nno end\n"), one(Code::FENCE_NOT_CLOSED, "~~~"));
    let nested = with("```sh {run step=b timeout=5s}\ntrue\n```sh {verify step=b timeout=5s}\ntrue\n```\n");
    assert_eq!(nested, one(Code::FENCE_IN_FENCE, "```sh {verify step=b timeout=5s}"));
    let quoted = with("> ```sh {run step=b timeout=5s}\n> true\n> ```\n");
    assert_eq!(quoted, one(Code::STEP_NOT_AT_MARGIN, "```sh {run step=b timeout=5s}"));
    let listed = with("1. x\n\n   ```sh {run step=b timeout=5s}\n   true\n   ```\n");
    assert_eq!(listed, one(Code::STEP_NOT_AT_MARGIN, "```sh {run step=b timeout=5s}"));
    let indented = with("text\n\n    ```sh {run step=b timeout=5s}\n    true\n    ```\n");
    assert_eq!(indented, one(Code::NOT_EXECUTED, "```sh {run step=b timeout=5s}"));
    let shown = with("````\n```sh {run step=b timeout=5s}\ntrue\n```\n````\n");
    assert_eq!(shown, one(Code::NOT_EXECUTED, "```sh {run step=b timeout=5s}"));
    assert_eq!(with("<!-- a remark -->\n"), []);
    let commented = with("<!--\n```sh {run step=b}\ntrue\n```\n-->\n");
    assert_eq!(commented, one(Code::NOT_EXECUTED, "```sh {run step=b}"));
    assert_eq!(with("<details hidden>\n\nx\n"), one(Code::HTML_IN_RUNBOOK, "<details hidden>"));
    assert_eq!(with("switch <name> off\n"), one(Code::HTML_IN_RUNBOOK, "<name>"));
    for hidden in ["\u{202e}", "\u{a0}", "\u{1b}", "\r", "\u{200b}", "\u{feff}"] {
        let found = with(&format!("```sh {{run step=b timeout=5s}}\ntrue{hidden} #\n```\n"));
        assert!(found.contains(&(Code::HIDDEN_CHARACTER, hidden.to_owned())), "{hidden:?}: {found:?}");
    }
    assert!(mistakes(&page(step).replace('\n', "\r\n")).is_empty());
    let windows = good(&page("```sh {run step=a}\none\ntwo\n```\n").replace('\n', "\r\n"));
    let StepKind::Run(command) = &windows.steps[0].kind else { panic!() };
    assert_eq!(command.script.as_str(), "one\ntwo\n");
}

#[test]
fn variables_are_replaced_for_people_and_never_in_scripts() {
    let script = |body: &str| of_page(&format!("```sh {{run step=a}}\n{body}\n```\n"));
    let is_refused = |found: Vec<(Code, String)>, text: &str| {
        found.contains(&(Code::VARIABLE_IN_COMMAND, text.to_owned()))
    };
    assert!(is_refused(script("announce {{release.name}}"), "{{release.name}}"));
    assert!(is_refused(script("announce {{ release.nme }}"), "{{ release.nme }}"));
    assert!(read(&page("```sh {run step=a}\ndocker inspect -f '{{.State.Status}}' x\n```\n")).is_ok());
    let text = |body: &str| of_page(&format!("```template {{channel=support}}\n{body}\n```\n"));
    let one = |text: &str| (Code::UNKNOWN_VARIABLE, text.to_owned());
    assert!(text("by {{next_updat}}").contains(&one("{{next_updat}}")));
    assert!(text("by {{next_update").contains(&one("{{")));
    assert!(text("by {{}}").contains(&one("{{}}")));
}

#[test]
fn the_front_matter_is_read_with_its_places() {
    let one = |code: Code, text: &str| vec![(code, text.to_owned())];
    assert_eq!(mistakes("# No front matter\n"), one(Code::NO_FRONT_MATTER, "# No front matter"));
    assert_eq!(mistakes("---\nrunbook: x\n"), one(Code::NO_FRONT_MATTER, "---"));
    assert_eq!(mistakes(""), one(Code::NO_FRONT_MATTER, ""));
    let vague = EXAMPLE.replace("submit-errors above 5% for 5m", "error rate is high");
    assert_eq!(mistakes(&vague), one(Code::VAGUE_TRIGGER, "error rate is high"));
    let missing = EXAMPLE.replace("budget: 6m\n", "");
    assert_eq!(mistakes(&missing), one(Code::MISSING_KEY, "---"));
    let unknown = EXAMPLE.replace("rehearse:", "rehearsal:");
    assert_eq!(mistakes(&unknown), one(Code::UNKNOWN_KEY, "rehearsal"));
    let escaped = EXAMPLE.replace("budget: 6m\n", "budget: 6m\naccess: [\"VPN\\e[2J\"]\n");
    assert_eq!(mistakes(&escaped), one(Code::HIDDEN_CHARACTER, "\"VPN\\e[2J\""));
    let found = read(&vague).unwrap_err();
    let first = found.iter().next().unwrap();
    assert_eq!((first.line, first.column), (4, 10));
    assert_eq!(first.label.as_deref(), Some("no signal, no number"));
}

#[test]
fn the_hashes_tell_prose_from_what_is_executed() {
    let first = good(EXAMPLE);
    let prose = good(&EXAMPLE.replace("Read this first", "First read this"));
    assert_ne!(first.hash, prose.hash);
    assert_eq!(first.executed, prose.executed);
    for (from, to) in [
        ("exam-submit-v2 off", "exam-submit-v3 off"),
        ("timeout=10m", "timeout=9m"),
        ("every=1s", "every=2s"),
        ("type=\"exams-prod\"", "type=\"exams\""),
        (" idempotent", ""),
    ] {
        assert_ne!(first.executed, good(&EXAMPLE.replace(from, to)).executed, "{from}");
    }
}
