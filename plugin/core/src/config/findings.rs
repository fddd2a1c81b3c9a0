//! What is wrong with a configuration, and where.

use super::Located;
use super::raw::List;
use std::fmt;

/// The path of a value, spelled out only when something is wrong there.
#[derive(Copy, Clone, Debug)]
pub(super) enum At<'p> {
    Top,
    Field(&'p At<'p>, &'p str),
    Index(&'p At<'p>, usize),
}

/// Mistakes and warnings, in the order in which they were found.
#[derive(Debug)]
pub(super) struct Findings {
    mistakes: Vec<Located>,
    warnings: Vec<Located>,
}

impl At<'_> {
    pub(super) fn field<'p>(&'p self, name: &'p str) -> At<'p> {
        At::Field(self, name)
    }

    pub(super) fn index(&self, index: usize) -> At<'_> {
        At::Index(self, index)
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::Field(At::Top, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl Findings {
    /// Starts with what reading found.
    pub(super) fn new(mistakes: Vec<Located>) -> Self {
        Self { mistakes, warnings: Vec::new() }
    }

    /// Notes a mistake, unless what stands there was found wrong before.
    pub(super) fn mistake(&mut self, at: &At<'_>, problem: impl Into<String>) {
        let path = at.to_string();
        if !self.mistakes.iter().any(|known| concerns(&known.path, &path)) {
            self.mistakes.push(Located { path, problem: problem.into() });
        }
    }

    /// Notes something legal and unwise.
    pub(super) fn warn(&mut self, at: &At<'_>, problem: impl Into<String>) {
        self.warnings.push(Located { path: at.to_string(), problem: problem.into() });
    }

    /// The same for a path that is spelled out already.
    pub(super) fn warn_at(&mut self, path: String, problem: String) {
        self.warnings.push(Located { path, problem });
    }

    /// Reads a value, or notes what is wrong with it.
    pub(super) fn checked<T>(&mut self, at: &At<'_>, read: Result<T, &'static str>) -> Option<T> {
        read.map_err(|problem| self.mistake(at, problem)).ok()
    }

    /// Reads each element of a list, told where it stands. An element that is no value was found wrong before.
    pub(super) fn each<T, U>(
        &mut self,
        at: &At<'_>,
        list: Option<List<T>>,
        mut read: impl FnMut(T, &mut Self, &At<'_>) -> Option<U>,
    ) -> Vec<U> {
        let mut all = Vec::new();
        for (index, element) in list.unwrap_or_default().into_iter().enumerate() {
            all.extend(element.and_then(|element| read(element, self, &at.index(index))));
        }
        all
    }

    /// A list of strings, none of them empty.
    pub(super) fn strings(&mut self, at: &At<'_>, list: Option<List<String>>) -> Vec<String> {
        self.each(at, list, |text, findings, at| {
            if text.is_empty() {
                findings.mistake(at, "is empty");
            }
            Some(text)
        })
    }

    /// A list that binds something: it must say at least one thing, and nothing empty.
    pub(super) fn some_strings(&mut self, at: &At<'_>, list: List<String>) -> Vec<String> {
        if list.is_empty() {
            self.mistake(at, "is empty: nothing would be accepted");
        }
        self.strings(at, Some(list))
    }

    /// The warnings, where there is no mistake.
    pub(super) fn finish(self) -> Result<Vec<Located>, Vec<Located>> {
        if self.mistakes.is_empty() { Ok(self.warnings) } else { Err(self.mistakes) }
    }
}

/// Whether a mistake at `known` explains why something at `path` seems to be missing or wrong.
fn concerns(known: &str, path: &str) -> bool {
    known == path || known.strip_prefix(path).is_some_and(|rest| rest.starts_with(['.', '['])) && !path.is_empty()
}
