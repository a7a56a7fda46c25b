//! Where plans come from: the port, and the files of a service's repository behind it.
//!
//! Owns: which files belong to a release, and how much of them is read. Refuses to know: what stands in them; that is
//! the model's.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
};

use ripcord_model::{
    CompileContext, Duration, ReleaseName, ServiceFile, ServiceName,
    blueprint::{AlertRules, Artifact, Blueprint, BlueprintHash, RunbookFile},
    compile,
    diagnostic::{Diagnostic, Diagnostics},
    read_plan, read_service,
    source::{MAX_FILE_BYTES, SourceFile},
};

use ripcord_runbook::Runbook;

use crate::{
    failure::{Failure, FailureKind},
    fixed, templates,
};

/// How many mistakes a failure lists; `ripcord lint` lists all.
const MISTAKES_LISTED_MAX: usize = 20;
/// The file that describes the service.
const SERVICE: &str = "ripcord.yaml";

/// Compiles plans. Blocking: call it where blocking is allowed.
pub trait Plans: Send + Sync {
    /// The service that is described here.
    fn service(&self) -> Result<ServiceName, Failure>;

    /// What alerts that come in lead to; nothing when none is to be let in.
    fn alerts(&self) -> Result<Option<AlertRules>, Failure> {
        Ok(None)
    }

    /// A runbook as it stands now, by its path below the root.
    fn runbook(&self, path: &str) -> Result<RunbookNow, Failure>;

    /// The text of a runbook as it stands now.
    fn runbook_source(&self, path: &str) -> Result<SourceFile, Failure>;

    /// What is wrong with the runbook that a plan names, as both stand now.
    fn runbook_of(&self, release: &ReleaseName) -> Result<RunbookState, Failure>;

    /// Reads and compiles a plan as it stands now. `last_good` is used where the plan names none.
    fn compile(&self, release: &ReleaseName, last_good: Option<Artifact>) -> Result<Blueprint, Failure>;
}

/// What of a runbook matters to whoever rehearses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunbookNow {
    /// Its path and hash.
    pub file: RunbookFile,
    /// How long all of it may take; unknown while it cannot be read as a runbook.
    pub budget: Option<Duration>,
    /// How often it is rehearsed, if it says so.
    pub every: Option<Duration>,
}

/// The runbook that a plan names.
#[derive(Debug, Clone)]
pub enum RunbookState {
    /// The plan names none.
    NoneNamed,
    /// There is no such file below the root.
    Missing,
    /// It is there; every mistake and blind spot in it, and between it and the plan.
    There(Diagnostics),
}

/// Plans from `ripcord.yaml` and `releases/NAME.yaml` below a root.
#[derive(Debug, Clone)]
pub struct FilePlans {
    root: PathBuf,
}

impl FilePlans {
    /// Of the repository at `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn source(&self, shown: &str) -> Result<SourceFile, Failure> {
        let path = self.root.join(shown);
        let bytes = bounded(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let message = format!("there is no {shown} in {}", self.root.display());
                Failure::new(FailureKind::NotFound, "no-such-file", message)
                    .hinted("`ripcord init` writes a first one")
            }
            _ => Failure::new(
                FailureKind::Unavailable,
                "unreadable-file",
                format!("cannot read {shown}: {error}"),
            ),
        })?;
        SourceFile::from_bytes(shown, &bytes).map_err(|diagnostic| invalid(&Diagnostics::from(*diagnostic)))
    }

    /// A runbook as it stands now, by its path below the root.
    pub(crate) fn read_runbook(&self, path: &str) -> Result<Runbook, Failure> {
        let source = self.source(path)?;
        ripcord_runbook::read_runbook(&source).map_err(|found| invalid(&found))
    }

    fn read_service(&self) -> Result<(SourceFile, ServiceFile), Failure> {
        let source = self.source(SERVICE)?;
        let service = read_service(&source).map_err(|found| invalid(&found))?;
        Ok((source, service))
    }
}

impl Plans for FilePlans {
    fn service(&self) -> Result<ServiceName, Failure> {
        Ok(self.read_service()?.1.service.value)
    }

    fn alerts(&self) -> Result<Option<AlertRules>, Failure> {
        Ok(self.read_service()?.1.alerts)
    }

    fn runbook(&self, path: &str) -> Result<RunbookNow, Failure> {
        let source = self.source(path)?;
        let sha256 = BlueprintHash::of(source.text.as_bytes()).as_str().to_owned();
        // A runbook with mistakes has no budget; lint and the gate say so, and its bytes count all the same.
        let read = ripcord_runbook::read_runbook(&source).ok();
        let budget = read.as_ref().map(|runbook| runbook.budget.value);
        let every = read.and_then(|runbook| runbook.rehearse).map(|rehearse| rehearse.every.value);
        Ok(RunbookNow { file: RunbookFile { path: path.to_owned(), sha256 }, budget, every })
    }

    fn runbook_source(&self, path: &str) -> Result<SourceFile, Failure> {
        self.source(path)
    }

