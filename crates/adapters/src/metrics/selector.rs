//! Series selectors as signals name them: `name{label="value",other=~"5.."}`.

use std::fmt;

use super::{
    exposition::{Exposed, take_name, take_quoted},
    pattern::Pattern,
};

/// Which series a signal means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selector {
    name: String,
    matchers: Vec<Matcher>,
}

#[derive(Debug, Clone, PartialEq)]
struct Matcher {
    label: String,
    operator: Operator,
    value: String,
    /// The value of `=~` and `!~`, when this program can match it itself.
    pattern: Option<Pattern>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Matches,
    MatchesNot,
}

/// Why a text is not a selector, or not one that can be used here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SelectorError {
    #[error("`{0}` is not a series selector: expected name{{label=\"value\"}}")]
    Malformed(String),
    #[error(
        "`{0}` cannot be matched without Prometheus: expected text with `.`, `.*`, `.+`, `|` and backslashes \
         before punctuation"
    )]
    Pattern(String),
    #[error("label `{0}` tells the versions apart and is set by Ripcord: leave it out of the selector")]
    VersionLabel(String),
}

impl Selector {
    /// Reads a selector. Patterns of any kind are accepted; see [`Self::matchable`].
    pub(crate) fn parse(text: &str) -> Result<Self, SelectorError> {
        let malformed = || SelectorError::Malformed(text.to_owned());
        let (name, rest) = take_name(text.trim(), true).ok_or_else(malformed)?;
        let rest = rest.trim();
        let matchers = match rest.strip_prefix('{') {
            Some(inside) => parse_matchers(inside).ok_or_else(malformed)?,
            None if rest.is_empty() => Vec::new(),
            None => return Err(malformed()),
        };
        Ok(Self { name: name.to_owned(), matchers })
    }

    /// The metric's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same labels on another name.
    pub(crate) fn with_suffix(mut self, suffix: &str) -> Self {
        self.name.push_str(suffix);
        self
    }

    /// The same labels on the name without its suffix.
    pub(crate) fn without_suffix(mut self, suffix: &str) -> Self {
        if let Some(stem) = self.name.strip_suffix(suffix) {
            self.name = stem.to_owned();
        }
        self
    }

    /// The same selector, restricted to one version.
    pub(crate) fn with_version(mut self, label: &str, version: &str) -> Result<Self, SelectorError> {
        if self.matchers.iter().any(|matcher| matcher.label == label) {
            return Err(SelectorError::VersionLabel(label.to_owned()));
        }
        let (label, value) = (label.to_owned(), version.to_owned());
        self.matchers.push(Matcher { label, operator: Operator::Equal, value, pattern: None });
        Ok(self)
    }

    /// Refuses patterns that [`Self::matches`] could not decide.
    pub(crate) fn matchable(&self) -> Result<(), SelectorError> {
        let refused =
            self.matchers.iter().find(|matcher| matcher.operator.is_pattern() && matcher.pattern.is_none());
        refused.map_or(Ok(()), |matcher| Err(SelectorError::Pattern(matcher.value.clone())))
    }

    /// Whether a series is meant. An absent label is an empty one, as in Prometheus.
    pub(crate) fn matches(&self, sample: &Exposed) -> bool {
        sample.name == self.name
            && self.matchers.iter().all(|matcher| matcher.accepts(sample.label(&matcher.label).unwrap_or("")))
    }
}

impl Operator {
    const fn is_pattern(self) -> bool {
        match self {
            Self::Matches | Self::MatchesNot => true,
            Self::Equal | Self::NotEqual => false,
        }
    }
}

impl Matcher {
    fn accepts(&self, value: &str) -> bool {
        let by_pattern =
            |wanted: bool| self.pattern.as_ref().is_some_and(|pattern| pattern.matches(value) == wanted);
        match self.operator {
            Operator::Equal => self.value == value,
            Operator::NotEqual => self.value != value,
            Operator::Matches => by_pattern(true),
            Operator::MatchesNot => by_pattern(false),
        }
    }
}

