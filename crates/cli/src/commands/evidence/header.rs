//! The first line: which test, under which parameters.

use ripcord_analysis::{
    InvalidConfig, RateRatioConfig, Start,
    absolute::AbsoluteConfig,
    product,
    sign_flip::SignFlipConfig,
    two_sample::{Direction, TwoSampleConfig},
    watch::{TestConfig, WatchConfig},
};
use ripcord_model::{Duration, blueprint::EvidencePlan};
use serde::{Deserialize, Serialize};

use super::{
    line::misread,
    lines::{Line, unusable},
};
use crate::failure::CommandError;

const EXPECTED: &str = "a first line such as {\"test\":\"rate_ratio\",\"alpha\":0.001}; `ripcord evidence --help` \
                        lists all tests and fields";
/// Blocks of a stage of 20 min, looked at every 5 s: what weighted starts span when nothing is said.
const BLOCKS: u32 = 240;
/// Evidence of safety is looked for at 1 in 20, as a blueprint does.
const ADVANCE: f64 = 0.05;

/// Which test is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestName {
    /// Rates of bad events on two arms.
    RateRatio,
    /// Rare events over an exposure on two arms.
    Poisson,
    /// One arm's rate against a limit.
    Absolute,
    /// Shares that are not small on two arms.
    TwoSample,
    /// Signs of given differences.
    SignFlip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StartName {
    Plain,
    Weighted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DirectionName {
    Both,
    Worse,
}

/// The first line as it is written.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    test: TestName,
    margin: Option<f64>,
    psi: Option<Vec<f64>>,
    start: Option<StartName>,
    blocks: Option<u32>,
    alpha: Option<f64>,
    limit: Option<f64>,
    prior: Option<f64>,
    direction: Option<DirectionName>,
    lambda: Option<f64>,
    dispersion: Option<f64>,
    contain: Option<f64>,
}

/// What a stream of blocks is judged by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// Which test.
    pub(super) test: TestName,
    /// Its frozen parameters, with those of its reversal.
    pub(super) watch: WatchConfig,
    /// The accepted chance of a false rollback.
    pub(super) alpha: f64,
    /// The accepted chance of a false containment, when one was asked for.
    pub(super) contain: Option<f64>,
    /// The accepted chance that harm counts as safe.
    pub(super) advance: f64,
    /// All bets are below 1: the evidence itself is that of safety.
    pub(super) is_reversed: bool,
}

/// There is no first line.
pub(super) fn missing() -> CommandError {
    CommandError::refused("no-header", format!("there is nothing to read; expected {EXPECTED}"))
}

impl Header {
    /// From the first line.
    pub(super) fn read(line: &Line) -> Result<Self, CommandError> {
        let written: Written =
            serde_json::from_str(&line.text).map_err(|error| misread(line, &error, EXPECTED))?;
        let refuse =
            |problem: &str, expected: &str| unusable(line.number, None, &line.text, problem, expected);
        written.fits().map_err(|(problem, expected)| refuse(&problem, expected))?;
        let alpha =
            chance(written.alpha.unwrap_or(0.001)).ok_or_else(|| refuse("`alpha` is no chance", CHANCE))?;
        let contain = match written.contain {
            Some(contain) => Some(chance(contain).ok_or_else(|| refuse("`contain` is no chance", CHANCE))?),
            None => None,
        };
        let dispersion = written.dispersion.unwrap_or(1.0);
        if !(1.0..=1e6).contains(&dispersion) {
            return Err(refuse("`dispersion` is not usable", "a number, at least 1"));
        }
        let (harm, safety) =
            written.tests().map_err(|error| refuse(&error.to_string(), "usable parameters"))?;
        let is_reversed = written.psi.as_ref().is_some_and(|psi| psi.iter().all(|bet| *bet < 1.0));
        let safety = safety.filter(|_| !is_reversed);
        let watch = WatchConfig { harm, safety, guard: None, dispersion };
        Ok(Self { test: written.test, watch, alpha, contain, advance: ADVANCE, is_reversed })
    }
}

const CHANCE: &str = "a number above 0 and below 1, such as 0.001";

