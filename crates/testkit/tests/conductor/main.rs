//! The conductor on stores that fail, die and come back: what is recorded, what is handed out, and in what order.

mod explain;
mod hand;
mod offline;
mod order;
mod overrides;
mod papers;
mod promise8;
mod record;
mod rehearsal;
mod trouble;