    fn runbook_of(&self, release: &ReleaseName) -> Result<RunbookState, Failure> {
        let (_, service) = self.read_service()?;
        let plan_source = self.source(&format!("releases/{release}.yaml"))?;
        let plan = read_plan(&plan_source).map_err(|found| invalid(&found))?;
        let Some(path) = &plan.runbook else { return Ok(RunbookState::NoneNamed) };
        let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(&path.value).components().all(plain) {
            return Ok(RunbookState::Missing);
        }
        let source = match self.source(&path.value) {
            Ok(source) => source,
            Err(failure) if failure.kind == FailureKind::NotFound => return Ok(RunbookState::Missing),
            Err(failure) => return Err(failure),
        };
        let found = match ripcord_runbook::read_runbook(&source) {
            Err(mistakes) => mistakes,
            Ok(runbook) => {
                let mut found = ripcord_runbook::lint(&runbook, Some(&service));
                found.append(ripcord_runbook::lint_plan(&plan, &ripcord_runbook::Named::Read(&runbook)));
                found
            }
        };
        Ok(RunbookState::There(found))
    }

    fn compile(&self, release: &ReleaseName, last_good: Option<Artifact>) -> Result<Blueprint, Failure> {
        let (service_source, service) = self.read_service()?;
        let plan_source = self.source(&format!("releases/{release}.yaml"))?;
        let plan = read_plan(&plan_source).map_err(|found| invalid(&found))?;
        if plan.release.value != *release {
            let message =
                format!("{} is the plan of `{}`, not of `{release}`", plan_source.path, plan.release.value);
            return Err(Failure::new(FailureKind::Invalid, "plan-misnamed", message)
                .hinted("a plan's file has the name of its release"));
        }
        let sources = [&service_source, &plan_source].map(digest).into_iter().collect::<BTreeMap<_, _>>();
        let (templates, mistakes, _) = templates::read(&self.root, &service, &plan);
        if !mistakes.is_empty() {
            return Err(invalid(&mistakes));
        }
        let context = CompileContext {
            last_good,
            sources,
            ripcord_version: env!("CARGO_PKG_VERSION").to_owned(),
            templates,
        };
        let mut blueprint = compile(&service, &plan, &context).map_err(|found| invalid(&found))?;
        fixed::fix(&self.root, &mut blueprint);
        Ok(blueprint)
    }
}

/// One byte more than is allowed is enough to be refused; a file without an end does not fill the memory.
fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn digest(source: &SourceFile) -> (String, String) {
    (source.path.clone(), BlueprintHash::of(source.text.as_bytes()).as_str().to_owned())
}

fn invalid(found: &Diagnostics) -> Failure {
    let errors: Vec<&Diagnostic> = found.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    let listed: Vec<String> = errors.iter().take(MISTAKES_LISTED_MAX).map(ToString::to_string).collect();
    Failure::new(FailureKind::Invalid, "plan-invalid", listed.join("\n"))
        .hinted("`ripcord lint` shows each mistake in its place; `ripcord explain CODE` says more")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SERVICE_TEXT: &str = "\
service: exams
owner: team-exams
environments:
  production:
    router: { edge: { listen: 127.0.0.1:8080 } }
    workload: { process: { command: \"bin/exams --port {port}\", ready: /ready } }
    metrics: { scrape: { path: /metrics } }
signals:
  errors:
    harm: user
    ratio: { bad: 'submit_total{outcome=\"error\"}', all: submit_total }
    rollback: [\"above 5% for 5m\"]
";
    const PLAN_TEXT: &str = "\
release: submit-v2
version: v2
owner: maya
on_call: ran
last_good: v1
changes:
  - { id: flow, class: code, summary: new flow, back: { level: deploy, budget: 1m } }
stages: standard
";

    fn repository(plan: &str) -> (tempfile::TempDir, FilePlans) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("releases")).unwrap();
        fs::write(root.path().join("ripcord.yaml"), SERVICE_TEXT).unwrap();
        write_plan(root.path(), plan);
        let plans = FilePlans::new(root.path().to_owned());
        (root, plans)
    }

    fn write_plan(root: &Path, text: &str) {
        fs::write(root.join("releases/submit-v2.yaml"), text).unwrap();
    }

    fn name() -> ReleaseName {
        ReleaseName::new("submit-v2").unwrap()
    }

    #[test]
    fn the_same_files_compile_to_the_same_hash_and_any_change_to_another() {
        let (root, plans) = repository(PLAN_TEXT);
        let first = plans.compile(&name(), None).unwrap();
        assert_eq!(first.hash(), plans.compile(&name(), None).unwrap().hash());
        assert_eq!(plans.service().unwrap().as_str(), "exams");
        write_plan(root.path(), &format!("{PLAN_TEXT}# a remark\n"));
        assert_ne!(first.hash(), plans.compile(&name(), None).unwrap().hash());
    }

    #[test]
    fn mistakes_name_file_and_line() {
        let (_root, plans) = repository(&PLAN_TEXT.replace("level: deploy", "level: parachute"));
        let failure = plans.compile(&name(), None).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Invalid, "plan-invalid"));
        assert!(failure.message.contains("releases/submit-v2.yaml:7:"), "{}", failure.message);
    }

    #[test]
    fn a_missing_and_a_misnamed_plan_are_told_apart() {
        let (root, plans) = repository(&PLAN_TEXT.replace("release: submit-v2", "release: other"));
        assert_eq!(plans.compile(&name(), None).unwrap_err().code, "plan-misnamed");
        fs::remove_file(root.path().join("releases/submit-v2.yaml")).unwrap();
        assert_eq!(plans.compile(&name(), None).unwrap_err().kind, FailureKind::NotFound);
    }
}
