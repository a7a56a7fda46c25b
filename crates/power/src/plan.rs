//! All rules in all stages.

use ripcord_model::blueprint::{Blueprint, Stage};

use crate::{
    EFFECTS, InvalidLoad, Load, SIGHT_MAX,
    cell::{self, Past},
    outcome::{Power, RegressionPower, RulePower, Safety, Sight, StagePower},
    propose,
    rules::{self, ShowsSafety, Watched},
    test::Test,
    walk::{self, Leg},
    warning,
};

/// What a plan can see under a load, simulated with a fixed seed: the same input gives the same answer.
///
/// # Errors
/// [`InvalidLoad`] when the load is none.
pub fn power(blueprint: &Blueprint, load: &Load) -> Result<Power, InvalidLoad> {
    load.check()?;
    let (watched, unknown) = rules::read(blueprint, load);
    let rules: Vec<RulePower> = watched.iter().map(|rule| rule_power(blueprint, load, rule)).collect();
    let warnings = warning::all(blueprint, load, &rules, &unknown);
    let (harm, proposal) = propose::search(blueprint, load, &watched);
    let warm_up = blueprint.evidence.warm_up;
    Ok(Power { load: load.clone(), warm_up, warnings, rules, unknown, harm, proposal })
}

/// Blocks of a stage: its time in intervals, at least one.
pub(crate) fn blocks(blueprint: &Blueprint, seconds: f64) -> u64 {
    (seconds / interval_seconds(blueprint)).round().max(1.0) as u64
}

pub(crate) fn interval_seconds(blueprint: &Blueprint) -> f64 {
    blueprint.production.metrics.interval.as_secs_f64().max(0.001)
}

/// Blocks after the candidate first takes traffic that are no evidence.
pub(crate) fn warm_up_blocks(blueprint: &Blueprint) -> u64 {
    (blueprint.evidence.warm_up.as_secs_f64() / interval_seconds(blueprint)).ceil() as u64
}

fn rule_power(blueprint: &Blueprint, load: &Load, rule: &Watched) -> RulePower {
    let mut past = Past::new(&rule.harm);
    let mut safe_past = match &rule.safety {
        ShowsSafety::By(test) => Some(Past::new(test)),
        ShowsSafety::NoMargin | ShowsSafety::NotSaid => None,
    };
    let mut warm_up = rule.harm.flow.warm_up;
    let mut stages = Vec::new();
    for (index, stage) in blueprint.stages.iter().enumerate() {
        let blocks = blocks(blueprint, stage.dwell.as_secs_f64());
        let in_stage = StageInPlan { stage, blocks, warm_up, blueprint, load };
        let regressions = EFFECTS
            .iter()
            .map(|times| RegressionPower { times: *times, sight: in_stage.sight(&rule.harm, &past, *times) })
            .collect();
        let safety = match (&rule.safety, &mut safe_past) {
            (ShowsSafety::By(test), Some(past)) => in_stage.safety(test, past),
            (ShowsSafety::NotSaid, _) => Safety::NotSaid,
            (ShowsSafety::NoMargin, _) | (ShowsSafety::By(_), None) => Safety::NoMargin,
        };
        stages.push(StagePower {
            stage: index + 1,
            share: stage.share,
            dwell: stage.dwell,
            regressions,
            safety,
        });
        for leg in walk::course(&rule.harm, &[(stage.share.fraction(), blocks)], warm_up) {
            past.pass(&rule.harm, &leg);
        }
        warm_up = warm_up.saturating_sub(blocks);
    }
    RulePower {
        signal: rule.signal.clone(),
        rule: rule.rule.clone(),
        leads_to: rule.leads_to,
        bad: rule.bad,
        events_per_second: rule.events_per_second,
        base_rate: rule.harm.flow.rate,
        log_bar: rule.harm.log_bar,
        stages,
    }
}

/// A stage in its place.
struct StageInPlan<'a> {
    stage: &'a Stage,
    blocks: u64,
    warm_up: u64,
    blueprint: &'a Blueprint,
    load: &'a Load,
}

impl StageInPlan<'_> {
    fn cell<'l>(&self, leg: &'l Leg) -> cell::Stage<'l> {
        cell::Stage {
            leg,
            warm_up: self.warm_up,
            blocks: self.blocks,
            interval_seconds: interval_seconds(self.blueprint),
            requests_per_second: self.load.requests_per_second,
        }
    }

    fn sight(&self, test: &Test, past: &Past, times: f64) -> Sight {
        let leg = Leg::new(test, self.stage.share.fraction(), self.blocks);
        if !leg.speaks() {
            return Sight::NoControl;
        }
        if test.tolerates(times) {
            return Sight::Tolerated;
        }
        if test.is_impossible(times) {
            return Sight::Impossible;
        }
        let floor_seconds = test.floor_blocks(leg.share, times) * interval_seconds(self.blueprint);
        if floor_seconds > SIGHT_MAX.as_secs_f64() {
            return Sight::OutOfReach { floor_seconds };
        }
        Sight::Simulated(cell::delay(test, past, &self.cell(&leg), times))
    }

    fn safety(&self, test: &Test, past: &mut Past) -> Safety {
        let share = self.stage.share.fraction();
        let leg = Leg::new(test, share, self.blocks);
        let legs = walk::course(test, &[(share, self.blocks)], self.warm_up);
        cell::safety(test, past, &self.cell(&leg), &legs)
    }
}
