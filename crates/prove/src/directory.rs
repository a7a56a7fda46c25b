//! A directory on the disk, read once.

use std::io;
use std::path::Path;

use ripcord_migrations::Listing;

/// How deep migrations lie: `deploy/NAME.sql`, `NAME/up.sql`, and one more for folders of folders.
const DEPTH: usize = 3;
/// How many files are read.
const FILES: usize = 50_000;
/// How much of one file: more is data, not a migration.
const BYTES: u64 = 64 << 20;

/// Reads every file of a directory, three folders deep. Hidden files and links are left out.
///
/// # Errors
/// When it cannot be read, or holds more than migrations do: over 50,000 files, or a file over 64 MiB.
pub fn read_directory(directory: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut count = 0;
    look(directory, "", DEPTH, &mut listing, &mut count)?;
    Ok(listing)
}

fn look(
    directory: &Path,
    prefix: &str,
    depth: usize,
    listing: &mut Listing,
    count: &mut usize,
) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        if kind.is_dir() && depth > 1 {
            look(&entry.path(), &format!("{path}/"), depth - 1, listing, count)?;
        } else if kind.is_file() {
            *count += 1;
            let size = entry.metadata()?.len();
            if *count > FILES || size > BYTES {
                return Err(io::Error::other(format!(
                    "{path}: too many files, or {size} bytes; this is no directory of migrations"
                )));
            }
            listing.insert(path, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}
