//! The real program, from end to end: real processes, real users, real nginx and Prometheus.
//!
//! | file | what it shows |
//! |---|---|
//! | `nginx_prometheus` | a user's own service behind nginx, watched by Prometheus: one release completes, one is pulled |
//! | `kill` | `kill -9` of the control plane at any moment of a bad release costs nothing |
//! | `forward` | the way to all traffic, kills on the way, and back from there |
//! | `ledger` | a changed byte of any entry is found, and the entry named |
//! | `offline` | the way back with neither server nor ledger |
//! | `openfeature` | published OpenFeature clients evaluate and hear of changes |
//! | `overrides` | a check accepted by the right person, and what is owed for it until it is written |
//! | `pages` | a browser sees a release move and takes it back by the button, with scripts and without |
//! | `people` | who may and who may not, with tokens of their own, over HTTP: role by command by author or not |
//! | `pipes` | whoever reads the output may leave |
//! | `terminals` | one terminal ships, another goes back |
//! | `telling` | people are told in an incident, whatever their channels do; Alertmanager is heard |
//! | `faults` | what goes wrong around Ripcord, each with its named outcome |
//! | `explain` | a verdict comes out again from the record alone, and a changed record says so |
//! | `gate_outside` | what the gate asks of services, secrets, builds, signatures, flags: blocked, mended, passed |
//! | `gate_paper` | approvals, tickets, results and messages: blocked, put on record, open |
//! | `gate_people` | differences looked at, somebody on call, critical paths prepared |
//! | `flags` | clients get their flags, off has reached them or says whom not, keys, the way back's flag |
//! | `freeze` | forward is closed, back is open; a hotfix is excepted by who may, for a while |
//! | `rehearse` | the way back walked in staging: confirmed, failed, killed, void; and what the gate makes of it |
//! | `report` | what a release leaves behind, told while it moves and when it is over; every number is in the ledger |
//! | `runbook_effects` | the steps of a runbook act on real systems, without a server |
//! | `runbook_record` | a step of a runbook that needs somebody else's word, and runs by hand on record |
//! | `schedule` | a confirmed time renewed by itself; a fault of the service's own seen by a signal |
//! | `walk` | all of it in one go: runbook mended, gate closed, rehearsed, void, rehearsed again, shipped, pulled |
//! | `plan` | what stages can notice, from measured numbers |

mod explain;
mod faults;
mod flags;
mod forward;
mod freeze;
mod gate_outside;
mod gate_paper;
mod gate_people;
mod kill;
mod ledger;
mod nginx_prometheus;
mod offline;
mod openfeature;
mod overrides;
mod pages;
mod people;
mod pipes;
mod plan;
mod rehearse;
mod report;
mod runbook_effects;
mod runbook_record;
mod schedule;
mod support;
mod telling;
mod terminals;
mod walk;
