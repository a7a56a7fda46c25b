//! A few hundred seeds at every test run; `make sim SEEDS=2000` runs more.

#[test]
fn no_promise_breaks_in_two_hundred_seeds() {
    let mut ends = std::collections::BTreeMap::new();
    let mut crashes = 0;
    for seed in 1..=200 {
        match ripcord_testkit::run(seed) {
            Ok(report) => {
                crashes += report.crashes;
                *ends.entry(format!("{:?}", report.phase)).or_insert(0) += 1;
            }
            Err(violation) => panic!("seed {seed}: {violation}\nrepeat: make sim SEEDS=1 FROM={seed}"),
        }
    }
    // The simulation is worth nothing if it never reaches the interesting ends.
    assert!(ends["Complete"] >= 20 && ends["RolledBack"] >= 20, "{ends:?}");
    assert!(crashes >= 100, "{crashes} crashes");
}

#[test]
fn a_run_is_a_function_of_its_seed() {
    assert_eq!(ripcord_testkit::run(42), ripcord_testkit::run(42));
}
