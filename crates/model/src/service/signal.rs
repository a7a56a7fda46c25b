//! `signals:` of `ripcord.yaml`.

use super::SignalEntry;
use crate::{
    Duration, SignalName,
    blueprint::{Harm, Measure, Rule},
    condition::{self, InvalidRule},
    diagnostic::Code,
    source::{Place, Spanned},
    yaml::{Fields, Found, Kind, Node, Reading, choose_one, one_or_many},
};

/// Long enough that a slow service has a few requests in it, short enough to be about now.
const DEFAULT_WINDOW: Duration = Duration::from_mins(1);

/// A signal from its fields.
pub(super) fn read(
    mut fields: Fields<'_>,
    name: Option<Spanned<SignalName>>,
    found: &mut Found<'_>,
) -> Option<SignalEntry> {
    let words = [("user", Harm::User), ("system", Harm::System), ("business", Harm::Business)];
    let harm = fields.required("harm", "one of: user, system, business", found);
    let harm = harm.and_then(|node| node.word(&words, found));
    let measure = read_measure(&mut fields, found);
    let variant_label = fields.optional("variant_label").and_then(|node| label_name(node, found));
    let window = fields.optional("window").and_then(|node| node.duration(found));
    let rollback = read_rules(fields.optional("rollback"), found);
    let contain = read_rules(fields.optional("contain"), found);
    let hold = read_rules(fields.optional("hold"), found);
    fields.finish(found);
    let window = window.map_or(DEFAULT_WINDOW, |window| window.value);
    let (name, harm, measure) = (name?, harm?, measure?);
    Some(SignalEntry { name, harm, measure, variant_label, window, rollback, contain, hold })
}

fn read_measure(fields: &mut Fields<'_>, found: &mut Found<'_>) -> Option<Spanned<Measure>> {
    let kinds = ["ratio", "quantile", "count", "gauge"];
    let (key, node) = choose_one(fields, &kinds, "what is measured", found)?;
    let measure = match key.text.as_str() {
        "ratio" => read_ratio(Fields::open(node, "this ratio", key.place, found)?, found)?,
        "quantile" => read_quantile(Fields::open(node, "this quantile", key.place, found)?, found)?,
        "count" => read_count(node, key.place, found)?,
        _ => Measure::Gauge { gauge: selector(node, found)? },
    };
    Some(Spanned::new(measure, key.place))
}

fn read_ratio(mut fields: Fields<'_>, found: &mut Found<'_>) -> Option<Measure> {
    let counted = choose_one(&mut fields, &["bad", "good"], "which events are counted", found);
    let counted = counted.and_then(|(key, node)| Some((key, selector(node, found)?)));
    let all = fields.required("all", "the counter of all events", found);
    let all = all.and_then(|node| selector(node, found));
    fields.finish(found);
    let ((key, counted), all) = (counted?, all?);
    Some(match key.text.as_str() {
        "good" => Measure::Success { good: counted, all },
        _ => Measure::Ratio { bad: counted, all },
    })
}

/// A counter, or a counter with what it is compared per.
fn read_count(node: &Node, place: Place, found: &mut Found<'_>) -> Option<Measure> {
    if !matches!(node.kind, Kind::Map(_)) {
        return Some(Measure::Count { counter: selector(node, found)?, per: None });
    }
    let mut fields = Fields::open(node, "this count", place, found)?;
    let counter = fields.required("of", "the counter of what happens: `of: crashes_total`", found);
    let counter = counter.and_then(|node| selector(node, found));
    let per = fields.required("per", "the counter of what it can happen to: `per: sessions_total`", found);
    let per = per.and_then(|node| selector(node, found));
    fields.finish(found);
    Some(Measure::Count { counter: counter?, per: Some(per?) })
}

fn read_quantile(mut fields: Fields<'_>, found: &mut Found<'_>) -> Option<Measure> {
    let histogram = fields.required("histogram", "the base name of a histogram", found);
    let histogram = histogram.and_then(|node| selector(node, found));
    let q = fields.required("q", "a number between 0 and 1, like 0.99", found).and_then(|node| {
        let text = node.text(found)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match text.value.parse::<f64>() {
            Ok(q) if digits && q > 0.0 && q < 1.0 => Some(q),
            Ok(_) | Err(_) => {
                let message = "this is not a quantile";
                found
                    .error(Code::INVALID_NUMBER, node.place, message)
                    .expected("a number between 0 and 1, like 0.99");
                None
            }
        }
    });
    fields.finish(found);
    Some(Measure::Quantile { histogram: histogram?, q: q? })
}

