//! The files of the exam service as its owner would write them, with stages of a second or two.

use std::{net::SocketAddr, path::Path};

/// What differs between the tests.
#[derive(Debug, Clone)]
pub struct Service {
    /// `router:` of production.
    pub router: String,
    /// `metrics:` of production.
    pub metrics: String,
    /// Further lines of production, such as `freeze`.
    pub more: String,
    /// Further arguments of every version of the service.
    pub arguments: String,
    /// Rules that lead back.
    pub rollback: String,
    /// Where the users of staging connect.
    pub staging: u16,
    /// Further lines of staging.
    pub in_staging: String,
}

impl Service {
    /// Behind the edge, measured by its own metrics, and v3 answers two submissions in five with an error.
    pub fn behind_edge(listen: SocketAddr) -> Self {
        Self {
            router: format!("edge: {{ listen: \"{listen}\", drain: 2s }}"),
            metrics: "scrape: { path: /metrics }, interval: 250ms, timeout: 1s".to_owned(),
            more: String::new(),
            arguments: "--fault v3:error-rate=0.4".to_owned(),
            rollback: r#"["worse than control by 20%", "above 15% for 1s"]"#.to_owned(),
            staging: super::free_port(),
            in_staging: "    rehearse: { baseline: 500ms, traffic: 1s, rate: 50 }\n".to_owned(),
        }
    }

    /// `ripcord.yaml`.
    pub fn yaml(&self) -> String {
        let Self { router, metrics, more, arguments: _, rollback, staging, in_staging } = self;
        format!(
            "service: exams
owner: team-exams
environments:
  staging:
    router: {{ edge: {{ listen: 127.0.0.1:{staging}, drain: 2s }} }}
    workload: {{ process: {{ command: \"exec sh bin/in-staging {{version}} {{port}}\", ready: /healthz/ready, ready_within: 5s, grace: 3s }} }}
    metrics: {{ scrape: {{ path: /metrics }}, interval: 250ms, timeout: 1s }}
    probes: [{{ path: /healthz/ready, timeout: 1s }}]
{in_staging}  production:
    router: {{ {router} }}
    workload: {{ process: {{ command: \"exec sh bin/exams {{version}} {{port}}\", ready: /healthz/ready, ready_within: 5s, grace: 3s }} }}
    metrics: {{ {metrics} }}
    probes: [{{ path: /healthz/ready, timeout: 1s }}]
{more}signals:
  submit-errors:
    harm: user
    ratio: {{ bad: 'exam_submit_total{{outcome=\"error\"}}', all: exam_submit_total }}
    window: 2s
    rollback: {rollback}
"
        )
    }

    /// `bin/in-staging`: starts one version there, without what is wrong with it in production.
    pub fn staging_launcher(ripcord: &Path) -> String {
        format!(
            "#!/bin/sh\nmkdir -p staging\ncd staging\nexec '{}' demo-service --version \"$1\" --port \"$2\"\n",
            ripcord.display()
        )
    }

    /// `bin/exams`: starts one version, and notes every start so that two of one version show.
    pub fn launcher(&self, ripcord: &Path) -> String {
        format!(
            "#!/bin/sh
echo \"$1\" >> starts
mkdir -p targets
echo \"[{{\\\"targets\\\": [\\\"127.0.0.1:$2\\\"]}}]\" > targets/$1.json
exec '{}' demo-service --version \"$1\" --port \"$2\" {}
",
            ripcord.display(),
            self.arguments
        )
    }
}

/// `releases/NAME.yaml`.
#[derive(Debug, Clone)]
pub struct Plan {
    pub release: String,
    pub version: String,
    /// `share, for` of each stage.
    pub stages: Vec<(String, String)>,
    pub blind: String,
    pub recovery: String,
    /// Named in the first release only: later ones know it by themselves.
    pub last_good: Option<String>,
    /// Its runbook, as a path.
    pub runbook: Option<String>,
}

impl Plan {
    /// 20 %, 50 % and all, a second and a half each, after v1.
    pub fn new(release: &str, version: &str) -> Self {
        let stage = |share: &str| (share.to_owned(), "1500ms".to_owned());
        Self {
            release: release.to_owned(),
            version: version.to_owned(),
            stages: ["20%", "50%", "100%"].map(stage).to_vec(),
            blind: "after: 10s, deadline: 30s, then: rollback".to_owned(),
            recovery: "1s".to_owned(),
            last_good: Some("v1".to_owned()),
            runbook: None,
        }
    }

    /// With a stage `index` that lasts `dwell`.
    #[must_use]
    pub fn lasting(mut self, index: usize, dwell: &str) -> Self {
        self.stages[index].1 = dwell.to_owned();
        self
    }

    /// The file.
    pub fn yaml(&self) -> String {
        let Self { release, version, stages, blind, recovery, last_good, runbook } = self;
        let runbook = runbook.as_ref().map_or_else(String::new, |path| format!("runbook: {path}\n"));
        let last_good =
            last_good.as_ref().map_or_else(String::new, |version| format!("last_good: {version}\n"));
        let stages: String =
            stages.iter().map(|(share, dwell)| format!("  - {{ share: {share}, for: {dwell} }}\n")).collect();
        format!(
            "release: {release}
version: {version}
{last_good}owner: maya
on_call: ran
changes:
  - {{ id: submit-flow, class: code, summary: new submit flow, back: {{ level: deploy, budget: 30s }} }}
stages:
{stages}blind: {{ {blind} }}
recovery: {recovery}
{runbook}"
        )
    }
}
