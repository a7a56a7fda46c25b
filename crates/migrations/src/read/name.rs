//! Names of files, taken apart.

/// `0041_add_users.sql`: its digits and the rest.
pub(crate) fn number(file: &str) -> Option<(&str, &str)> {
    let end = file.find(|char: char| !char.is_ascii_digit())?;
    (end > 0).then(|| file.split_at(end))
}

/// `0041_add_users.up.sql` by the rule of golang-migrate, `^([0-9]+)_(.*)\.(down|up)\.(.*)$`.
pub(crate) struct Pair<'a> {
    /// The digits.
    pub version: &'a str,
    /// Between digits and direction.
    pub name: &'a str,
    /// Whether it is the way forward.
    pub up: bool,
}

/// Takes the name of one half of a pair apart.
pub(crate) fn pair(file: &str) -> Option<Pair<'_>> {
    let (version, rest) = number(file)?;
    let rest = rest.strip_prefix('_')?.strip_suffix(".sql")?;
    let (name, up) = match rest.strip_suffix(".up") {
        Some(name) => (name, true),
        None => (rest.strip_suffix(".down")?, false),
    };
    Some(Pair { version, name, up })
}

/// `V1.2__name.sql`.
pub(crate) struct Prefixed<'a> {
    /// `V`, `U` or `R`.
    pub letter: char,
    /// Its numbers; none for `R`.
    pub version: Vec<u64>,
    /// As written.
    pub written: &'a str,
    /// What follows the two underscores.
    pub name: &'a str,
    /// Whether refinery would not take it.
    pub only_flyway: bool,
}

/// Takes the name of a file of Flyway or refinery apart.
pub(crate) fn prefixed(file: &str) -> Option<Prefixed<'_>> {
    let letter = file.chars().next().filter(|letter| ['V', 'U', 'R'].contains(letter))?;
    let stem = file[1..].strip_suffix(".sql").or_else(|| file[1..].strip_suffix(".rs"))?;
    let (written, name) = stem.split_once("__")?;
    if letter == 'R' {
        return written.is_empty().then_some(Prefixed {
            letter,
            version: Vec::new(),
            written,
            name,
            only_flyway: true,
        });
    }
    let version: Option<Vec<u64>> = written.split(['.', '_']).map(|part| part.parse().ok()).collect();
    let mut version = version?;
    let word = name.chars().all(|char| char.is_alphanumeric() || char == '_') && !name.is_empty();
    let only_flyway = version.len() > 2 || written.contains('_') || !word;
    while version.len() > 1 && version.last() == Some(&0) {
        version.pop();
    }
    Some(Prefixed { letter, version, written, name, only_flyway })
}
