//! The columns of a file, and what stands in them.
use std::collections::HashMap;

use huzhu_domain::{
    cells::{Cell, CellFault},
    dictionary::{Entry, Fault, fault, tidy},
};

use crate::platform::{intake::Heading, xlsx};

/// A column of a file.
pub struct Col {
    /// Its name in faults.
    pub field: &'static str,
    /// The proper name first.
    pub names: &'static [&'static str],
    /// Whether the file must have it.
    pub required: bool,
    /// In characters.
    pub width: u16,
    /// What the template says about it.
    pub note: &'static str,
    /// What can be chosen; anything where empty.
    pub choices: &'static [&'static str],
}

impl Col {
    /// As it is looked for in a file.
    #[must_use]
    pub const fn heading(&self) -> Heading<'static> {
        Heading { field: self.field, names: self.names, required: self.required }
    }

    /// As it is written.
    #[must_use]
    pub const fn column(&self) -> xlsx::Column {
        xlsx::Column { title: self.names[0], width: self.width }
    }

    /// As it stands in the template.
    #[must_use]
    pub const fn blank(&self) -> xlsx::Blank<'_> {
        let Self { required, width, note, choices, .. } = *self;
        xlsx::Blank { title: self.names[0], required, width, note, choices }
    }
}

/// An entry as a row of a file.
pub trait Sheet: Entry + Clone + serde::Serialize + Send + Sync + 'static {
    /// Name of the sheet.
    const NAME: &'static str;
    /// The columns, in order.
    const COLUMNS: &'static [Col];

    /// What a row says, and what of it can't be understood.
    fn read(cells: &[Cell]) -> (Self, Vec<Fault>);

    /// Takes over what the file doesn't say from what is there.
    fn complete(&mut self, known: &HashMap<String, Self>, present: &[bool]);

    /// The row as it is written.
    fn cells(&self) -> Vec<String>;
}

/// Reads cells one by one and keeps what is wrong with them.
pub struct Reader<'a> {
    cells: std::slice::Iter<'a, Cell>,
    /// What was wrong up to now.
    pub faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    /// Begins at the first cell.
    #[must_use]
    pub fn new(cells: &'a [Cell]) -> Self {
        Self { cells: cells.iter(), faults: Vec::new() }
    }

    /// The next cell as `read` understands it; the default and a fault where it doesn't.
    pub fn take<T: Default>(&mut self, column: &'static str, read: impl FnOnce(&Cell) -> Result<T, CellFault>) -> T {
        let Some(cell) = self.cells.next() else { return T::default() };
        match read(cell) {
            Ok(value) => value,
            Err(found) => {
                self.faults.push(fault(column, code(found)));
                T::default()
            }
        }
    }

    /// The next cell as a text.
    pub fn text(&mut self, column: &'static str) -> String {
        tidy(&self.take(column, |cell| cell.text(usize::MAX)))
    }
}

const fn code(found: CellFault) -> &'static str {
    match found {
        CellFault::CellRequired => "required",
        CellFault::CellTooLong => "too_long",
        CellFault::CellLostDigits => "cell_lost_digits",
        CellFault::CellNoValue => "cell_no_value",
        CellFault::CellError => "cell_error",
        CellFault::CellNotANumber => "not_a_number",
        CellFault::CellNotADay | CellFault::CellUnknownWord => "unknown",
    }
}
