//! Draws a view. Pure: the same view gives the same frame. 80 by 24 suffices.

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};
use ripcord_engine::{
    Cause, PhaseName, RuleStatus, SignalStatus, StageState, StageStatus, Status, WaitingOn,
};
use ripcord_model::{Duration, Share};

use super::view::{Action, Link, Question, Trace, View};
use crate::render::{
    event,
    layout::{cut, wrap},
    status::{clock_points, exposure},
    words,
};

const QUIET: Style = Style::new().fg(Color::DarkGray);
const STRONG: Style = Style::new().add_modifier(Modifier::BOLD);

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, view: &View) {
    let Some(status) = &view.status else {
        frame.render_widget(Paragraph::new(link_line(view)), frame.area());
        return;
    };
    let signal_lines = u16::try_from(status.signals.len().min(8)).unwrap_or(8) + 1;
    let stage_lines = u16::try_from(status.stages.len().min(6)).unwrap_or(6) + 1;
    let areas = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(2),
        Constraint::Length(stage_lines),
        Constraint::Length(signal_lines + 1),
        Constraint::Min(3),
        Constraint::Length(2),
    ])
    .split(frame.area());
    title(frame, areas[0], view, status);
    headline(frame, areas[1], view, status);
    stages(frame, areas[2], status);
    signals(frame, areas[3], view, status);
    reasons(frame, areas[4], view, status);
    bottom(frame, areas[5], view);
}

fn title(frame: &mut Frame<'_>, area: Rect, view: &View, status: &Status) {
    let good =
        status.last_good.as_ref().map_or_else(String::new, |version| format!(" · last good {version}"));
    let left = format!("{} · {} of {}{good}", status.release, status.candidate, status.service);
    let line = link_line(view);
    let right_width = u16::try_from(line.width()).unwrap_or(area.width);
    let areas = Layout::horizontal([Constraint::Min(10), Constraint::Length(right_width)]).split(area);
    frame.render_widget(Paragraph::new(Line::styled(left, STRONG)), areas[0]);
    frame.render_widget(Paragraph::new(line), areas[1]);
}

fn link_line(view: &View) -> Line<'static> {
    match &view.link {
        Link::Connecting => Line::styled("connecting …", QUIET),
        Link::Live => {
            let at = view.status.as_ref().map(|status| status.now);
            let at = at.map_or_else(String::new, |at| {
                format!("{} {}", view.look.time_of_day(at), view.look.zone_name(at))
            });
            Line::styled(at, QUIET)
        }
        Link::Lost { since, reason: _ } => {
            let at = view.look.time_of_day(*since);
            Line::styled(format!("no connection since {at}"), Style::new().fg(Color::Yellow))
        }
    }
}

fn headline(frame: &mut Frame<'_>, area: Rect, view: &View, status: &Status) {
    let is_held = status.waiting.iter().any(|waiting| matches!(waiting.on, WaitingOn::Hold { .. }));
    let (mark, colour) = mark(status.phase, is_held);
    let mut style = Style::new().fg(colour).add_modifier(Modifier::BOLD);
    if matches!(view.link, Link::Lost { .. }) {
        style = style.add_modifier(Modifier::DIM);
    }
    let text = format!("{mark} {}", status.headline);
    frame.render_widget(Paragraph::new(text).style(style).wrap(Wrap { trim: true }), area);
}

/// The shape and colour of a state; the word stands in the headline.
const fn mark(phase: PhaseName, is_held: bool) -> (&'static str, Color) {
    match phase {
        PhaseName::Releasing | PhaseName::Verifying | PhaseName::Gating if is_held => ("‖", Color::Yellow),
        PhaseName::Staging | PhaseName::Releasing | PhaseName::Verifying => ("▲", Color::Cyan),
        PhaseName::Planned | PhaseName::Gating | PhaseName::Cancelled => ("●", Color::Gray),
        PhaseName::Contained => ("▣", Color::Magenta),
        PhaseName::RollingBack => ("◀", Color::LightRed),
        PhaseName::RolledBack => ("↺", Color::Blue),
        PhaseName::Stuck => ("!", Color::LightYellow),
        PhaseName::Complete => ("✓", Color::Green),
    }
}

