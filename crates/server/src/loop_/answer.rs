//! Questions and their answers.

use ripcord_engine::{Block, Status};
use ripcord_model::{Actor, ReleaseName};
use ripcord_store::{BlockRecord, Store};

use super::{
    core::{Core, no_such_release},
    message::{Entries, Request},
};
use crate::{
    failure::{Failure, FailureKind},
    handle::Info,
    rehearsal::RehearsalRecord,
};

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
            Request::NoteRun { run, reply } => {
                drop(reply.send(self.conductor.note_run(*run, self.clock.now()).map_err(Into::into)));
            }
            Request::NoteAbout { release, paper, by, reply } => {
                let noted = self.conductor.note_about(release.as_ref(), paper, by, self.clock.now());
                drop(reply.send(noted.map_err(Into::into)));
            }
            Request::Entries { from, limit, reply } => drop(reply.send(self.entries(from, limit))),
            Request::Alerts { delivery, rules, reply } => drop(reply.send(self.alerts(&delivery, &rules))),
            Request::Messages { release, reply } => drop(reply.send(self.messages(&release))),
            Request::Announce { release, asked, by, reply } => {
                drop(reply.send(self.announce(&release, asked, by)));
            }
            Request::Blocks { release, from, limit, reply } => {
                drop(reply.send(self.blocks(&release, from, limit)))
            }
            Request::ChangeFlags { environment, edit, why, by, reply } => {
                drop(reply.send(self.change_flags(&environment, &edit, why, by)));
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
        status.warnings.extend(self.worth_minding(release));
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

    fn blocks(&self, release: &ReleaseName, from: u64, limit: usize) -> Result<Vec<Block>, Failure> {
        let stored = self.conductor.store().read_blocks(release, from, limit.min(ENTRIES_MAX))?;
        let read = |block: &BlockRecord| {
            serde_json::from_slice(&block.bytes).map_err(|error| {
                let message = format!("block {} of {release} cannot be read: {error}", block.seq);
                Failure::new(FailureKind::Unavailable, "block-unreadable", message)
                    .hinted("run `ripcord audit verify`")
            })
        };
        stored.iter().map(read).collect()
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
            warnings: self.freshness.warnings().into_iter().chain(self.rules_not_taken()).collect(),
        }
    }
}
