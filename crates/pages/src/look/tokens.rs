//! Colours, once per theme. Everything that has a colour on a page has it from here.

/// A colour of both themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// As the style sheet calls it, without the dashes.
    pub name: &'static str,
    /// By day, `#rrggbb`.
    pub light: &'static str,
    /// By night, `#rrggbb`.
    pub dark: &'static str,
}

const fn token(name: &'static str, light: &'static str, dark: &'static str) -> Token {
    Token { name, light, dark }
}

/// What lies beneath: pages, panels, and the one thing that is raised.
pub const SURFACES: [Token; 3] = [
    token("ground", "#f4f6f8", "#0e1217"),
    token("panel", "#ffffff", "#151b22"),
    token("raised", "#ffffff", "#1c242d"),
];

/// What is written on them.
pub const INKS: [Token; 3] = [
    token("ink", "#14191f", "#e7ecf2"),
    token("quiet", "#4d5a68", "#9fadbb"),
    token("accent", "#1553b6", "#8fbcff"),
];

/// Lines that separate and the shade below what is raised; neither need be seen to understand.
pub const LINES: [Token; 2] = [token("line", "#d3dae2", "#2c3743"), token("shade", "#8b97a5", "#000000")];

/// One per [`State`](super::State), under its class.
pub const STATES: [Token; 9] = [
    token("advancing", "#006b5e", "#35d0b6"),
    token("waiting", "#475a6d", "#a3b4c6"),
    token("held", "#855300", "#f0b440"),
    token("back", "#b01245", "#ff7396"),
    token("restored", "#0a58a8", "#62aef8"),
    token("contained", "#6035bd", "#b79dff"),
    token("blind", "#575f68", "#b0b5bc"),
    token("stuck", "#665200", "#ffd60a"),
    token("complete", "#1a692d", "#5cc97a"),
];

/// Black on yellow, in both themes: what is stuck.
pub const ALARM: (Token, Token) =
    (token("alarm-ink", "#14120a", "#14120a"), token("alarm", "#ffd60a", "#ffd60a"));

/// All of them.
pub fn all() -> impl Iterator<Item = Token> {
    SURFACES.into_iter().chain(INKS).chain(LINES).chain(STATES).chain([ALARM.0, ALARM.1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, "relative luminance".
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    /// WCAG 2.2, "contrast ratio".
    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn contrast_is_computed_as_the_guideline_says() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01, "the grey that famously just fails");
    }

    #[test]
    fn every_ink_and_every_state_can_be_read_on_every_surface_in_both_themes() {
        for surface in SURFACES {
            for ink in INKS.into_iter().chain(STATES) {
                for (theme, one, other) in
                    [("light", ink.light, surface.light), ("dark", ink.dark, surface.dark)]
                {
                    let ratio = contrast(one, other);
                    assert!(
                        ratio >= 4.5,
                        "{} on {} has {ratio:.2} in {theme}: AA asks for 4.5",
                        ink.name,
                        surface.name
                    );
                }
            }
        }
        assert!(contrast(ALARM.0.light, ALARM.1.light) >= 7.0);
    }

    #[test]
    fn what_is_written_on_a_button_can_be_read() {
        // A button is filled with ink of its state and written on in the colour of the panel.
        for state in STATES {
            assert!(contrast(state.light, SURFACES[1].light) >= 4.5, "{}", state.name);
            assert!(contrast(state.dark, SURFACES[1].dark) >= 4.5, "{}", state.name);
        }
    }

    #[test]
    fn no_two_states_look_alike_in_one_theme() {
        for (index, one) in STATES.iter().enumerate() {
            for other in &STATES[index + 1..] {
                assert!(one.light != other.light && one.dark != other.dark, "{} {}", one.name, other.name);
            }
        }
    }
}
