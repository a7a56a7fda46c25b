//! The numbers of evidence, as they are recorded with a verdict and shown in a status.
//!
//! They are part of the ledger's file format. Every float is finite and written with as many digits as it takes to read
//! back the same bits.

use ripcord_model::{SignalName, Timestamp};
use serde::{Deserialize, Serialize};

/// The evidence a verdict is made from: all rules that lead to the same, weighed together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRecord {
    /// Natural logarithm of the weighted mean of the rules' e-values, at the last block. Minus infinity, when every
    /// signal is distrusted, is written as `null`.
    #[serde(with = "minus_infinity_as_null")]
    pub log_e: f64,
    /// The largest it has been; by Ville's inequality this may be compared with the threshold.
    pub log_e_peak: f64,
    /// What it is compared with: the natural logarithm of one over alpha.
    pub threshold: f64,
    /// The accepted chance of such a verdict on a candidate that is not worse than tolerated.
    pub alpha: f64,
    /// The first block that counted for any of the rules.
    pub first_block: Option<u64>,
    /// The last block they were shown.
    pub last_block: Option<u64>,
    /// How many blocks the rule that was shown most was shown.
    pub blocks: u64,
    /// The rules, in the order of the blueprint.
    pub rules: Vec<RuleEvidence>,
}

/// The evidence of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEvidence {
    /// On which signal.
    pub signal: SignalName,
    /// The rule as people write it.
    pub rule: String,
    /// The test it is decided by; `None` when it has none, as a rule against a baseline that nobody knows.
    pub test: Option<String>,
    /// Identifies the test's frozen parameters.
    pub config: Option<String>,
    /// Its weight in the mean.
    pub weight: f64,
    /// Natural logarithm of the e-value that the candidate is worse than tolerated.
    pub log_e: f64,
    /// Natural logarithm of the e-value that it is not; `None` where that is not weighed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety_log_e: Option<f64>,
    /// What was counted on the candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<Amount>,
    /// What was counted on last good; `None` also when the rule does not look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Amount>,
    /// How large the effect seems to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<EffectSize>,
    /// The overdispersion factor of the last block, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispersion: Option<f64>,
    /// Natural logarithm of the strongest evidence that last good's instances differ by themselves; `None` when they
    /// are not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard_log_e: Option<f64>,
    /// Whether they do, so that the rule counts for nothing.
    pub distrusted: bool,
    /// Whether closed testing names it.
    pub culprit: bool,
    /// The block after which the evidence was lowest, the best single guess of when harm began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm_began_block: Option<u64>,
    /// The instant of that block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm_began: Option<Timestamp>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Bad events; for success ratios the good ones; for counts, how often it happened; for latency, answers beyond
    /// the first edge.
    pub count: f64,
    /// All events, or the exposure.
    pub of: f64,
}

/// An estimated effect and the interval around it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectSize {
    /// What it is the size of.
    pub of: EffectOf,
    /// The best single guess.
    pub estimate: f64,
    /// The interval's lower end; `None` when it is open.
    pub low: Option<f64>,
    /// The interval's upper end; `None` when it is open.
    pub high: Option<f64>,
    /// The chance that the interval contains the true value at all times together.
    pub confidence: f64,
}

/// What an effect is the size of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectOf {
    /// The candidate's rate or value over last good's.
    Ratio,
    /// The candidate's rate: of all events, or per exposure.
    Rate,
}

/// The evidence of all rules that lead to the same, as a status shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceStatus {
    /// `rollback` or `contain`.
    pub leads_to: String,
    /// As in [`EvidenceRecord::log_e`]; `None` when every signal is distrusted.
    pub log_e: Option<f64>,
    /// As in [`EvidenceRecord::threshold`].
    pub threshold: f64,
}

/// What a status says about an evidence rule, beside its e-value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleDetail {
    /// The test it is decided by.
    pub test: Option<String>,
    /// Why it says nothing at the moment; `None` when it does.
    pub silent: Option<String>,
    /// Natural logarithm of the e-value for the candidate, and at what it counts as safe.
    pub safety_log_e: Option<f64>,
    /// See `safety_log_e`.
    pub safety_threshold: Option<f64>,
    /// Natural logarithm of the e-value that last good's instances differ by themselves, and when they count as different.
    pub guard_log_e: Option<f64>,
    /// See `guard_log_e`.
    pub guard_threshold: Option<f64>,
    /// Whether they do: the rule may hold the release, and does not send it back.
    pub distrusted: bool,
    /// The overdispersion factor, at least 1.
    pub dispersion: Option<f64>,
    /// What was counted on the candidate.
    pub canary: Option<Amount>,
    /// What was counted on last good.
    pub control: Option<Amount>,
    /// How large the effect seems to be.
    pub effect: Option<EffectSize>,
    /// How long what is seen is no evidence yet.
    pub warm_up_left_ms: u64,
}

mod minus_infinity_as_null {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        number.is_finite().then_some(*number).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NEG_INFINITY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_survives_json() {
        let numbers = [0.1 + 0.2, -0.0, 5e-324, 1.797_693_134_862_315_7e308, 6.907_755_278_982_137, -1e-17];
        for number in numbers {
            let record = EvidenceRecord {
                log_e: number,
                log_e_peak: number,
                threshold: number,
                alpha: number,
                first_block: Some(1),
                last_block: Some(9),
                blocks: 9,
                rules: Vec::new(),
            };
            let read: EvidenceRecord =
                serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
            for (read, written) in [(read.log_e, number), (read.log_e_peak, number), (read.alpha, number)] {
                assert_eq!(read.to_bits(), written.to_bits(), "{number}");
            }
        }
    }

    #[test]
    fn evidence_of_nobody_trusted_is_null_and_comes_back() {
        let record = EvidenceRecord {
            log_e: f64::NEG_INFINITY,
            log_e_peak: 0.0,
            threshold: 6.9,
            alpha: 0.001,
            first_block: None,
            last_block: None,
            blocks: 0,
            rules: Vec::new(),
        };
        let text = serde_json::to_string(&record).unwrap();
        assert!(text.starts_with(r#"{"log_e":null,"#), "{text}");
        assert_eq!(serde_json::from_str::<EvidenceRecord>(&text).unwrap(), record);
    }
}
