//! The first runbook.

use super::Answers;

/// The text of the file.
pub(super) fn render(answers: &Answers) -> String {
    let Answers { service, owner, version, last_good, .. } = answers;
    let (version, last_good) = (plain(version), plain(last_good));
    format!(
        r#"---
runbook: first
owner: {owner}
trigger: errors above 5% for 2m
# How long all of it may take. A rehearsal measures it.
budget: 6m
# What one must be able to reach before it is needed.
access: [the host that {service} runs on]
rehearse: {{ in: staging, every: 14d }}
---
# {service}: back from {version} to {last_good}

People read this page, and Ripcord executes it. Only fences with braces are steps; everything else is for the reader.

- See it step by step: `ripcord runbook show runbooks/first.md`
- Check it: `ripcord lint`
- Every attribute: `docs/runbooks.md` of Ripcord

## 1. Stop the bleeding

All users go to {last_good}. The step ends when the router says so.

```traffic {{step=traffic level=deploy budget=1m timeout=2m}}
last-good
```

## 2. Take the new version down

```deploy {{step=withdraw level=deploy budget=2m timeout=4m}}
last-good
```

## 3. See that it is over

A step of your own is a script and a second one that says when it has ended: a fence of `sh` with `run` and one with
`verify`. A question to a person is a `manual` fence.

```check {{step=recovered budget=3m timeout=10m}}
errors below 1% for 1m
```

## Tell people

```template {{channel=support status=identified}}
{service} has errors since the release of {{{{release.version}}}}. We are going back to {{{{release.last_good}}}}.
Next update by {{{{next_update}}}}.
```

```template {{channel=support status=resolved}}
{service} is back on {{{{release.last_good}}}} and works as before.
```
"#
    )
}

/// A version as it may stand in a heading.
fn plain(version: &str) -> String {
    version.chars().filter(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | '_')).take(40).collect()
}
