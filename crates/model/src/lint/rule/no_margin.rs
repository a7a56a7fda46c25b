//! Two hosts are never quite alike: without a margin, whatever lasts between them is a regression.

use crate::{
    ServiceFile, blueprint::Rule, diagnostic::Code, lint::Report, service::SignalEntry, source::Spanned,
};

pub(super) fn check(
    _service: &ServiceFile,
    signal: &SignalEntry,
    rule: &Spanned<Rule>,
    report: &mut Report<'_>,
) {
    let other = match rule.value {
        Rule::WorseThanControl { margin: 0.0 } => "control",
        Rule::WorseThanBaseline { margin: 0.0 } => "baseline",
        Rule::WorseThanControl { .. }
        | Rule::WorseThanBaseline { .. }
        | Rule::Over { .. }
        | Rule::Threshold(_) => return,
    };
    let message = format!(
        "`{}` tolerates nothing on `{}`: any difference that lasts, such as a slower host, is a regression",
        rule.value, *signal.name
    );
    let expected = format!("the difference you could live with: worse than {other} by 10%");
    report.warning(Code::NO_MARGIN, rule.place, message, expected);
}
