//! Evidence as a bar on a logarithmic scale: how far it has come, and where it is enough.

use std::fmt::Write as _;

use crate::words;

const WIDTH: f64 = 320.0;

/// `log_e` towards `threshold`, both natural logarithms of odds. The bar is decoration for the words beside it.
pub fn meter(log_e: f64, threshold: f64) -> String {
    let finish = WIDTH * 0.86;
    let part = if threshold > 0.0 { (log_e / threshold).clamp(0.0, 1.16) } else { 0.0 };
    let width = (finish * part).min(WIDTH);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} 36\" role=\"img\" aria-label=\"{}\">",
        words::escaped(&in_words(log_e, threshold))
    );
    let _ = write!(svg, "<rect class=\"c-track\" y=\"4\" width=\"{WIDTH}\" height=\"8\" rx=\"2\"/>");
    let _ = write!(svg, "<rect class=\"c-fill\" y=\"4\" width=\"{width:.1}\" height=\"8\" rx=\"2\"/>");
    // Odds of ten, a hundred, a thousand: every step of the scale is ten times as unlikely.
    let decades = (threshold / std::f64::consts::LN_10).floor().clamp(0.0, 12.0) as u32;
    for decade in 1..=decades {
        let x = finish * f64::from(decade) * std::f64::consts::LN_10 / threshold;
        let _ = write!(svg, "<path class=\"c-axis\" d=\"M{x:.1} 4v8\"/>");
    }
    let _ = write!(svg, "<path class=\"c-finish\" d=\"M{finish:.1} 0v16\"/>");
    let odds = words::one_in(threshold + 1e-9);
    let _ = write!(svg, "<text x=\"{finish:.1}\" y=\"32\" text-anchor=\"end\">{odds}</text></svg>");
    svg
}

/// `1 in 40 of 1 in 1,000`.
pub fn in_words(log_e: f64, threshold: f64) -> String {
    let needed = words::one_in(threshold + 1e-9);
    // Less than one in two is no sign of anything.
    if log_e < std::f64::consts::LN_2 {
        return format!("none yet; {needed} is enough");
    }
    format!("{} now; {needed} is enough", words::one_in(log_e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_reaches_its_finish_when_the_evidence_is_enough() {
        let threshold = 1_000_f64.ln();
        assert!(meter(threshold, threshold).contains("width=\"275.2\""), "{}", meter(threshold, threshold));
        assert!(meter(-3.0, threshold).contains("c-fill\" y=\"4\" width=\"0.0\""));
        assert!(meter(400.0, threshold).contains("width=\"319.2\""));
        assert_eq!(in_words(40_f64.ln() + 1e-9, threshold), "1 in 40 now; 1 in 1,000 is enough");
        assert_eq!(in_words(f64::NEG_INFINITY, threshold), "none yet; 1 in 1,000 is enough");
    }
}
