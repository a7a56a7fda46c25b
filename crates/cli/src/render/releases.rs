//! All releases, one line each.

use ripcord_engine::Status;

use super::{
    layout::{cut, table},
    look::{Look, Tone},
    words,
};

/// One line per release, the newest first.
pub fn releases(all: &[Status], look: &Look) -> String {
    if all.is_empty() {
        return "No release yet.\n\n  next       ripcord ship NAME   (NAME is a file in releases/, without .yaml)\n".to_owned();
    }
    let mut newest_first: Vec<&Status> = all.iter().collect();
    newest_first.sort_by_key(|status| std::cmp::Reverse(status.since));
    let rows: Vec<Vec<String>> = newest_first
        .iter()
        .map(|status| {
            vec![
                cut(status.release.as_str(), 24),
                cut(status.candidate.as_str(), 12),
                words::share(status.share),
                words::relative(status.since, status.now),
                phase_word(status).to_owned(),
            ]
        })
        .collect();
    let mut text = String::new();
    for (position, line) in
        table(&["release", "version", "share", "since", "state"], &rows, &[2]).iter().enumerate()
    {
        let line = if position == 0 { look.paint(Tone::Quiet, line) } else { line.clone() };
        text.push_str(&format!("{line}\n"));
    }
    text
}

/// The state in words people use.
pub fn phase_word(status: &Status) -> &'static str {
    use ripcord_engine::PhaseName;
    if let Some(rehearsal) = &status.rehearsal {
        return match &rehearsal.result {
            None => "rehearsing",
            Some(result) if result.failed.is_none() => "confirmed",
            Some(_) => "not confirmed",
        };
    }
    match status.phase {
        PhaseName::Planned => "planned",
        PhaseName::Staging => "in staging",
        PhaseName::Gating => "at the gate",
        PhaseName::Releasing => "advancing",
        PhaseName::Verifying => "validating",
        PhaseName::Complete => "complete",
        PhaseName::Cancelled => "cancelled",
        PhaseName::Contained => "contained",
        PhaseName::RollingBack => "going back",
        PhaseName::RolledBack => "rolled back",
        PhaseName::Stuck => "stuck",
    }
}
