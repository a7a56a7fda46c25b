//! `ripcord demo`: a good and a bad release of a real service, behind the real edge, under real load.
//!
//! ```text
//! ground         directory, files, ports; last good running before the first release; everything stopped at the end
//! control_plane  `ripcord serve` as a process of its own, started again when it dies
//! traffic        the users, and what the answers say about each version
//! play           one release from start to end, with the people in it
//! measure        from answers and recorded instants to numbers; pure
//! run            the order of all this
//! ```
//!
//! Owns: the story. Refuses to know: how a release is judged. The numbers come from the users' own answers.

pub mod control_plane;
pub mod files;
pub mod ground;
pub mod measure;
pub mod play;
pub mod run;
pub mod stop;
pub mod traffic;
