//! The first plan.

use super::{Answers, quoted};

/// The text of the file.
pub(super) fn render(answers: &Answers) -> String {
    let Answers { owner, on_call, .. } = answers;
    let (version, last_good) = (quoted(&answers.version), quoted(&answers.last_good));
    format!(
        r#"# One release: what goes out, by which stages, and how it comes back.
# See it compiled with: ripcord plan first       Check it with: ripcord gate first
release: first
version: {version}
# Where the way back leads. Once a release has completed Ripcord knows, and this line can go.
last_good: {last_good}
owner: {owner}
on_call: {on_call}

# The accepted chance that a release with no regression is rolled back.
false_rollback: 0.1%
# A stage ends when nothing is beyond a limit. `evidence` waits until every signal with evidence has shown that it is no
# worse than tolerated, or a person promotes.
# advance: evidence

# Every part of the release, and how it goes back. The level says how deep a rollback must reach:
#   flag       seconds           code, config, contract (then name the flag: `flag: KEY`)
#   deploy     minutes           code, config, contract
#   migration  minutes to hours  schema (then say `migrations: DIR, from: "0041", to: "0042"`, and `approvers:`)
#   data       hours to days     schema, data
# What cannot be undone says `reversibility: one-way` and how the damage is limited: `contain: …`.
changes:
  - id: first-change
    class: code
    summary: the first release through Ripcord
    back: {{ level: deploy, budget: 2m, trigger_by: [on-call, owner] }}

# What people read and Ripcord executes when it has to go back by hand. See it with: ripcord runbook show runbooks/first.md
runbook: runbooks/first.md

# standard: 1% for 30m, 10% for 2h, 50% for 4h, 100% with 24h of validation. small: the same shares, faster.
# Or your own: `- {{ share: 1%, for: 30m, at_least: 500 requests }}`, at least three, the last with 100%.
stages: small

# When signals fall silent: blind after two minutes, and back after ten. `then: ask` waits for a person instead.
blind: {{ after: 2m, deadline: 10m, then: rollback }}

# How long recovery must be seen before a rollback counts as verified.
recovery: 1m

comms:
  before: [support]
  outside_after: 15m
"#
    )
}
