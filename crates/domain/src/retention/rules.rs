//! The rules as an installation writes them: a TOML file with a `[[rule]]` for each kind of data that is to go one day.
use serde::{Deserialize, Serialize};
use strum::{IntoEnumIterator, IntoStaticStr};

use super::{RetentionKind, Term};

/// How long one kind of data is kept, and why so long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Of what.
    pub kind: RetentionKind,
    /// How long.
    pub keep: Term,
    /// What the term rests on, in words; it is logged.
    pub basis: String,
}

/// All rules, one a kind at most, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules(Vec<Rule>);

/// What is wrong with a file of rules. Serialises as `{ "code": …, "args": { … } }`; rules count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(tag = "code", content = "args", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RetentionFault {
    /// It is no TOML file of this form.
    RetentionUnreadable {
        /// Where, from 1.
        line: usize,
        /// What the reader says.
        text: String,
    },
    /// It holds no rule.
    RetentionNoRule {},
    /// There is no such kind.
    RetentionKindUnknown {
        /// The rule.
        n: usize,
        /// What stands there.
        text: String,
        /// What there is.
        known: Vec<RetentionKind>,
    },
    /// Two rules are about one kind.
    RetentionKindTwice {
        /// The second rule.
        n: usize,
        /// The kind.
        retention_kind: RetentionKind,
    },
    /// Neither years nor days, or both.
    RetentionTermMissing {
        /// The rule.
        n: usize,
    },
    /// No time at all, or more than a hundred years.
    RetentionTermSenseless {
        /// The rule.
        n: usize,
    },
    /// Shorter than what must be kept.
    RetentionTermTooShort {
        /// The rule.
        n: usize,
        /// The kind.
        retention_kind: RetentionKind,
        /// The shortest term, in years; 0 where it is told in days.
        years: u32,
        /// The shortest term, in days; 0 where it is told in years.
        days: u32,
    },
    /// It doesn't say what the term rests on.
    RetentionBasisMissing {
        /// The rule.
        n: usize,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    keep_years: Option<u32>,
    keep_days: Option<u32>,
    #[serde(default)]
    basis: String,
}

impl Rules {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<RetentionFault>> {
        let file: File = toml::from_str(text).map_err(|e| vec![unreadable(text, &e)])?;
        if file.rule.is_empty() {
            return Err(vec![RetentionFault::RetentionNoRule {}]);
        }
        let (mut rules, mut faults) = (Vec::<Rule>::new(), Vec::new());
        for (n, written) in (1..).zip(file.rule) {
            match rule(n, &written) {
                Ok(rule) if rules.iter().any(|other| other.kind == rule.kind) => {
                    faults.push(RetentionFault::RetentionKindTwice { n, retention_kind: rule.kind });
                }
                Ok(rule) => rules.push(rule),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(Self(rules)) } else { Err(faults) }
    }

    /// The rules, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }
}

fn unreadable(text: &str, error: &toml::de::Error) -> RetentionFault {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    RetentionFault::RetentionUnreadable { line: before.matches('\n').count() + 1, text: error.message().to_owned() }
}

fn rule(n: usize, written: &Written) -> Result<Rule, RetentionFault> {
    let kind: RetentionKind = written.kind.parse().map_err(|_| RetentionFault::RetentionKindUnknown {
        n,
        text: written.kind.clone(),
        known: RetentionKind::iter().collect(),
    })?;
    let keep = match (written.keep_years, written.keep_days) {
        (Some(years), None) => Term::Years(years),
        (None, Some(days)) => Term::Days(days),
        _ => return Err(RetentionFault::RetentionTermMissing { n }),
    };
    if matches!(keep, Term::Years(0) | Term::Days(0)) || keep.is_too_long() {
        return Err(RetentionFault::RetentionTermSenseless { n });
    }
    if keep.is_shorter_than(kind.minimum()) {
        let (years, days) = match kind.minimum() {
            Term::Years(years) => (years, 0),
            Term::Days(days) => (0, days),
        };
        return Err(RetentionFault::RetentionTermTooShort { n, retention_kind: kind, years, days });
    }
    let basis = written.basis.trim().to_owned();
    if basis.is_empty() {
        return Err(RetentionFault::RetentionBasisMissing { n });
    }
    Ok(Rule { kind, keep, basis })
}
