//! What is typed into a form of this slice, looked at and tidied.
use crate::platform::error::Problem;

/// The longest reason, in characters.
pub(super) const MAX_REASON: usize = 500;

/// The faults of a form, by field.
#[derive(Default)]
pub(super) struct Faults(Vec<(String, String)>);

impl Faults {
    pub(super) fn add(&mut self, field: &str, code: &str) {
        self.0.push((field.to_owned(), code.to_owned()));
    }

    /// The trimmed text; a fault where it is longer than `max` characters or holds signs that nobody types.
    pub(super) fn text(&mut self, field: &str, typed: &str, max: usize) -> String {
        let text = typed.trim();
        if text.chars().count() > max {
            self.add(field, "too_long");
        } else if text.chars().any(char::is_control) {
            self.add(field, "control_signs");
        }
        text.to_owned()
    }

    /// As [`Self::text`], and not empty.
    pub(super) fn required(&mut self, field: &str, typed: &str, max: usize) -> String {
        let text = self.text(field, typed, max);
        if text.is_empty() {
            self.add(field, "required");
        }
        text
    }

    pub(super) fn into_result(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// A reason that must be given.
pub(super) fn reason(typed: &str) -> Result<String, Problem> {
    let mut faults = Faults::default();
    let reason = faults.required("reason", typed, MAX_REASON);
    faults.into_result().map(|()| reason)
}
