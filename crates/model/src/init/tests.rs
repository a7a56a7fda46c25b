use super::*;
use crate::{CompileContext, compile, lint, read_plan, read_service, source::SourceFile};

fn all_answers() -> Vec<Answers> {
    let base = Answers::new(ServiceName::new("exams").unwrap(), Person::new("maya").unwrap());
    let mut all = Vec::new();
    for router in [RouterChoice::Edge, RouterChoice::Nginx] {
        for metrics in [MetricsChoice::Scrape, MetricsChoice::Prometheus] {
            for port in [1, 8080, u16::MAX] {
                all.push(Answers { router, metrics, port, ..base.clone() });
            }
        }
    }
    let command = "sh -c \"echo 'é\\n' > /tmp/x\t&& run {artifact} {port}\"".to_owned();
    let (last_good, version) = ("1.10".to_owned(), "1.20".to_owned());
    all.push(Answers { command, last_good, version, ..base });
    all
}

#[test]
fn the_first_files_lint_clean_and_compile_whatever_was_answered() {
    for answers in all_answers() {
        let files = init(&answers);
        let [(service_path, service), (plan_path, plan), (runbook_path, _)] = files.as_slice() else {
            panic!("{files:?}")
        };
        assert_eq!((service_path.as_str(), plan_path.as_str()), ("ripcord.yaml", "releases/first.yaml"));
        let service = SourceFile::new(service_path.as_str(), service.as_str());
        let plan = SourceFile::new(plan_path.as_str(), plan.as_str());
        let service_file =
            read_service(&service).unwrap_or_else(|errors| panic!("{errors}\n{}", service.text));
        let plan_file = read_plan(&plan).unwrap_or_else(|errors| panic!("{errors}\n{}", plan.text));
        assert_eq!(plan_file.runbook.as_ref().unwrap().as_str(), runbook_path);
        let found = lint((&service, &service_file), &[(&plan, &plan_file)]);
        assert!(found.is_empty(), "{found}");
        let blueprint = compile(&service_file, &plan_file, &CompileContext::default());
        let blueprint = blueprint.unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(blueprint.candidate.version.as_str(), answers.version);
        let crate::blueprint::WorkloadBinding::Process(process) = &blueprint.production.workload else {
            panic!()
        };
        assert_eq!(process.command, answers.command);
    }
}

#[test]
fn the_hints_in_comments_are_true() {
    let answers = all_answers().remove(0);
    let files = init(&answers);
    let text = files[0]
        .1
        .replace("    # notify:\n    #   - slack", "    notify:\n      - slack")
        .replace("    # flags:", "    flags:")
        .replace("# evidence:", "evidence:");
    let service = read_service(&SourceFile::new("ripcord.yaml", text.as_str()))
        .unwrap_or_else(|errors| panic!("{errors}"));
    let production = service.production().unwrap();
    assert!(production.flags.is_some() && production.notify.len() == 1);
    let plan = files[1].1.replace("# advance:", "advance:");
    let plan = read_plan(&SourceFile::new("releases/first.yaml", plan)).unwrap_or_else(|e| panic!("{e}"));
    let compiled = compile(&service, &plan, &CompileContext::default()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(compiled.evidence.advance_on, crate::blueprint::AdvanceOn::Evidence);
    // What the comment shows are the defaults.
    let silent = read_service(&SourceFile::new("ripcord.yaml", files[0].1.as_str())).unwrap();
    let usual = compile(&silent, &plan, &CompileContext::default()).unwrap();
    assert_eq!(compiled.evidence, usual.evidence);
}