fn chance(number: f64) -> Option<f64> {
    (number > 0.0 && number < 1.0).then_some(number)
}

type Misfit = (String, &'static str);

impl Written {
    /// A field that says something must belong to the test; one that says nothing may stand anywhere.
    fn fits(&self) -> Result<(), Misfit> {
        let bets = matches!(self.test, TestName::RateRatio | TestName::Poisson | TestName::Absolute);
        let margin = matches!(self.test, TestName::RateRatio | TestName::Poisson | TestName::TwoSample);
        let weighted = self.start == Some(StartName::Weighted);
        let is = |test: TestName| self.test == test;
        let checks = [
            ("margin", margin || self.margin.is_none_or(|margin| margin == 0.0), "no margin for this test"),
            ("psi", bets || self.psi.is_none(), "psi for rate_ratio, poisson and absolute only"),
            ("start", !weighted || !is(TestName::TwoSample), "no starts for two_sample: it has no bets"),
            ("blocks", weighted || self.blocks.is_none(), "blocks beside \"start\":\"weighted\" only"),
            ("limit", is(TestName::Absolute) == self.limit.is_some(), "limit for absolute, and there always"),
            ("prior", is(TestName::TwoSample) || self.prior.is_none(), "prior for two_sample only"),
            (
                "direction",
                is(TestName::TwoSample) || self.direction.is_none(),
                "direction for two_sample only",
            ),
            ("lambda", is(TestName::SignFlip) || self.lambda.is_none(), "lambda for sign_flip only"),
        ];
        match checks.into_iter().find(|(_, fits, _)| !fits) {
            Some((field, _, expected)) => Err((format!("`{field}` does not fit the test"), expected)),
            None => Ok(()),
        }
    }

    /// The test for harm, and its reversal.
    fn tests(&self) -> Result<(TestConfig, Option<TestConfig>), InvalidConfig> {
        let blocks = self.blocks.unwrap_or(BLOCKS);
        // One block per second: only their number matters.
        let own = EvidencePlan::over(Duration::from_secs(blocks.into()), Duration::from_secs(1));
        let (bets, weights) = match &self.psi {
            Some(psi) => (psi.clone(), product::uniform(psi.len())),
            None => (own.bets, own.bet_weights),
        };
        let margin = self.margin.unwrap_or(0.0);
        let start = match self.start.unwrap_or(StartName::Plain) {
            StartName::Plain => Start::Plain,
            StartName::Weighted => Start::Weighted { first: own.first_start, every: 1, blocks },
        };
        let opposite = product::reciprocal(&bets);
        Ok(match self.test {
            TestName::RateRatio | TestName::Poisson => {
                let safety = RateRatioConfig::new(margin, opposite, weights.clone(), Start::Plain).ok();
                (RateRatioConfig::new(margin, bets, weights, start)?.into(), safety.map(Into::into))
            }
            TestName::Absolute => {
                let limit = self.limit.unwrap_or(f64::NAN);
                let safety = AbsoluteConfig::new(limit, opposite, weights.clone(), Start::Plain).ok();
                (AbsoluteConfig::new(limit, bets, weights, start)?.into(), safety.map(Into::into))
            }
            TestName::TwoSample => {
                let prior = self.prior.unwrap_or(product::PRIOR);
                match self.direction.unwrap_or(DirectionName::Worse) {
                    DirectionName::Both => {
                        (TwoSampleConfig::new(margin, prior, Direction::Both)?.into(), None)
                    }
                    DirectionName::Worse => {
                        let safety = TwoSampleConfig::new(margin, prior, Direction::Better)?;
                        (TwoSampleConfig::new(margin, prior, Direction::Worse)?.into(), Some(safety.into()))
                    }
                }
            }
            TestName::SignFlip => {
                let lambda = self.lambda.unwrap_or(0.5);
                let safety = SignFlipConfig::new(vec![-lambda], vec![1.0], Start::Plain)?;
                (SignFlipConfig::new(vec![lambda], vec![1.0], start)?.into(), Some(safety.into()))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Header, String> {
        Header::read(&Line { number: 1, text: text.to_owned() }).map_err(|error| error.message)
    }

    #[test]
    fn only_the_test_is_needed() {
        for test in ["rate_ratio", "poisson", "two_sample", "sign_flip"] {
            let header = read(&format!("{{\"test\":\"{test}\"}}")).unwrap();
            assert_eq!((header.alpha, header.contain, header.watch.dispersion), (0.001, None, 1.0), "{test}");
            assert!(header.watch.safety.is_some(), "{test}");
        }
        assert!(read("{\"test\":\"absolute\",\"limit\":0.01}").is_ok());
        let full = "{\"test\":\"rate_ratio\",\"margin\":0,\"psi\":null,\"start\":\"plain\",\"alpha\":0.001}";
        assert_eq!(read(full).unwrap(), read("{\"test\":\"rate_ratio\"}").unwrap());
        let common = "\"margin\":0,\"psi\":null,\"start\":\"plain\",\"alpha\":0.01";
        assert!(read(&format!("{{\"test\":\"sign_flip\",{common},\"lambda\":0.5}}")).is_ok());
        assert!(read(&format!("{{\"test\":\"two_sample\",{common},\"prior\":0.18}}")).is_ok());
    }

    #[test]
    fn no_bets_given_are_the_products_own_and_starts_span_240_blocks() {
        let plan = EvidencePlan::over(Duration::from_secs(1_200), Duration::from_secs(5));
        let expected = |start| {
            let config = RateRatioConfig::new(0.0, plan.bets.clone(), plan.bet_weights.clone(), start);
            TestConfig::from(config.unwrap()).fingerprint()
        };
        let own = read("{\"test\":\"rate_ratio\"}").unwrap();
        assert_eq!(own.watch.harm.fingerprint(), expected(Start::Plain));
        let weighted = read("{\"test\":\"rate_ratio\",\"start\":\"weighted\"}").unwrap();
        let start = Start::Weighted { first: plan.first_start, every: 1, blocks: plan.planned_blocks };
        assert_eq!(weighted.watch.harm.fingerprint(), expected(start));
    }

    #[test]
    fn bets_below_one_are_evidence_of_safety() {
        let header = read("{\"test\":\"rate_ratio\",\"psi\":[0.5,0.25]}").unwrap();
        assert!(header.is_reversed && header.watch.safety.is_none());
    }

    #[test]
    fn whatever_does_not_fit_is_refused_with_what_would() {
        for (text, part) in [
            ("{}", "missing field `test`"),
            ("[]", "expected a first line such as"),
            ("{\"test\":\"magic\"}", "unknown variant `magic`"),
            ("{\"test\":\"rate_ratio\",\"colour\":1}", "unknown field `colour`"),
            ("{\"test\":\"rate_ratio\",\"alpha\":0}", "`alpha` is no chance"),
            ("{\"test\":\"rate_ratio\",\"alpha\":0.1,\"alpha\":0.2}", "duplicate field `alpha`"),
            ("{\"test\":\"rate_ratio\",\"contain\":1.5}", "`contain` is no chance"),
            ("{\"test\":\"rate_ratio\",\"dispersion\":0.5}", "`dispersion` is not usable"),
            ("{\"test\":\"rate_ratio\",\"limit\":0.01}", "`limit` does not fit"),
            ("{\"test\":\"rate_ratio\",\"psi\":[]}", "0 bets are not usable"),
            ("{\"test\":\"rate_ratio\",\"psi\":[0.5,2]}", "opposite hypotheses"),
            ("{\"test\":\"rate_ratio\",\"margin\":-1}", "margin -1"),
            ("{\"test\":\"rate_ratio\",\"blocks\":100}", "`blocks` does not fit"),
            ("{\"test\":\"absolute\"}", "`limit` does not fit"),
            ("{\"test\":\"absolute\",\"limit\":1.5}", "limit 1.5"),
            ("{\"test\":\"two_sample\",\"psi\":[2]}", "`psi` does not fit"),
            ("{\"test\":\"sign_flip\",\"margin\":0.2}", "`margin` does not fit"),
            ("{\"test\":\"sign_flip\",\"lambda\":0}", "bet"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(part) && message.starts_with("line 1"), "{text}: {message}");
        }
    }
}
