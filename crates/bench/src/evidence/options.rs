//! What is asked for on the command line.

/// What to measure, and how thoroughly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Few runs: seconds instead of minutes, and wider intervals.
    pub quick: bool,
    /// Kept results are not used.
    pub fresh: bool,
    /// What to measure, in this order.
    pub parts: Vec<Part>,
}

/// One part of the measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Delay over the floor.
    Delay,
    /// False rollback without a regression.
    FalseAlarm,
    /// Against the decision rules of other tools.
    Rivals,
    /// Time and memory per signal and block.
    Cost,
}

/// Every part, by the name one may give.
const PARTS: [(&str, Part); 4] = [
    ("delay", Part::Delay),
    ("false-alarm", Part::FalseAlarm),
    ("rivals", Part::Rivals),
    ("cost", Part::Cost),
];

/// An argument that means nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownArgument(String);

impl std::fmt::Display for UnknownArgument {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        write!(
            formatter,
            "`{}` is not measured here; expected --quick, --fresh or any of: {}",
            self.0,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownArgument {}

impl Options {
    /// Reads arguments; no name means every part.
    ///
    /// # Errors
    /// [`UnknownArgument`] names the first that is neither an option nor a part.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, UnknownArgument> {
        let mut options = Self { quick: false, fresh: false, parts: Vec::new() };
        for argument in arguments {
            match (argument.as_str(), PARTS.iter().find(|(name, _)| *name == argument)) {
                ("--quick", _) => options.quick = true,
                ("--fresh", _) => options.fresh = true,
                (_, Some((_, part))) => options.parts.push(*part),
                (_, None) => return Err(UnknownArgument(argument)),
            }
        }
        if options.parts.is_empty() {
            options.parts = PARTS.iter().map(|(_, part)| *part).collect();
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, UnknownArgument> {
        Options::parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn without_names_everything_is_measured_and_strangers_are_named() {
        assert_eq!(parse(&[]).unwrap().parts.len(), PARTS.len());
        let some = parse(&["delay", "--quick"]).unwrap();
        assert_eq!(some, Options { quick: true, fresh: false, parts: vec![Part::Delay] });
        let said = parse(&["--qick"]).unwrap_err().to_string();
        assert!(said.contains("`--qick`") && said.contains("delay"), "{said}");
    }
}
