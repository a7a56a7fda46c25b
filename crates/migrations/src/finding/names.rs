//! Names as PostgreSQL folds them.

use squawk_syntax::SyntaxNode;

/// `Public."Users"` as `Users`: small letters where unquoted, without `public`.
pub(super) fn name(node: &SyntaxNode) -> String {
    folded(&node.text().to_string())
}

/// The same, from text.
pub(super) fn folded(text: &str) -> String {
    let text = text.trim().trim_end_matches('*').trim();
    let text =
        if text.len() > 5 && text[..5].eq_ignore_ascii_case("only ") { text[5..].trim() } else { text };
    let mut out = String::new();
    let mut quoted = false;
    for char in text.chars() {
        if char == '"' {
            quoted = !quoted;
        } else if quoted {
            out.push(char);
        } else if !char.is_whitespace() {
            out.extend(char.to_lowercase());
        }
    }
    out.strip_prefix("public.").map(str::to_owned).unwrap_or(out)
}
