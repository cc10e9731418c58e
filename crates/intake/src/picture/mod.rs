//! A picture: whether it can be taken in, what of it leaves the server, by what it is found again.
mod bare;
mod flow;
mod inspect;
mod print;

pub use bare::bare;
pub use flow::Flow;
pub use inspect::{Inspected, MAX_BYTES, MAX_PIXELS, Refusal, THUMBNAIL, inspect};
pub use print::{Print, same};
