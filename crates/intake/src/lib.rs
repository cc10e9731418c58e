//! Files that others made: pictures of papers, and lists in Excel. Whatever the bytes are, they are read within bounds of memory and
//! time, or refused with a reason; nothing in them is believed, and nothing is ever run.
//!
//! Pure but for reading the file that it is given. `fuzz` says what must hold, and searches for bytes by which it doesn't.
#![forbid(unsafe_code)]

pub mod picture;
pub mod sheet;
