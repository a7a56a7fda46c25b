//! How text looks: colour only for state, the zone of instants.

use jiff::tz::TimeZone;
use ripcord_engine::PhaseName;
use ripcord_model::Timestamp;

/// How text looks to this reader.
#[derive(Debug, Clone)]
pub struct Look {
    /// Whether escape codes may be written.
    pub colour: bool,
    /// The zone instants are shown in.
    pub zone: TimeZone,
}

/// What a piece of text stands for; each has one colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The answer.
    Strong,
    /// Labels and things of less weight.
    Quiet,
    /// Good.
    Good,
    /// Held, or to be looked at.
    Warning,
    /// Going back, failing.
    Bad,
    /// Stuck: a person is needed now.
    Alarm,
    /// Restored, under way.
    Calm,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Quiet => "2",
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "1;35",
            Self::Alarm => "30;43",
            Self::Calm => "36",
        }
    }

    /// The tone of a release's state.
    pub const fn of_phase(phase: PhaseName) -> Self {
        match phase {
            PhaseName::Planned | PhaseName::Cancelled => Self::Strong,
            PhaseName::Staging | PhaseName::Gating | PhaseName::Releasing | PhaseName::Verifying => {
                Self::Calm
            }
            PhaseName::Complete => Self::Good,
            PhaseName::Contained => Self::Warning,
            PhaseName::RollingBack => Self::Bad,
            PhaseName::RolledBack => Self::Calm,
            PhaseName::Stuck => Self::Alarm,
        }
    }
}

impl Look {
    /// No colour, UTC.
    pub fn plain() -> Self {
        Self { colour: false, zone: TimeZone::UTC }
    }

    /// `text` in the colour of `tone`, when colour is allowed.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code())
    }

    /// The time of day, without its zone: `14:02:10`.
    pub fn time_of_day(&self, instant: Timestamp) -> String {
        instant.to_jiff().to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }

    /// Date, time and zone: `2026-11-21 14:02:10 UTC`.
    pub fn full(&self, instant: Timestamp) -> String {
        instant.to_jiff().to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    }

    /// The name of the zone at `instant`: `UTC`, `CET`.
    pub fn zone_name(&self, instant: Timestamp) -> String {
        instant.to_jiff().to_zoned(self.zone.clone()).strftime("%Z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_written_only_when_allowed() {
        let plain = Look::plain();
        assert_eq!(plain.paint(Tone::Good, "pass"), "pass");
        let colour = Look { colour: true, ..plain };
        assert_eq!(colour.paint(Tone::Good, "pass"), "\u{1b}[32mpass\u{1b}[0m");
    }

    #[test]
    fn instants_are_shown_in_the_zone_with_its_name() {
        let berlin = Look { colour: false, zone: TimeZone::get("Europe/Berlin").unwrap() };
        let instant: Timestamp = "2026-11-21T14:02:10Z".parse().unwrap();
        assert_eq!(berlin.full(instant), "2026-11-21 15:02:10 CET");
        assert_eq!(Look::plain().full(instant), "2026-11-21 14:02:10 UTC");
    }
}
