//! Placeholders in command lines: `{version}`, `{port}`, ….

use crate::port::AdapterError;

/// Characters that mean themselves in every place of a shell command, inside quotes or not.
const PLAIN: &str = "._/:@+=,-%";

/// `command` with every `{name}` of `values` replaced. A value with a character that a shell could interpret is
/// refused: no way of quoting is right in every place a placeholder may stand.
pub(crate) fn fill(command: &str, values: &[(&str, &str)]) -> Result<String, AdapterError> {
    let mut filled = String::with_capacity(command.len());
    let mut rest = command;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open..];
        let value = values
            .iter()
            .find(|(name, _)| rest[1..].strip_prefix(name).is_some_and(|after| after.starts_with('}')));
        let Some((name, value)) = value else {
            filled.push('{');
            rest = &rest[1..];
            continue;
        };
        if let Some(bad) = value.chars().find(|c| !c.is_alphanumeric() && !PLAIN.contains(*c)) {
            return Err(AdapterError::Permanent(format!(
                "{{{name}}} of `{command}` would be `{value}`, and a shell could interpret {bad:?}: \
                 expected letters, digits and {PLAIN}"
            )));
        }
        filled.push_str(value);
        rest = &rest[name.len() + 2..];
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_placeholders_are_replaced_and_others_stay() {
        let values = [("port", "80"), ("version", "v{port}2")];
        assert_eq!(fill("a --port={port} ${HOME} {x}{port}", &values).unwrap(), "a --port=80 ${HOME} {x}80");
        assert_eq!(fill("{", &values).unwrap(), "{");
        assert_eq!(fill("é{port}é{po", &values).unwrap(), "é80é{po");
    }

    #[test]
    fn a_value_that_a_shell_could_interpret_is_refused() {
        for bad in ["a b", "$(x)", "`x`", "a;b", "a'b", "a\"b", "a\nb", "a&b", "~", "*", "v{port}"] {
            let error = fill("run {artifact}", &[("artifact", bad)]).unwrap_err();
            assert!(matches!(error, AdapterError::Permanent(_)), "{bad}");
        }
        let good = "registry.local:5000/exams@sha256:abc";
        assert_eq!(fill("run {artifact}", &[("artifact", good)]).unwrap(), format!("run {good}"));
    }
}