/// What stands between the braces, the closing one included.
fn parse_matchers(mut rest: &str) -> Option<Vec<Matcher>> {
    let mut matchers = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return after.trim().is_empty().then_some(matchers);
        }
        let (label, after) = take_name(rest, false)?;
        let after = after.trim_start();
        let operators = [
            ("=~", Operator::Matches),
            ("!~", Operator::MatchesNot),
            ("!=", Operator::NotEqual),
            ("=", Operator::Equal),
        ];
        let (operator, after) =
            operators.into_iter().find_map(|(sign, operator)| Some((operator, after.strip_prefix(sign)?)))?;
        let (value, after) = take_quoted(after.trim_start())?;
        let pattern = if operator.is_pattern() { Pattern::parse(&value) } else { None };
        matchers.push(Matcher { label: label.to_owned(), operator, value, pattern });
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with('}') => {}
            None => return None,
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (position, matcher) in self.matchers.iter().enumerate() {
            let separator = if position == 0 { '{' } else { ',' };
            let sign = match matcher.operator {
                Operator::Equal => "=",
                Operator::NotEqual => "!=",
                Operator::Matches => "=~",
                Operator::MatchesNot => "!~",
            };
            let value = matcher.value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            write!(f, "{separator}{}{sign}\"{value}\"", matcher.label)?;
        }
        if self.matchers.is_empty() { Ok(()) } else { f.write_str("}") }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::exposition, *};

    fn selects(selector: &str, line: &str) -> bool {
        let selector = Selector::parse(selector).unwrap();
        selector.matchable().unwrap();
        selector.matches(&exposition::parse(line).unwrap()[0])
    }

    #[test]
    fn selectors_mean_what_they_mean_in_prometheus() {
        let line = "http_requests_total{code=\"503\",path=\"/submit\"} 1";
        assert!(selects("http_requests_total", line));
        assert!(selects("http_requests_total{}", line));
        assert!(selects("http_requests_total{code=\"503\"}", line));
        assert!(!selects("http_requests_total{code=\"500\"}", line));
        assert!(!selects("http_requests", line));
        assert!(selects("http_requests_total{code!=\"200\", path=\"/submit\",}", line));
        assert!(selects("http_requests_total{code=~\"5..\"}", line));
        assert!(!selects("http_requests_total{code!~\"5..\"}", line));
        assert!(selects("http_requests_total{user=\"\"}", line), "an absent label is empty");
        assert!(!selects("http_requests_total{user!=\"\"}", line));
    }

    #[test]
    fn a_selector_prints_as_it_reads_and_takes_the_version_in() {
        let text = "a:b{x=\"q\\\"\\\\\",y=~\"5..\"}";
        let selector = Selector::parse(text).unwrap();
        assert_eq!(selector.to_string(), text);
        let bound = selector.with_suffix("_bucket").with_version("version", "v2").unwrap();
        assert_eq!(bound.to_string(), "a:b_bucket{x=\"q\\\"\\\\\",y=~\"5..\",version=\"v2\"}");
        assert_eq!(Selector::parse("a").unwrap().with_version("v", "1").unwrap().to_string(), "a{v=\"1\"}");
        let error = Selector::parse("a{version=\"v1\"}").unwrap().with_version("version", "v2").unwrap_err();
        assert!(error.to_string().contains("leave it out"), "{error}");
    }

    #[test]
    fn what_is_not_a_selector_is_refused() {
        for bad in
            ["", "{x=\"1\"}", "a{x=\"1\"", "a{x=1}", "a{x=\"1\"} + 1", "rate(a[5m])", "a b", "a{x==\"1\"}"]
        {
            assert!(matches!(Selector::parse(bad), Err(SelectorError::Malformed(_))), "{bad}");
        }
        let error = Selector::parse("a{x=~\"[0-9]+\"}").unwrap().matchable().unwrap_err();
        assert!(error.to_string().contains("without Prometheus"), "{error}");
    }
}
