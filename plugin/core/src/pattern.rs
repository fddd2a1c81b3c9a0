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

    /// What the `*` stands for in `name` (nothing for an exact pattern), where the pattern matches. `ignore_case` compares
    /// without ASCII case.
    pub fn captures<'n>(&self, name: &'n str, ignore_case: bool) -> Option<&'n str> {
        let same = |own: &str, part: &str| own == part || ignore_case && own.eq_ignore_ascii_case(part);
        match self {
            Self::Exact(own) => same(own, name).then_some(""),
            Self::Wild(before, behind) => {
                let (front, rest) = name.split_at_checked(before.len())?;
                let (middle, back) = rest.split_at_checked(rest.len().checked_sub(behind.len())?)?;
                let matches = same(before, front) && same(behind, back) && !middle.contains(['/', ',']);
                matches.then_some(middle)
            }
        }
    }

    /// Whether it matches, with case.
    pub fn matches(&self, name: &str) -> bool {
        self.captures(name, false).is_some()
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
        assert_eq!(team.captures("team-red-eu", false), Some("red"));
        assert_eq!(team.captures("team--eu", false), Some(""));
        for other in ["team-eu", "Team-red-eu", "xteam-red-eu", "team-red-eux", "team-a/b-eu", "team-a,b-eu"] {
            assert!(!team.matches(other), "{other}");
        }
        assert!(Pattern::parse("a*b*").is_err());
        assert!(Pattern::parse("a").unwrap().matches("a") && !Pattern::parse("a").unwrap().matches("ab"));
        assert_eq!(Pattern::parse("g-*").unwrap().with("x"), "g-x");
    }

    #[test]
    fn case_is_ignored_on_request_and_in_ascii_only() {
        let team = Pattern::parse("Team-*-\u{e9}U").unwrap();
        assert_eq!(team.captures("tEAM-Red-\u{e9}u", true), Some("Red"));
        assert_eq!(team.captures("tEAM-Red-\u{e9}u", false), None);
        for other in ["team-red-\u{c9}U", "team-\u{e9}", "team-\u{e9}u", "\u{e9}\u{e9}\u{e9}", "", "team-a/b-\u{e9}U"] {
            assert_eq!(team.captures(other, true), None, "{other}");
        }
        let exact = Pattern::parse("CN=Ops").unwrap();
        assert!(exact.captures("cn=OPS", true).is_some() && exact.captures("cn=OPS", false).is_none());
        assert!(exact.captures("cn=OP", true).is_none());
    }
}
