//! Later lines: one block each.

use ripcord_analysis::{Exposure, watch::Observation};
use serde::Deserialize;

use super::{
    header::TestName,
    lines::{Line, unusable},
};
use crate::failure::CommandError;

const COUNTS: &str =
    "a block such as {\"seq\":1,\"canary\":{\"n\":200,\"bad\":1},\"control\":{\"n\":1800,\"bad\":9}}";
const ONE_ARM: &str = "a block such as {\"seq\":1,\"canary\":{\"n\":1000,\"bad\":12}}";
const DIFFERENCE: &str = "a block such as {\"seq\":1,\"d\":0.5}";

/// Fields that are not asked for may stand in a block: when it was taken, and the like.
#[derive(Debug, Deserialize)]
struct Written {
    seq: u64,
    canary: Option<Amount>,
    control: Option<Amount>,
    d: Option<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Amount {
    n: f64,
    bad: f64,
}

/// One block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    /// Its number.
    pub(super) seq: u64,
    /// What it says.
    pub(super) observation: Observation<'static>,
}

/// Reads a block for a test.
pub(super) fn read(line: &Line, test: TestName) -> Result<Block, CommandError> {
    let expected = match test {
        TestName::RateRatio | TestName::Poisson | TestName::TwoSample => COUNTS,
        TestName::Absolute => ONE_ARM,
        TestName::SignFlip => DIFFERENCE,
    };
    let written: Written =
        serde_json::from_str(&line.text).map_err(|error| misread(line, &error, expected))?;
    let absent = |field: &str| {
        let problem = format!("there is no `{field}`");
        unusable(line.number, None, &line.text, &problem, expected)
    };
    let amount = |arm: &str, amount: Amount| {
        let Amount { n, bad } = amount;
        let refuse = |field: &str, value: f64, problem: &str, expected: &str| {
            let problem = format!("`{arm}.{field}` is {value}, {problem}");
            unusable(line.number, None, &line.text, &problem, expected)
        };
        for (field, value) in [("n", n), ("bad", bad)] {
            if value < 0.0 {
                return Err(refuse(field, value, "which is negative", "a number, at least 0"));
            }
        }
        if bad > n && test != TestName::Poisson {
            let expected = "at most as many bad events as events; over an exposure: {\"test\":\"poisson\"}";
            return Err(refuse("bad", bad, &format!("among {n}"), expected));
        }
        Ok(Exposure::new(n, bad))
    };
    let observation = match test {
        TestName::SignFlip => Observation::Difference(written.d.ok_or_else(|| absent("d"))?),
        TestName::Absolute => {
            let canary = amount("canary", written.canary.ok_or_else(|| absent("canary"))?)?;
            let control =
                written.control.map_or(Ok(Exposure::default()), |control| amount("control", control))?;
            Observation::Counts { canary, control }
        }
        TestName::RateRatio | TestName::Poisson | TestName::TwoSample => {
            let canary = amount("canary", written.canary.ok_or_else(|| absent("canary"))?)?;
            let control = amount("control", written.control.ok_or_else(|| absent("control"))?)?;
            Observation::Counts { canary, control }
        }
    };
    Ok(Block { seq: written.seq, observation })
}

/// The failure of a line that is not the JSON that was expected.
pub(super) fn misread(line: &Line, error: &serde_json::Error, expected: &str) -> CommandError {
    let problem = error.to_string();
    let problem = problem.split(" at line ").next().unwrap_or_default();
    let problem = if error.is_data() { problem.to_owned() } else { format!("not JSON ({problem})") };
    // The parser counts bytes, people count characters.
    let column = line.text.char_indices().take_while(|(byte, _)| *byte < error.column()).count().max(1);
    unusable(line.number, Some(column), &line.text, &problem, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, test: TestName) -> Result<Block, String> {
        read(&Line { number: 7, text: text.to_owned() }, test).map_err(|error| error.message)
    }

    #[test]
    fn blocks_are_read_and_what_else_stands_in_them_is_not_looked_at() {
        let text = "{\"seq\":1,\"at\":\"2026-11-21\",\"canary\":{\"n\":200,\"bad\":1},\"control\":{\"n\":1800,\"bad\":9}}";
        let block = of(text, TestName::RateRatio).unwrap();
        let (canary, control) = (Exposure::new(200.0, 1.0), Exposure::new(1800.0, 9.0));
        assert_eq!(block, Block { seq: 1, observation: Observation::Counts { canary, control } });
        let more_than_one = "{\"seq\":1,\"canary\":{\"n\":2.5,\"bad\":4},\"control\":{\"n\":1,\"bad\":0}}";
        assert!(of(more_than_one, TestName::Poisson).is_ok());
        assert_eq!(
            of("{\"seq\":2,\"d\":-0.5}", TestName::SignFlip).unwrap().observation,
            Observation::Difference(-0.5)
        );
    }

    #[test]
    fn a_line_that_is_no_block_names_itself_and_what_was_expected() {
        for (text, part) in [
            ("hello", "line 7, column 1: not JSON (expected value)"),
            ("{\"größe\":x", "line 7, column 10: not JSON"),
            ("{\"seq\":1", "EOF while parsing"),
            ("{\"canary\":{\"n\":1,\"bad\":0}}", "missing field `seq`"),
            ("{\"seq\":-1,\"canary\":{\"n\":1,\"bad\":0},\"control\":{\"n\":1,\"bad\":0}}", "integer `-1`"),
            ("{\"seq\":1,\"canary\":{\"n\":1,\"bad\":0}}", "line 7: there is no `control`"),
            ("{\"seq\":1,\"canary\":{\"n\":1},\"control\":{\"n\":1,\"bad\":0}}", "missing field `bad`"),
            (
                "{\"seq\":1,\"canary\":{\"n\":\"1\",\"bad\":0},\"control\":{\"n\":1,\"bad\":0}}",
                "string \"1\"",
            ),
            (
                "{\"seq\":1,\"canary\":{\"n\":NaN,\"bad\":0},\"control\":{\"n\":1,\"bad\":0}}",
                "expected value",
            ),
            (
                "{\"seq\":1,\"canary\":{\"n\":-1,\"bad\":0},\"control\":{\"n\":1,\"bad\":0}}",
                "`canary.n` is -1, which is negative",
            ),
            (
                "{\"seq\":1,\"canary\":{\"n\":1,\"bad\":0},\"control\":{\"n\":1,\"bad\":10}}",
                "`control.bad` is 10, among 1",
            ),
        ] {
            let message = of(text, TestName::RateRatio).unwrap_err();
            assert!(message.contains(part) && message.contains("expected"), "{text}: {message}");
        }
        assert!(of("{\"seq\":1}", TestName::SignFlip).unwrap_err().contains("there is no `d`"));
    }
}
