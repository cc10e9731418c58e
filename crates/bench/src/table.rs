//! The one table that a run prints, and what it is compared with.
use std::fmt::Write;

/// What a figure must come to.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// Nothing is asked of it; it stands there to be read beside others.
    Told,
    /// At most this.
    AtMost(f64),
    /// At least this.
    AtLeast(f64),
    /// At most so many times the floor, and so much more.
    Times(f64, f64),
    /// At least this part of the floor.
    Part(f64),
}

/// One measured figure.
#[derive(Clone, Debug)]
pub struct Line {
    what: String,
    unit: &'static str,
    value: f64,
    floor: Option<f64>,
    target: Target,
}

impl Line {
    /// A figure that stands for itself.
    pub fn new(what: impl Into<String>, unit: &'static str, value: f64, target: Target) -> Self {
        Self { what: what.into(), unit, value, floor: None, target }
    }

    /// Compared with what the same costs without the product.
    pub fn over(mut self, floor: f64) -> Self {
        self.floor = Some(floor);
        self
    }

    fn is_met(&self) -> Option<bool> {
        let floor = self.floor.unwrap_or_default();
        match self.target {
            Target::Told => None,
            Target::AtMost(most) => Some(self.value <= most),
            Target::AtLeast(least) => Some(self.value >= least),
            Target::Times(times, more) => Some(self.value <= floor.mul_add(times, more)),
            Target::Part(part) => Some(self.value >= floor * part),
        }
    }

    fn target(&self) -> String {
        match self.target {
            Target::Told => String::new(),
            Target::AtMost(most) => format!("≤ {most}"),
            Target::AtLeast(least) => format!("≥ {least}"),
            Target::Times(times, more) if more > 0.0 => format!("≤ {times} × + {more}"),
            Target::Times(times, _) => format!("≤ {times} ×"),
            Target::Part(part) => format!("≥ {part} ×"),
        }
    }
}

/// The lines of a run, in the order in which they were measured.
#[derive(Debug, Default)]
pub struct Table {
    lines: Vec<Line>,
}

impl Table {
    /// Adds a line and tells it at once: a run takes minutes.
    pub fn add(&mut self, line: Line) {
        println!("{}", row(&line));
        self.lines.push(line);
    }

    /// The whole, as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!("{HEADING}\n|---|---|--:|--:|--:|--:|---|\n");
        for line in &self.lines {
            let _infallible = writeln!(out, "{}", row(line));
        }
        out
    }

    /// How many lines miss their target.
    pub fn short(&self) -> usize {
        self.lines.iter().filter(|l| l.is_met() == Some(false)).count()
    }
}

/// The columns.
pub const HEADING: &str = "| what | unit | value | floor | ratio | target | |";

fn row(line: &Line) -> String {
    let floor = line.floor.map_or(String::new(), number);
    let ratio = line.floor.map_or(String::new(), |f| format!("{:.2}", line.value / f));
    let verdict = match line.is_met() {
        None => "",
        Some(true) => "ok",
        Some(false) => "**short**",
    };
    let (value, target) = (number(line.value), line.target());
    format!("| {} | {} | {value} | {floor} | {ratio} | {target} | {verdict} |", line.what, line.unit)
}

fn number(n: f64) -> String {
    if n >= 100.0 {
        format!("{n:.0}")
    } else if n >= 10.0 {
        format!("{n:.1}")
    } else {
        format!("{n:.2}")
    }
}
