//! The rule of a flag: operators that exist, operands that can be answered, variants that the flag has.

use std::ops::Range;

use ripcord_model::diagnostic::Code;
use serde_json::{Map, Value};

use super::Reader;
use crate::{
    Definitions, Flag, operators, refs,
    refs::RefError,
    written::{Key, Kind, MAX_DEPTH, Node},
};

impl Reader<'_> {
    /// The rule of one flag.
    pub(super) fn targeting(&mut self, flag_node: &Node, flag: &Flag, evaluators: &Map<String, Value>) {
        let Some(rule) = entry(flag_node, "targeting") else { return };
        match &rule.kind {
            Kind::Null => return,
            Kind::Map(entries) if entries.is_empty() => return,
            Kind::Map(_) => {}
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => {
                self.wrong_kind(rule, "`targeting` is", "a rule");
                return;
            }
        }
        self.rule(rule, 0);
        self.result(rule, flag);
        if let Some(targeting) = &flag.targeting
            && let Err(error) = refs::resolve(targeting, evaluators)
        {
            self.reference(rule, &error);
        }
    }

    /// The shared rules, each by itself: one that nobody uses yet will be used tomorrow.
    pub(super) fn evaluators(&mut self, entries: &[(Key, Node)], definitions: &Definitions) {
        let Some((_, node)) = entries.iter().find(|(key, _)| key.text == "$evaluators") else { return };
        let Kind::Map(rules) = &node.kind else { return };
        for (_, rule) in rules {
            self.rule(rule, 0);
            if let Err(error) = refs::resolve(&rule.value(), &definitions.evaluators) {
                self.reference(rule, &error);
            }
        }
    }

    fn reference(&mut self, rule: &Node, error: &RefError) {
        let (code, at, expected) = match error {
            RefError::Unknown(name) => {
                (Code::UNKNOWN_EVALUATOR, find_ref(rule, name), "the name of a rule in `$evaluators`")
            }
            RefError::Circle(_) => (Code::EVALUATOR_CIRCLE, rule.at.clone(), "rules that end"),
            RefError::TooBig => (Code::RULE_TOO_BIG, rule.at.clone(), "a rule that a person can follow"),
        };
        self.error(code, at, error.to_string(), expected);
    }

    fn rule(&mut self, node: &Node, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match &node.kind {
            Kind::List(items) => items.iter().for_each(|item| self.rule(item, depth + 1)),
            Kind::Map(entries) => {
                self.once(entries);
                match entries.as_slice() {
                    [(operator, operands)] => self.operation(operator, operands, depth),
                    [] => {}
                    [_, second, ..] => self.error(
                        Code::UNKNOWN_OPERATOR,
                        second.0.at.clone(),
                        "an operation has one operator",
                        "{ OPERATOR: [OPERANDS] }",
                    ),
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {}
        }
    }

    fn operation(&mut self, operator: &Key, operands: &Node, depth: usize) {
        let name = operator.text.as_str();
        match name {
            "$ref" => {
                if !matches!(operands.kind, Kind::Text(_)) {
                    self.wrong_kind(operands, "`$ref` is", "the name of a rule in `$evaluators`");
                }
                return;
            }
            "fractional" => self.fractional(operands),
            "sem_ver" => self.sem_ver(operator, operands),
            "starts_with" | "ends_with" => self.affix(operator, operands),
            _ if operators::is_operator(name) => {}
            _ => {
                let message = format!("there is no operator `{name}`");
                self.error(
                    Code::UNKNOWN_OPERATOR,
                    operator.at.clone(),
                    message,
                    "an operator of JsonLogic, or fractional, sem_ver, starts_with, ends_with",
                );
            }
        }
        self.rule(operands, depth + 1);
    }

    fn sem_ver(&mut self, operator: &Key, operands: &Node) {
        let Kind::List(items) = &operands.kind else {
            return self.operands(operator, operands, "three operands");
        };
        let [left, comparison, right] = items.as_slice() else {
            return self.operands(operator, operands, "three operands");
        };
        if let Kind::Text(word) = &comparison.kind
            && !operators::COMPARISONS.contains(&word.as_str())
        {
            let message = format!("sem_ver has no comparison `{word}`");
            self.error(Code::BAD_OPERANDS, comparison.at.clone(), message, operators::COMPARISONS.join(" "));
        }
        for side in [left, right] {
            if let Kind::Text(text) = &side.kind
                && operators::semantic_version(text).is_none()
            {
                let message = format!("`{text}` is no version");
                self.error(Code::BAD_OPERANDS, side.at.clone(), message, "a version, for example 1.2.3");
            }
        }
    }

    fn affix(&mut self, operator: &Key, operands: &Node) {
        let Kind::List(items) = &operands.kind else { return self.operands(operator, operands, "two texts") };
        if items.len() != 2 {
            return self.operands(operator, operands, "two texts");
        }
        for item in items {
            if matches!(item.kind, Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_)) {
                self.wrong_operand(operator, item, "a text");
            }
        }
    }

    fn operands(&mut self, operator: &Key, operands: &Node, expected: &str) {
        self.wrong_operand(operator, operands, expected);
    }

    fn wrong_operand(&mut self, operator: &Key, node: &Node, expected: &str) {
        let message =
            format!("`{}` cannot be answered with these operands; it is always null", operator.text);
        self.error(Code::BAD_OPERANDS, node.at.clone(), message, expected);
    }

    fn fractional(&mut self, operands: &Node) {
        let buckets = match &operands.kind {
            Kind::List(items) => buckets(items),
            _ => &[],
        };
        if buckets.is_empty() {
            let message = "`fractional` divides users into nothing";
            return self.error(
                Code::BAD_WEIGHTS,
                operands.at.clone(),
                message,
                "[[\"on\", 10], [\"off\", 90]]",
            );
        }
        let (mut total, mut known) = (0_i64, true);
        for bucket in buckets {
            match &bucket.kind {
                Kind::List(items) if matches!(items.len(), 1 | 2) => match self.weight(items.get(1)) {
                    Some(weight) => total = total.saturating_add(weight),
                    None => known = false,
                },
                Kind::Map(_) => known = false,
                _ => {
                    known = false;
                    let message = "a bucket is a variant and its weight";
                    self.error(Code::BAD_WEIGHTS, bucket.at.clone(), message, "[\"on\", 10]");
                }
            }
        }
        if known && !(1..=i64::from(i32::MAX)).contains(&total) {
            let message = format!("the weights add up to {total}");
            self.error(Code::BAD_WEIGHTS, operands.at.clone(), message, "a sum from 1 to 2147483647");
        }
    }

    /// The weight, where it can be known without a context.
    fn weight(&mut self, node: Option<&Node>) -> Option<i64> {
        let Some(node) = node else { return Some(1) };
        match &node.kind {
            Kind::Number(number) => match number.as_i64() {
                Some(weight) if (0..=i64::from(i32::MAX)).contains(&weight) => Some(weight),
                Some(_) | None => {
                    let message = format!("{number} is no weight");
                    self.error(
                        Code::BAD_WEIGHTS,
                        node.at.clone(),
                        message,
                        "a whole number from 0 to 2147483647",
                    );
                    None
                }
            },
            Kind::Map(_) => None,
            Kind::Null | Kind::Bool(_) | Kind::Text(_) | Kind::List(_) => {
                let message = format!("a weight is a whole number, this is {}", node.describe());
                self.error(
                    Code::BAD_WEIGHTS,
                    node.at.clone(),
                    message,
                    "a whole number from 0 to 2147483647",
                );
                None
            }
        }
    }

    /// What a rule can end in: texts there are names of variants.
    fn result(&mut self, node: &Node, flag: &Flag) {
        let name = match &node.kind {
            Kind::Text(name) => name.as_str(),
            Kind::Bool(true) => "true",
            Kind::Bool(false) => "false",
            Kind::Null | Kind::Number(_) | Kind::List(_) => return,
            Kind::Map(entries) => return self.results_of(entries, flag),
        };
        if !flag.variants.contains_key(name) {
            let message = format!("the rule can choose `{name}`, which is none of the flag's variants");
            let names: Vec<&str> = flag.variants.keys().map(String::as_str).collect();
            self.error(Code::UNKNOWN_VARIANT, node.at.clone(), message, names.join(", "));
        }
    }

    fn results_of(&mut self, entries: &[(Key, Node)], flag: &Flag) {
        let [(operator, Node { kind: Kind::List(items), .. })] = entries else { return };
        match operator.text.as_str() {
            "if" => {
                for (index, item) in items.iter().enumerate() {
                    let last = index + 1 == items.len();
                    if index % 2 == 1 || (last && index > 0) {
                        self.result(item, flag);
                    }
                }
            }
            "fractional" => {
                for bucket in buckets(items) {
                    if let Kind::List(parts) = &bucket.kind
                        && let Some(variant) = parts.first()
                    {
                        self.result(variant, flag);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The buckets of a `fractional`: what comes behind the value that is hashed, where there is one.
fn buckets(items: &[Node]) -> &[Node] {
    match items {
        [Node { kind: Kind::List(_), .. }, ..] => items,
        [_, rest @ ..] => rest,
        [] => items,
    }
}

fn entry<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Map(entries) => entries.iter().rev().find(|(key, _)| key.text == name).map(|(_, value)| value),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => None,
    }
}

/// Where a rule names `name`; the whole rule when another one does for it.
fn find_ref(rule: &Node, name: &str) -> Range<usize> {
    fn find(node: &Node, name: &str) -> Option<Range<usize>> {
        match &node.kind {
            Kind::List(items) => items.iter().find_map(|item| find(item, name)),
            Kind::Map(entries) => entries.iter().find_map(|(key, value)| match &value.kind {
                Kind::Text(text) if key.text == "$ref" && text == name => Some(value.at.clone()),
                _ => find(value, name),
            }),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => None,
        }
    }
    find(rule, name).unwrap_or_else(|| rule.at.clone())
}