/// The name of a label.
pub(super) fn label_name(node: &Node, found: &mut Found<'_>) -> Option<Spanned<String>> {
    let text = node.text(found)?;
    if valid_identifier(&text, false) {
        return Some(text);
    }
    let expected = "letters, digits and `_`, not starting with a digit: `version`";
    found.error(Code::INVALID_NAME, node.place, "this is not the name of a label").expected(expected);
    None
}

fn selector(node: &Node, found: &mut Found<'_>) -> Option<String> {
    let text = node.text(found)?;
    if valid_selector(&text) {
        return Some(text.value.trim().to_owned());
    }
    found
        .error(Code::INVALID_SELECTOR, node.place, "this is not a series selector")
        .expected(
            "a metric name with optional labels: `requests_total` or `requests_total{outcome=\"error\"}`",
        )
        .help("functions such as rate() do not belong here: Ripcord computes them from the raw counter");
    None
}

/// Whether a text is `name` or `name{label="value", other!="x", third=~"re"}`.
fn valid_selector(text: &str) -> bool {
    let text = text.trim();
    let (name, labels) = match text.split_once('{') {
        None => (text, None),
        Some((name, rest)) => match rest.strip_suffix('}') {
            Some(labels) => (name.trim_end(), Some(labels)),
            None => return false,
        },
    };
    valid_identifier(name, true) && labels.is_none_or(valid_labels)
}

fn valid_identifier(text: &str, colon: bool) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || (colon && byte == b':');
    !text.is_empty() && !text.as_bytes()[0].is_ascii_digit() && text.bytes().all(allowed)
}

fn valid_labels(mut text: &str) -> bool {
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return true;
        }
        let Some(name_end) = text.find(['=', '!']) else { return false };
        if !valid_identifier(text[..name_end].trim_end(), false) {
            return false;
        }
        text = &text[name_end..];
        let Some(operator) = ["=~", "!~", "!=", "="].into_iter().find(|operator| text.starts_with(operator))
        else {
            return false;
        };
        let Some(quoted) = text[operator.len()..].trim_start().strip_prefix('"') else { return false };
        let Some(end) = closing_quote(quoted) else { return false };
        text = quoted[end + 1..].trim_start();
        text = match text.strip_prefix(',') {
            Some(rest) => rest,
            None if text.is_empty() => return true,
            None => return false,
        };
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

/// One rule or a list of them.
pub(crate) fn read_rules(node: Option<&Node>, found: &mut Found<'_>) -> Vec<Spanned<Rule>> {
    one_or_many(node).iter().filter_map(|node| read_rule(node, found)).collect()
}

fn read_rule(node: &Node, found: &mut Found<'_>) -> Option<Spanned<Rule>> {
    let text = node.text(found)?;
    match text.value.parse::<Rule>() {
        Ok(rule) => Some(Spanned::new(rule, node.place)),
        Err(InvalidRule { problem, .. }) => {
            found
                .error(Code::VAGUE_TRIGGER, node.place, "a trigger needs a number and a duration")
                .label(problem.to_string())
                .expected(condition::EXPECTED);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::valid_selector;

    #[test]
    fn selectors_are_told_from_queries() {
        for good in [
            "up",
            "http:requests:total",
            "exam_submit_total{outcome=\"error\"}",
            "a{b=\"x,}\\\"y\", c!=\"\", d=~\"5..\",}",
            " a { } ",
        ] {
            assert!(valid_selector(good), "{good}");
        }
        for bad in [
            "",
            "rate(x[5m])",
            "a{b}",
            "a{b=}",
            "a{b=\"x}",
            "1a",
            "a{b=\"x\" c=\"y\"}",
            "sum(a)",
            "{a=\"b\"}",
        ] {
            assert!(!valid_selector(bad), "{bad}");
        }
    }
}
