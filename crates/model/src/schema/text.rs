//! Texts with a form of their own.
#![expect(dead_code, reason = "these types only describe; nothing constructs them")]

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $title:literal, $body:tt) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                $title.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($body)
            }
        }
    };
}

text!(
    /// A name.
    Name, "name", {
        "description": "1 to 63 of a-z, 0-9 and -, starting with a letter or digit.",
        "type": ["string", "number"], "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"
    }
);
text!(
    /// A version.
    Version, "version", {
        "description": "1 to 128 of letters, digits, ., _, + and -, starting with a letter or digit.",
        "type": ["string", "number"], "pattern": "^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$"
    }
);
text!(
    /// A person.
    Human, "person", {
        "description": "A person or team: 1 to 64 of letters, digits, ., _, @ and -.",
        "type": "string", "pattern": "^[A-Za-z0-9._@-]{1,64}$"
    }
);
text!(
    /// A duration.
    DurationText, "duration", {
        "description": "Whole numbers with ms, s, m, h or d, the largest first: 30s, 10m, 1h30m.",
        "type": "string", "pattern": "^\\s*([0-9]+(d|h|ms|m|s)\\s*)+$", "examples": ["30s", "10m", "1h30m"]
    }
);
text!(
    /// A share.
    ShareText, "share", {
        "description": "A percentage between 0% and 100% with at most four decimals.",
        "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,4})?\\s*%$", "examples": ["1%", "12.5%"]
    }
);
text!(
    /// A rule.
    RuleText, "rule", {
        "description": "`above 5% for 5m`, `below 10 for 1m`, `above 2x control for 3m`, `above 3 in 30m`, `worse than control by 20%` or `over 1%`; `baseline` may stand for `control`.",
        "type": "string",
        "pattern": "^\\s*((above|below)\\s+-?[0-9.]+([a-z%][a-z0-9]*)?(\\s+(control|baseline))?\\s+(for|in)\\s+[0-9].*|worse\\s+than\\s+(control|baseline)\\s+by\\s+[0-9.]+%\\s*|over\\s+[0-9.]+%?\\s*)$",
        "examples": ["above 5% for 5m", "above 2x control for 3m", "above 3 in 30m", "worse than control by 20%", "over 1%"]
    }
);
text!(
    /// A selector.
    Selector, "selector", {
        "description": "A series: a metric's name with optional labels, no functions.",
        "type": "string", "examples": ["requests_total", "requests_total{outcome=\"error\"}"]
    }
);
text!(
    /// The name of a label.
    LabelName, "label-name", {
        "description": "Letters, digits and _, not starting with a digit.",
        "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
    }
);
text!(
    /// How much counts scatter.
    Dispersion, "dispersion", {
        "description": "A number from 1 (as by chance) to 1000.",
        "type": "number", "minimum": 1, "maximum": 1000
    }
);
text!(
    /// One end of a freeze.
    FreezeEdge, "freeze-edge", {
        "description": "Five cron fields, or an instant in the window's zone.",
        "type": "string", "examples": ["0 16 * * FRI", "2026-12-23", "2027-01-02 08:00"]
    }
);
text!(
    /// A text that may look like a number.
    Label, "label", { "type": ["string", "number"] }
);
text!(
    /// A number of requests.
    Requests, "requests", {
        "description": "`500 requests`, or the number alone.",
        "type": ["string", "integer"], "pattern": "^[0-9]+(\\s+requests?)?$", "minimum": 0
    }
);

/// One value or a list of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum OneOrMany<T> {
    /// One.
    One(T),
    /// Several.
    Many(Vec<T>),
}