fn stages(frame: &mut Frame<'_>, area: Rect, status: &Status) {
    let lines: Vec<Line<'_>> = status.stages.iter().map(|stage| stage_line(stage, status)).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

fn stage_line(stage: &StageStatus, status: &Status) -> Line<'static> {
    const BAR: u64 = 24;
    let gone_back = status.share == Share::ZERO
        && matches!(status.phase, PhaseName::RollingBack | PhaseName::RolledBack | PhaseName::Stuck);
    let done = match stage.state {
        StageState::Done | StageState::Ready => BAR,
        StageState::Baking => (stage.elapsed_ms * BAR).checked_div(stage.dwell_ms).unwrap_or(BAR).min(BAR),
        StageState::Waiting | StageState::Applying => 0,
    };
    let bar = format!("{}{}", "█".repeat(done as usize), "░".repeat((BAR - done) as usize));
    let (text, style) = match stage.state {
        StageState::Waiting => (String::new(), QUIET),
        StageState::Applying => ("applying".to_owned(), Style::new().fg(Color::Cyan)),
        StageState::Ready => ("ready".to_owned(), Style::new().fg(Color::Green)),
        StageState::Done => (format!("done · {}", words::counted(stage.requests, "request")), QUIET),
        StageState::Baking => (baking(stage), Style::new().fg(Color::Cyan)),
    };
    let style = if gone_back { QUIET } else { style };
    Line::from(vec![
        Span::styled(format!("{:>6} ", words::share(stage.share)), style),
        Span::styled(bar, style),
        Span::raw(format!("  {text}")),
    ])
}

fn baking(stage: &StageStatus) -> String {
    let (elapsed, dwell) =
        (Duration::from_ms(stage.elapsed_ms).human(), Duration::from_ms(stage.dwell_ms).human());
    format!("{elapsed} of {dwell} · {}", exposure(stage))
}

fn signals(frame: &mut Frame<'_>, area: Rect, view: &View, status: &Status) {
    let control = status.last_good.as_ref().map_or_else(|| "control".to_owned(), ToString::to_string);
    let canary = status.candidate.as_str();
    let header = format!(
        "{:<16}{:>9} {:>9}  {:<20} state",
        "signal",
        cut(canary, 9),
        cut(&control, 9),
        cut(canary, 20)
    );
    let mut lines = vec![Line::styled(header, QUIET)];
    for signal in status.signals.iter().take(8) {
        lines.push(signal_line(signal, view.traces.get(&signal.name), status));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn signal_line(signal: &SignalStatus, trace: Option<&Trace>, status: &Status) -> Line<'static> {
    let number = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| words::value(value, signal.is_ratio))
    };
    let violated = signal.rules.iter().find(|rule| rule.violated);
    let (state, style) = match (signal.blind, violated) {
        (true, _) => {
            let heard = signal.last_data.map_or_else(String::new, |at| words::relative(at, status.now));
            (format!("◌ blind {heard}"), Style::new().fg(Color::Yellow))
        }
        (false, Some(rule)) => (format!("{} {}", rule.leads_to, rule.rule), Style::new().fg(Color::LightRed)),
        (false, None) => (evidence(signal), QUIET),
    };
    let spark = trace.map_or_else(String::new, |trace| sparkline(trace, 20));
    Line::from(vec![
        Span::raw(format!("{:<16}", cut(signal.name.as_str(), 15))),
        Span::styled(format!("{:>9}", number(signal.canary)), STRONG),
        Span::styled(format!(" {:>9}  ", number(signal.control)), QUIET),
        Span::styled(format!("{spark:<20} "), Style::new().fg(Color::Cyan)),
        Span::styled(cut(&state, 22), style),
    ])
}

