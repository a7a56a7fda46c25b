//! The loop's part in alerts: which release they are about, the engine's command, the record.

use ripcord_engine::{AlertThen, Command, PhaseName};
use ripcord_model::{
    Actor, ReleaseName, Timestamp,
    blueprint::AlertRules,
    paper::{AlertLedTo, AlertReceived, Paper},
};
use ripcord_store::Store;

use super::core::Core;
use crate::{
    alerts::{Alerts, Heard, Taken, hear, is_known},
    failure::Failure,
};

impl<S: Store> Core<S> {
    /// Takes a delivery as evidence for the release that is under way.
    pub(crate) fn alerts(&mut self, delivery: &Alerts, rules: &AlertRules) -> Result<Taken, Failure> {
        let mut taken = Taken { truncated: delivery.truncated, ..Taken::default() };
        let Some(release) = self.about_which() else { return Ok(taken) };
        let Some(blueprint) = self.conductor.blueprint(&release) else { return Ok(taken) };
        let (heard, others) = hear(delivery, rules, &blueprint.service, blueprint.candidate.version.as_str());
        (taken.release, taken.others) = (Some(release.clone()), others);
        for heard in heard {
            let led_to = self.act_on(&release, &heard);
            let acted = matches!(led_to, AlertLedTo::Held | AlertLedTo::Lifted | AlertLedTo::RolledBack);
            let now = self.clock.now();
            if !acted && is_known(&heard, &delivery.group, self.conductor.papers(&release), now) {
                taken.known += heard.count;
                continue;
            }
            taken.news += heard.count;
            let paper = paper(heard, delivery, led_to, now);
            self.conductor.note(&release, paper, Actor::ripcord(), now)?;
        }
        self.review();
        let _ = self.changed.send(release);
        Ok(taken)
    }

    /// The release of this service that is out, if one is; rehearsals are nobody's trouble.
    fn about_which(&self) -> Option<ReleaseName> {
        let service = self.about.service.as_ref()?;
        self.conductor.releases().into_iter().rev().find(|name| {
            self.conductor.release(name).is_some_and(|release| {
                release.blueprint().service == *service
                    && release.rehearsal().is_none()
                    && release.phase().is_out()
            })
        })
    }

    /// What follows, by the engine's own command.
    fn act_on(&mut self, release: &ReleaseName, heard: &Heard) -> AlertLedTo {
        let Some(then) = heard.then else { return AlertLedTo::Noted };
        let Some(running) = self.conductor.release(release) else { return AlertLedTo::Noted };
        if !matches!(running.phase(), PhaseName::Releasing | PhaseName::Verifying) {
            return AlertLedTo::Noted;
        }
        let out_since = running.out_since();
        let earliest = |is: &dyn Fn(Timestamp) -> bool| {
            heard.seen.iter().map(|seen| seen.since).filter(|since| is(*since)).min()
        };
        let since =
            earliest(&|since| out_since.is_some_and(|out| since >= out)).or_else(|| earliest(&|_| true));
        let Some(since) = since else { return AlertLedTo::Noted };
        let before = self.conductor.store().len();
        let command = Command::Alert { alert: heard.alert.clone(), since, then };
        match self.conductor.command(release, command, Actor::ripcord(), self.clock.now()) {
            Ok(todos) => {
                self.perform(todos);
                let changed = self.conductor.store().len() > before;
                match then {
                    AlertThen::Hold if changed => AlertLedTo::Held,
                    AlertThen::Lift if changed => AlertLedTo::Lifted,
                    AlertThen::Rollback if changed => AlertLedTo::RolledBack,
                    AlertThen::Hold | AlertThen::Lift | AlertThen::Rollback => AlertLedTo::Noted,
                }
            }
            Err(error) => AlertLedTo::Refused { why: error.to_string() },
        }
    }
}

fn paper(heard: Heard, delivery: &Alerts, led_to: AlertLedTo, now: Timestamp) -> Paper {
    let since = heard.seen.iter().map(|seen| seen.since).min().unwrap_or(now);
    Paper::AlertReceived(Box::new(AlertReceived {
        alert: heard.alert,
        firing: heard.firing,
        group: delivery.group.clone(),
        seen: heard.seen,
        count: heard.count,
        since,
        summary: heard.summary,
        truncated: delivery.truncated,
        led_to,
        runbook: heard.runbook,
    }))
}
