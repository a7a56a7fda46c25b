//! `docs/cli.md` says what the program says.

use std::{env, fs, path::Path};

#[test]
fn the_reference_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let expected = ripcord_cli::reference::markdown();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == expected,
        "docs/cli.md is stale: UPDATE=1 cargo nextest run -p ripcord -E 'binary(reference)'"
    );
}
