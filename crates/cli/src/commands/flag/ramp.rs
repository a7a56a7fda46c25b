//! `ripcord flag ramp`: a share of users gets `on`.

use ripcord_flags::Edit;

use super::{
    Where,
    change::{Waiting, change},
};
use crate::{commands::Ended, context::Context};

/// Arguments of `ripcord flag ramp`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The flag
    flag: String,
    /// The share, to a hundredth of a percent: 1%, 0.25%
    #[arg(value_parser = share)]
    share: u32,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    place: Where,
}

const AFTER_HELP: &str = "\
Users are divided by a hash of flag and targeting key: growing the share only adds users,
shrinking takes the newest first, and the same user always gets the same. Whoever has no
targeting key gets off.

Examples:
  ripcord flag ramp exam-submit-v2 1% --why \"first users\"
  ripcord flag ramp exam-submit-v2 0%";

/// Ramps it.
pub fn run(context: &Context, arguments: Arguments) -> Ended {
    let Arguments { flag, share, waiting, place } = arguments;
    let edit = Edit::Ramp { flag: flag.clone(), share };
    change(context, &place, edit, waiting, |flags| {
        let share = f64::from(share) / 100.0;
        format!("{flag} is on for {share} % of users in {} (change {})", place.environment, flags.revision)
    })
}

/// Hundredths of a percent.
fn share(text: &str) -> Result<u32, String> {
    let expected = || "expected a share from 0% to 100% with at most two digits behind the point".to_owned();
    let digits = text.trim().strip_suffix('%').ok_or_else(expected)?.trim_end();
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || part.len() > 2 || !is_plain(whole) || !is_plain(part) {
        return Err(expected());
    }
    let whole: u32 = whole.parse().map_err(|_| expected())?;
    let part: u32 = format!("{part:0<2}").parse().map_err(|_| expected())?;
    let share = whole * 100 + part;
    if share > 10_000 { Err(expected()) } else { Ok(share) }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn shares_are_read_to_a_hundredth() {
        for (text, expected) in
            [("1%", Ok(100)), ("0%", Ok(0)), ("100%", Ok(10_000)), ("0.25%", Ok(25)), ("12.5 %", Ok(1_250))]
        {
            assert_eq!(share(text), expected, "{text}");
        }
        for text in ["", "%", "1", "-1%", "101%", "0.001%", "1e1%", ".5%", "NaN%"] {
            assert!(share(text).is_err(), "{text}");
        }
    }
}
