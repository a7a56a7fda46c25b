//! A writer killed at any moment loses nothing it acknowledged, and leaves a ledger that verifies.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use ripcord_ledger::Entry;
use ripcord_model::ReleaseName;
use ripcord_store::{BlockRecord, SqliteStore, Store, audit, conformance::draft};

fn release() -> ReleaseName {
    ReleaseName::new("exam-v2").unwrap()
}

/// Appends a block and a few entries for ever, and says after each append how long the ledger is.
#[test]
#[ignore = "runs as a child that is killed"]
fn child_that_appends() {
    let dir = PathBuf::from(std::env::var_os("RIPCORD_TEST_DIR").expect("started by its parent"));
    let mut store = SqliteStore::open(&dir).unwrap();
    let mut acknowledgements = std::io::stdout().lock();
    loop {
        let len = store.len();
        let block = BlockRecord { seq: len, ledger_len: len, bytes: len.to_be_bytes().to_vec() };
        store.append_block(&release(), &block).unwrap();
        let drafts = (len..len + 1 + len % 4).map(draft).collect();
        let appended = store.append(len, drafts).unwrap();
        writeln!(acknowledgements, "acknowledged {}", appended.len).unwrap();
        acknowledgements.flush().unwrap();
    }
}

/// The child, killed when the test ends whatever happens.
struct Writer(Child);

impl Writer {
    fn start(dir: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "child_that_appends", "--nocapture"]);
        command.env("RIPCORD_TEST_DIR", dir).stdout(Stdio::piped()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_writer_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut kept = 0;
    for round in 0..24_u64 {
        let mut writer = Writer::start(dir.path());
        let acknowledgements = BufReader::new(writer.0.stdout.take().unwrap()).lines();
        // Killed after another number of appends each time, at another distance from the last acknowledgement.
        let killer_waits = Duration::from_micros(round * 137 % 900);
        let appends_wanted = 1 + (round * 7 % 40) as usize;
        let mut seen = 0;
        let mut acknowledged = kept;
        for line in acknowledgements.map_while(Result::ok) {
            let Some((_, len)) = line.split_once("acknowledged ") else { continue };
            acknowledged = len.parse().unwrap();
            seen += 1;
            if seen == appends_wanted {
                std::thread::sleep(killer_waits);
                // SIGKILL. What it still wrote into the pipe is read until the pipe ends.
                writer.0.kill().unwrap();
            }
        }
        writer.0.wait().unwrap();
        assert!(seen >= appends_wanted, "the writer ended by itself in round {round}");
        kept = inspect(dir.path(), acknowledged);
    }
}

/// What is found after a kill; how many entries.
fn inspect(dir: &Path, acknowledged: u64) -> u64 {
    let verified = audit::verify(dir).unwrap();
    // One more append may have happened whose acknowledgement did not get out.
    assert!(
        (acknowledged..=acknowledged + 4).contains(&verified.entries),
        "{} of {acknowledged}",
        verified.entries
    );
    let store = SqliteStore::open(dir).unwrap();
    assert_eq!(store.len(), verified.entries);
    let newest = store.checkpoint().unwrap().unwrap();
    assert_eq!(
        (newest.size, newest.root),
        (verified.entries, verified.root),
        "entries and checkpoint are one"
    );
    for entry in store.read(0, usize::MAX).unwrap() {
        let expected = Entry::at_position(draft(entry.position), entry.position).to_bytes();
        assert_eq!(entry.bytes, expected);
    }
    // Order: whoever finds the entries of an append finds the block stored before them.
    let appends = store.checkpoints(0, usize::MAX).unwrap();
    let begins = std::iter::once(0).chain(appends.iter().map(|checkpoint| checkpoint.size));
    let blocks = store.read_blocks(&release(), 0, usize::MAX).unwrap();
    for begin in begins.take(appends.len()) {
        assert!(blocks.iter().any(|block| block.seq == begin), "no block before entry {begin}");
    }
    verified.entries
}
