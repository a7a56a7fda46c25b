//! What the benchmarks share: reports and their tables; and the measurement of evidence.

pub mod evidence;
pub mod process;
pub mod report;
pub mod table;