/// How far the evidence has come: `ok, evidence 3 of 6.9`.
fn evidence(signal: &SignalStatus) -> String {
    let distrusted = |rule: &RuleStatus| rule.detail.as_ref().is_some_and(|detail| detail.distrusted);
    if signal.rules.iter().any(distrusted) {
        return "ok, distrusted".to_owned();
    }
    let strongest = signal.rules.iter().find_map(|rule| rule.log_e.zip(rule.threshold));
    match strongest {
        Some((log_e, threshold)) => format!("ok, evidence {:.1}/{threshold:.1}", log_e.max(0.0)),
        None => "ok".to_owned(),
    }
}

/// The last values as bars, on one scale with the control's; a hole is a hole.
pub fn sparkline(trace: &Trace, width: usize) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let shown = trace.canary.iter().skip(trace.canary.len().saturating_sub(width));
    let top = trace.canary.iter().chain(&trace.control).flatten().copied().fold(0.0_f64, f64::max);
    shown
        .map(|value| match value {
            None => ' ',
            Some(_) if top <= 0.0 => BARS[0],
            Some(value) => BARS[((value / top * 7.0).round().clamp(0.0, 7.0)) as usize],
        })
        .collect()
}

fn reasons(frame: &mut Frame<'_>, area: Rect, view: &View, status: &Status) {
    const LABEL: usize = 9;
    let mut lines: Vec<Line<'_>> = Vec::new();
    let width = usize::from(area.width).saturating_sub(LABEL).max(20);
    let mut row = |label: &str, text: String| {
        for (position, line) in wrap(&text, width).into_iter().enumerate() {
            let label = if position == 0 { label } else { "" };
            lines.push(Line::from(vec![Span::styled(format!("{label:<LABEL$}"), QUIET), Span::raw(line)]));
        }
    };
    if let Some(cause) = &status.cause {
        row("why", event::cause(cause));
        if let Cause::Verdict(verdict) = cause
            && let (Some(log_e), Some(threshold)) = (verdict.log_e, verdict.threshold)
        {
            let (seen, accepted) = (words::one_in(log_e), words::one_in(threshold + 1e-9));
            row("", format!("by accident: under {seen}; you accepted {accepted}"));
        }
    }
    let points = clock_points(&status.clock);
    if let Some((_, origin)) = points.first().copied() {
        for (position, (name, at)) in points.iter().enumerate() {
            let label = if position == 0 { "clock" } else { "" };
            let (time, offset) = (view.look.time_of_day(*at), words::offset(*at, origin));
            row(label, format!("{time} {name} {offset}"));
        }
    }
    for waiting in &status.waiting {
        row("waiting", format!("{}; {}", waiting.why, waiting.until));
    }
    for command in status.next.iter().take(2) {
        row("next", command.clone());
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn bottom(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let lines = match (&view.question, &view.link) {
        (Question::Why { action, text }, _) => vec![
            Line::styled(format!("Why {}? {text}▏", action.word()), STRONG),
            Line::styled("Enter goes on, Esc leaves it", QUIET),
        ],
        (Question::Confirm { action, why }, _) => vec![
            Line::styled(
                confirmation(*action, view),
                Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD),
            ),
            Line::styled(format!("because: {why}"), QUIET),
        ],
        (Question::None, Link::Lost { reason, .. }) => vec![
            Line::styled(format!("what you see may be stale: {reason}"), Style::new().fg(Color::Yellow)),
            Line::styled("without a server: ripcord rollback RELEASE --offline · q quit", QUIET),
        ],
        (Question::None, Link::Connecting | Link::Live) => vec![
            Line::raw(view.notice.clone().unwrap_or_default()),
            Line::styled("h hold · r go back · q quit (the release goes on)", QUIET),
        ],
    };
    frame.render_widget(Paragraph::new(lines), area);
}

fn confirmation(action: Action, view: &View) -> String {
    let good = view.status.as_ref().and_then(|status| status.last_good.as_ref());
    match (action, good) {
        (Action::Rollback, Some(version)) => format!("Go back to {version} now? y yes, n no"),
        (Action::Rollback, None) => "Go back now? y yes, n no".to_owned(),
        (Action::Hold, _) => "Hold now? y yes, n no".to_owned(),
    }
}
