//! Names with at most one `*`, as groups are matched and mapped by.

/// A name, or a name with one `*` that stands for any run of characters other than `/` and `,`, the separators of
/// group paths and of lists. Matching is anchored and case-sensitive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pattern {
    /// Exactly this.
    Exact(String),
    /// This before and this behind the `*`.
    Wild(String, String),
}

/// A pattern was written with more than one `*`.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct TooManyStars;

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// More than one `*`.
    pub fn parse(text: &str) -> Result<Self, TooManyStars> {
        match text.split_once('*') {
            None => Ok(Self::Exact(text.to_owned())),
            Some((_, rest)) if rest.contains('*') => Err(TooManyStars),
            Some((before, behind)) => Ok(Self::Wild(before.to_owned(), behind.to_owned())),
        }
    }

    /// Whether it has a `*`.
    pub fn is_wild(&self) -> bool {
        matches!(self, Self::Wild(..))
    }

    /// What the `*` stands for in `name` (nothing for an exact pattern), where the pattern matches.
    pub fn captures<'n>(&self, name: &'n str) -> Option<&'n str> {
        match self {
            Self::Exact(own) => (own == name).then_some(""),
            Self::Wild(before, behind) => {
                let middle = name.strip_prefix(before.as_str())?.strip_suffix(behind.as_str())?;
                (!middle.contains(['/', ','])).then_some(middle)
            }
        }
    }

    /// Whether it matches.
    pub fn matches(&self, name: &str) -> bool {
        self.captures(name).is_some()
    }

    /// The name that the pattern makes when its `*` stands for `middle`.
    pub fn with(&self, middle: &str) -> String {
        match self {
            Self::Exact(own) => own.clone(),
            Self::Wild(before, behind) => [before.as_str(), middle, behind].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn matches_whole_names_and_never_across_separators() {
        let team = Pattern::parse("team-*-eu").unwrap();
        assert_eq!(team.captures("team-red-eu"), Some("red"));
        assert_eq!(team.captures("team--eu"), Some(""));
        for other in ["team-eu", "Team-red-eu", "xteam-red-eu", "team-red-eux", "team-a/b-eu", "team-a,b-eu"] {
            assert!(!team.matches(other), "{other}");
        }
        assert!(Pattern::parse("a*b*").is_err());
        assert!(Pattern::parse("a").unwrap().matches("a") && !Pattern::parse("a").unwrap().matches("ab"));
        assert_eq!(Pattern::parse("g-*").unwrap().with("x"), "g-x");
    }
}
