//! Whole runs of runbooks: real scripts, a journal on a real disk, people and systems that do as they are told.

mod approvals;
mod interrupted;
mod journal;
mod people;
mod steps;
mod support;
mod systems;
