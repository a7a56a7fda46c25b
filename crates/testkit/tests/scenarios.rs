//! Every script under `scenarios/` plays exactly as its golden output says. `UPDATE=1` rewrites the goldens.

use std::{fs, path::Path};

#[test]
fn scenarios_play_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut scripts: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    scripts.sort();
    assert!(scripts.len() >= 8, "the scripts are gone");
    let mut different = Vec::new();
    for script in scripts {
        let played = ripcord_testkit::scenario::play(&fs::read_to_string(&script).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", script.display()));
        assert!(!played.contains("NOT REACHED"), "{}:\n{played}", script.display());
        let golden = script.with_extension("golden");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&golden, &played).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != played {
            different.push(format!("--- {}\n{played}", golden.display()));
        }
    }
    assert!(different.is_empty(), "UPDATE=1 rewrites these:\n{}", different.join("\n"));
}

#[test]
fn a_line_that_is_no_verb_is_named() {
    let error = ripcord_testkit::scenario::parse("ship\nfly to the moon\n").unwrap_err();
    assert_eq!((error.line, error.text.as_str()), (2, "fly to the moon"));
}
