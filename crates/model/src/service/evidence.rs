//! `evidence:` of `ripcord.yaml`: how much evidence is asked for, and what is left out of it.

use crate::{
    Duration, Share,
    diagnostic::Code,
    source::Spanned,
    yaml::{Fields, Found, Kind, Node, Reading},
};

/// The largest accepted chance of an error: with more, anything is evidence.
const MAX_CHANCE_PPM: u32 = 200_000;
/// Counts that scatter more than this say nothing at all.
const MAX_DISPERSION: f64 = 1000.0;

/// `evidence:`, as far as the author says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EvidenceEntry {
    /// What a freshly started version does for this long is no evidence; may be nothing.
    pub warm_up: Option<Spanned<Duration>>,
    /// How many times more than by chance counts are assumed to scatter, at least 1.
    pub dispersion: Option<Spanned<f64>>,
    /// The accepted chance that a release with no regression is contained or held by evidence.
    pub contain: Option<Spanned<Share>>,
    /// The accepted chance that a signal worse than tolerated counts as safe.
    pub advance: Option<Spanned<Share>>,
    /// The accepted chance that a signal is distrusted whose control instances are alike.
    pub guard: Option<Spanned<Share>>,
    /// How long before the release the baseline is measured.
    pub baseline: Option<Spanned<Duration>>,
}

/// `evidence:` from its node.
pub(super) fn read(node: &Node, found: &mut Found<'_>) -> Option<EvidenceEntry> {
    let mut fields = Fields::open(node, "evidence", node.place, found)?;
    let warm_up = fields.optional("warm_up").and_then(|node| read_warm_up(node, found));
    let dispersion = fields.optional("dispersion").and_then(|node| read_dispersion(node, found));
    let mut chance = |key: &'static str, of: &str, found: &mut Found<'_>| {
        fields.optional(key).and_then(|node| read_chance(node, of, "5%", found))
    };
    let contain = chance("contain", "of a false containment", found);
    let advance = chance("advance", "of a false all-clear", found);
    let guard = chance("guard", "of a false distrust", found);
    let baseline = fields.optional("baseline").and_then(|node| node.duration(found));
    fields.finish(found);
    Some(EvidenceEntry { warm_up, dispersion, contain, advance, guard, baseline })
}

/// The chance of an error that a person accepts; `of` says which error, `usual` what most write.
pub(crate) fn read_chance(
    node: &Node,
    of: &str,
    usual: &str,
    found: &mut Found<'_>,
) -> Option<Spanned<Share>> {
    let share = node.share(found)?;
    if (1..=MAX_CHANCE_PPM).contains(&share.ppm()) {
        return Some(share);
    }
    let message = format!("{} cannot be the accepted chance {of}", *share);
    let expected = format!("more than 0% and at most 20%; {usual} is usual");
    found.error(Code::INVALID_SHARE, node.place, message).expected(expected);
    None
}

/// A duration that may be nothing: `0s` counts from the first moment on.
fn read_warm_up(node: &Node, found: &mut Found<'_>) -> Option<Spanned<Duration>> {
    match &node.kind {
        Kind::Text(text) if text.parse() == Ok(Duration::ZERO) => {
            Some(Spanned::new(Duration::ZERO, node.place))
        }
        Kind::Text(_) | Kind::Null | Kind::List(_) | Kind::Map(_) => node.duration(found),
    }
}

fn read_dispersion(node: &Node, found: &mut Found<'_>) -> Option<Spanned<f64>> {
    let text = node.text(found)?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match text.value.parse::<f64>() {
        Ok(dispersion) if digits && (1.0..=MAX_DISPERSION).contains(&dispersion) => {
            Some(Spanned::new(dispersion, node.place))
        }
        Ok(_) | Err(_) => {
            let message = "this is not a dispersion: counts never scatter less than by chance";
            let expected = "a number from 1 (as by chance) to 1000: `dispersion: 2`";
            found.error(Code::INVALID_NUMBER, node.place, message).expected(expected);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnostic::Diagnostics,
        read_service,
        service::{ServiceFile, tests::EXAMS},
        source::SourceFile,
    };

    fn with(evidence: &str) -> Result<ServiceFile, Diagnostics> {
        read_service(&SourceFile::new("ripcord.yaml", format!("{EXAMS}evidence:\n  {evidence}\n")))
    }

    #[test]
    fn what_is_written_is_read_and_what_is_not_stays_open() {
        let all = "{ warm_up: 45s, dispersion: 2.5, contain: 2%, advance: 10%, guard: 1%, baseline: 30m }";
        let read = with(all).unwrap().evidence;
        assert_eq!(read.warm_up.unwrap().value, Duration::from_secs(45));
        assert_eq!(read.dispersion.unwrap().value, 2.5);
        assert_eq!(read.contain.unwrap().value, Share::percent(2));
        assert_eq!(read.advance.unwrap().value, Share::percent(10));
        assert_eq!(read.guard.unwrap().value, Share::percent(1));
        assert_eq!(read.baseline.unwrap().value, Duration::from_mins(30));
        let nothing = with("warm_up: 0s").unwrap().evidence;
        assert_eq!(nothing.warm_up.unwrap().value, Duration::ZERO);
        assert_eq!((nothing.dispersion, nothing.contain, nothing.baseline), (None, None, None));
        let silent = read_service(&SourceFile::new("ripcord.yaml", EXAMS)).unwrap();
        assert_eq!(silent.evidence, EvidenceEntry::default());
    }

    #[test]
    fn every_mistake_has_its_code_and_stands_under_its_value() {
        for (written, code, at) in [
            ("warm_up: soon", Code::INVALID_DURATION, "soon"),
            ("warm_up: [30s]", Code::WRONG_KIND, "[30s]"),
            ("dispersion: 0.9", Code::INVALID_NUMBER, "0.9"),
            ("dispersion: -2", Code::INVALID_NUMBER, "-2"),
            ("dispersion: 1001", Code::INVALID_NUMBER, "1001"),
            ("dispersion: NaN", Code::INVALID_NUMBER, "NaN"),
            ("dispersion: 1e1", Code::INVALID_NUMBER, "1e1"),
            ("contain: 0%", Code::INVALID_SHARE, "0%"),
            ("advance: 20.0001%", Code::INVALID_SHARE, "20.0001%"),
            ("guard: 0.05", Code::INVALID_SHARE, "0.05"),
            ("baseline: 0s", Code::INVALID_DURATION, "0s"),
            ("warmup: 30s", Code::UNKNOWN_KEY, "warmup"),
            ("[30s]", Code::WRONG_KIND, "[30s]"),
        ] {
            let errors = with(written).unwrap_err();
            let text = format!("{EXAMS}evidence:\n  {written}\n");
            let found: Vec<_> = errors.iter().map(|error| (error.code, &text[error.span.clone()])).collect();
            assert_eq!(found, [(code, at)], "{written}");
            assert!(errors.iter().all(|error| error.expected.is_some()), "{errors}");
        }
        let errors = with("warmup: 30s").unwrap_err();
        let help = errors.iter().next().unwrap().help.clone();
        assert_eq!(help.as_deref(), Some("did you mean `warm_up`?"));
    }
}
