//! Incidents in which going back failed or was slow, each as a script that a person on call can read, played on the
//! real program, real processes and real users, with a golden output. `UPDATE=1` rewrites the goldens.
//!
//! A script starts in the repository of the exam service as `e2e/support/files.rs` writes it: behind the edge, with
//! staging and production, one signal, and two launchers, `bin/exams` and `bin/in-staging`.
//! `docs/incidents.md` says which incident is shown where.

mod plain;
mod play;
mod script;
#[path = "../e2e/support/mod.rs"]
#[expect(dead_code, reason = "the scripts need a part of what the other tests need")]
mod support;

use std::{fs, path::Path};

/// Plays the script called `name`, and holds it to its golden output.
async fn plays_as_recorded(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/incidents");
    let script = fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
    let steps =
        script::parse(&script).unwrap_or_else(|line| panic!("{name}: nobody knows how to do: {line}"));
    let played = play::play(&steps).await;
    let golden = folder.join(format!("{name}.golden"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&golden, &played).unwrap();
        return;
    }
    let recorded = fs::read_to_string(&golden).unwrap_or_default();
    let differs = recorded.lines().zip(played.lines()).find(|(recorded, played)| recorded != played);
    assert!(
        recorded == played,
        "{name} plays differently, first at {differs:?}; UPDATE=1 rewrites it:\n{played}"
    );
}

/// One test per script, so that they run beside each other and fail by name.
macro_rules! incidents {
    ($($test:ident plays $script:literal;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                plays_as_recorded($script).await;
            }
        )*

        #[test]
        fn every_script_is_played() {
            let known = [$($script),*];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/incidents");
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "txt") {
                    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                    assert!(known.contains(&name.as_str()), "{name} is played by no test");
                }
            }
        }
    };
}

incidents! {
    one_server_of_eight_keeps_the_gate_closed_and_no_flag_is_used_twice plays "01-knight-capital-2012";
    a_way_back_that_takes_too_long_is_not_confirmed_and_config_is_a_release plays "03-cloudflare-2019";
    a_flag_is_rehearsed_for_one_flag_and_one_version plays "04-cloudflare-2025";
    a_critical_path_has_a_flag_and_rolled_out_is_not_recovered plays "05-google-cloud-2025";
    the_network_with_every_tool_on_it_is_gone plays "07-facebook-2021";
}
