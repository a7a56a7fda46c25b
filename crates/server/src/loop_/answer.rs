//! Questions and their answers.

use ripcord_engine::Status;
use ripcord_model::{Actor, ReleaseName};
use ripcord_store::Store;

use super::{
    core::{Core, no_such_release},
    message::{Entries, Request},
};
use crate::{failure::Failure, handle::Info, rehearsal::RehearsalRecord};

/// How many entries are read at once.
const ENTRIES_MAX: usize = 1_024;

impl<S: Store> Core<S> {
    /// Answers one question. That nobody waits for the answer any more is no trouble.
    pub(crate) fn answer(&mut self, request: Request) {
        match request {
            Request::Create { blueprint, by, reply } => drop(reply.send(self.create(*blueprint, by))),
            Request::Command { release, command, by, reply } => {
                drop(reply.send(self.command(&release, command, by)));
            }
            Request::Rehearse { request, reply } => drop(reply.send(self.rehearse(*request))),
            Request::Rehearsals { of, service, reply } => {
                let records = self.conductor.rehearsals(&of).into_iter();
                let records =
                    records.map(|(rehearsal, result)| RehearsalRecord { rehearsal, result }).collect();
                drop(reply.send(Ok((records, self.conductor.rehearsing(&service), self.clock.now()))));
            }
            Request::LookAfter { reply } => drop(reply.send(Ok(self.look_after()))),
            Request::Status { release, reply } => drop(reply.send(self.status(&release))),
            Request::Statuses { reply } => drop(reply.send(self.statuses())),
            Request::Blueprint { release, reply } => {
                let found = self.conductor.blueprint(&release).cloned();
                drop(reply.send(found.ok_or_else(|| no_such_release(&release))));
            }
            Request::Known { release, reply } => {
                drop(reply.send(Ok(self.conductor.blueprint(&release).cloned())))
            }
            Request::LastGood { service, reply } => drop(reply.send(Ok(self.conductor.last_good(&service)))),
            Request::UnderWay { service, except, reply } => {
                drop(reply.send(Ok(self.under_way(&service, &except))))
            }
            Request::OnRecord { release, reply } => drop(reply.send(Ok(self.on_record(&release)))),
            Request::Note { release, paper, by, reply } => {
                let noted = self.conductor.note(&release, paper, by, self.clock.now());
                let papers = noted.map(|()| self.conductor.papers(&release).to_vec());
                if papers.is_ok() {
                    self.ask_gate_again(&release);
                }
                drop(reply.send(papers.map_err(Into::into)));
            }
            Request::Override { release, asked, reply } => {
                drop(reply.send(self.override_check(&release, *asked)));
            }
            Request::ExceptFreeze { release, blueprint, new, by, reply } => {
                drop(reply.send(self.except_freeze(&release, &blueprint, new, by)));
            }
            Request::PostMortems { reply } => drop(reply.send(Ok(self.post_mortems()))),
            Request::ClosePostMortem { id, file, by, reply } => {
                drop(reply.send(self.close_post_mortem(&id, file, by)));
            }
            Request::Entries { from, limit, reply } => drop(reply.send(self.entries(from, limit))),
            Request::Messages { release, reply } => drop(reply.send(self.messages(&release))),
            Request::Announce { release, asked, by, reply } => {
                drop(reply.send(self.announce(&release, asked, by)));
            }
            Request::Info { reply } => drop(reply.send(Ok(self.info()))),
            Request::Wish { wish, by, reply } => drop(reply.send(self.wish(*wish, by))),
            Request::TokenUsed { id, reply } => drop(reply.send(self.token_used(&id))),
            Request::PolicyChanged { source, reply } => drop(reply.send(self.policy_changed(source))),
        }
    }

    fn command(
        &mut self,
        release: &ReleaseName,
        command: ripcord_engine::Command,
        by: Actor,
    ) -> Result<Status, Failure> {
        let todos = self.conductor.command(release, command, by, self.clock.now())?;
        self.perform(todos);
        self.review();
        self.status(release)
    }

    fn status(&self, release: &ReleaseName) -> Result<Status, Failure> {
        let mut status = self.conductor.status(release, self.clock.now())?;
        if let Some(fresh) = self.freshness.of(release) {
            if let Some(confirmed) = &mut status.confirmed {
                confirmed.until = fresh.until;
            }
            status.warnings.extend(fresh.warning);
        }
        Ok(status)
    }

    fn statuses(&self) -> Result<Vec<Status>, Failure> {
        self.conductor.releases().iter().map(|release| self.status(release)).collect()
    }

    fn entries(&self, from: u64, limit: usize) -> Result<Entries, Failure> {
        let store = self.conductor.store();
        let entries = store.read(from, limit.min(ENTRIES_MAX))?;
        Ok(Entries { entries, len: store.len() })
    }

    fn info(&self) -> Info {
        Info {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            service: self.about.service.clone(),
            root: self.about.root.clone(),
            state: self.about.state.clone(),
            listen: self.about.listen,
            started_at: self.about.started_at,
            now: self.clock.now(),
            releases: self.conductor.releases().len(),
            entries: self.conductor.store().len(),
            trouble: self.trouble(),
            people: self.people_now(),
            warnings: self.freshness.warnings(),
        }
    }
}
