//! Two versions run side by side; a command that ignores which one, or where, runs the same thing twice.

use crate::{ServiceFile, blueprint::WorkloadBinding, diagnostic::Code, lint::Report};

pub(super) fn check(service: &ServiceFile, report: &mut Report<'_>) {
    for environment in service.environments.values() {
        let place = service.places.get(&environment.name).map_or(environment.place, |places| places.workload);
        let name = &environment.name;
        match &environment.workload {
            WorkloadBinding::Process(process) => {
                if !process.command.contains("{port}") {
                    let message =
                        format!("the command of {name} has no `{{port}}`: both versions want the same port");
                    report.error(Code::COMMAND_IGNORES_VERSION, place, message, "bin/exams --port {port}");
                }
                if !["{version}", "{artifact}"].iter().any(|what| process.command.contains(what)) {
                    let message = format!("the command of {name} runs the same program for every version");
                    let expected =
                        "`{version}` or `{artifact}` in the command: bin/exams-{version} --port {port}";
                    report.warning(Code::COMMAND_IGNORES_VERSION, place, message, expected);
                }
            }
            WorkloadBinding::Command(command) => {
                for (key, line) in
                    [("start", &command.start), ("stop", &command.stop), ("endpoints", &command.endpoints)]
                {
                    if !["{version}", "{artifact}", "{digest}"].iter().any(|what| line.contains(what)) {
                        let message = format!("`{key}` of {name} does not say which version");
                        report.error(
                            Code::COMMAND_IGNORES_VERSION,
                            place,
                            message,
                            "`{version}` in every command",
                        );
                    }
                }
            }
        }
    }
}
