//! `ripcord runbook run` and `resume`: the real program on real scripts, without a server and without a service.
//!
//! | file | what it shows |
//! |---|---|
//! | `steps` | what people and machines read of a run, skips, refusals, hostile scripts |
//! | `killed` | the runner is killed in the middle and somebody goes on; two people at once |
//! | `terminal` | what a person types, at a real terminal |

mod killed;
mod steps;
mod support;
mod terminal;
