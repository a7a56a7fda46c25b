//! What a plan can see, tried on whole plans, against the floor of any test, and against every block one by one.

mod plans;
mod proposals;
mod support;
mod truth;
