//! Power: what a plan can see, before it ships.

mod floor;
mod random;
mod starts;
mod wealth;
