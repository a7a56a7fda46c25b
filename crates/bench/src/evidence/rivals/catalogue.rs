//! Every rule that is tried: Ripcord's, each rival as it comes, and each rival's tunings.

use ripcord_analysis::InvalidConfig;
use serde::Serialize;

use super::{
    argo::{self, Argo},
    family::STEPS,
    flagger::{self, Flagger},
    kayenta::{self, Judged, Kayenta},
    pipecd::{self, Comparisons, PipeCd},
    ripcord::{Measured, Ripcord},
    trace::Trace,
};

/// One rule with its knobs.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Entry {
    pub(super) tool: Tool,
    pub(super) tuned: bool,
    rule: Rule,
}

/// Whose rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Tool {
    /// Ripcord; silence of the provider asks a person.
    Ripcord,
    /// Ripcord; silence of the provider goes back after 12 min.
    RipcordGoesBack,
    /// Ripcord; holds that only distrust keeps from being rollbacks count too.
    RipcordHolds,
    Argo,
    Flagger,
    Kayenta,
    PipeCd,
}

#[derive(Debug, Clone, Serialize)]
enum Rule {
    Ripcord(Box<Ripcord>),
    Argo(Argo),
    Flagger(Flagger),
    Kayenta(Kayenta),
    PipeCd(PipeCd),
}

/// What several tunings look at in the same trace.
#[derive(Debug, Default)]
pub(super) struct Notebook {
    judged: Judged,
    comparisons: Comparisons,
}

impl Tool {
    pub(super) const RIVALS: [Self; 4] = [Self::Argo, Self::Flagger, Self::Kayenta, Self::PipeCd];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ripcord => "Ripcord",
            Self::RipcordGoesBack => "Ripcord that goes back on 12 min of silence",
            Self::RipcordHolds => "Ripcord with holds for want of trust",
            Self::Argo => "Argo Rollouts",
            Self::Flagger => "Flagger",
            Self::Kayenta => "Kayenta",
            Self::PipeCd => "PipeCD",
        }
    }
}

impl Entry {
    /// At which step of the trace it aborts.
    pub(super) fn abort(&self, trace: &Trace, notebook: &mut Notebook) -> Option<usize> {
        match &self.rule {
            Rule::Ripcord(rule) => rule.abort(trace),
            Rule::Argo(rule) => rule.abort(trace),
            Rule::Flagger(rule) => rule.abort(trace),
            Rule::Kayenta(rule) => rule.abort(trace, &mut notebook.judged),
            Rule::PipeCd(rule) => rule.abort(trace, &mut notebook.comparisons),
        }
    }

    /// Whose it is, and its knobs.
    pub(super) fn name(&self) -> String {
        let (tool, knobs) = (self.tool.name(), if self.tuned { "tuned" } else { "as it comes" });
        match &self.rule {
            Rule::Ripcord(_) => tool.to_owned(),
            Rule::Argo(rule) => format!("{tool} {knobs}: {rule}"),
            Rule::Flagger(rule) => format!("{tool} {knobs}: {rule}"),
            Rule::Kayenta(rule) => format!("{tool} {knobs}: {rule}"),
            Rule::PipeCd(rule) => format!("{tool} {knobs}: {rule}"),
        }
    }
}

/// All of them; Ripcord's three come first.
pub(super) fn all() -> Result<Vec<Entry>, InvalidConfig> {
    let blocks = u32::try_from(STEPS).unwrap_or(u32::MAX);
    let ripcord = |measured| Ripcord::new(measured, blocks).map(Box::new).map(Rule::Ripcord);
    let mut all = vec![
        Entry { tool: Tool::Ripcord, tuned: false, rule: ripcord(Measured::Evidence)? },
        Entry { tool: Tool::RipcordGoesBack, tuned: false, rule: ripcord(Measured::Silence)? },
        Entry { tool: Tool::RipcordHolds, tuned: false, rule: ripcord(Measured::Notice)? },
    ];
    let mut add = |tool, tuned, rules: Vec<Rule>| {
        all.extend(rules.into_iter().map(|rule| Entry { tool, tuned, rule }));
    };
    add(Tool::Argo, false, argo::defaults().into_iter().map(Rule::Argo).collect());
    add(Tool::Argo, true, argo::grid().into_iter().map(Rule::Argo).collect());
    add(Tool::Flagger, false, flagger::defaults().into_iter().map(Rule::Flagger).collect());
    add(Tool::Flagger, true, flagger::grid().into_iter().map(Rule::Flagger).collect());
    add(Tool::Kayenta, false, kayenta::defaults().into_iter().map(Rule::Kayenta).collect());
    add(Tool::Kayenta, true, kayenta::grid().into_iter().map(Rule::Kayenta).collect());
    add(Tool::PipeCd, false, pipecd::defaults().into_iter().map(Rule::PipeCd).collect());
    add(Tool::PipeCd, true, pipecd::grid().into_iter().map(Rule::PipeCd).collect());
    Ok(all)
}
