//! Where a claim is.

use crate::json::{Kind, Value};

/// The address of a claim. A top-level member of exactly that name wins; otherwise the address is a path: `$['a'].b[*]`
/// (that subset of JSONPath), `/a/b` (JSON Pointer, RFC 6901) or `a.b` split on dots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    literal: String,
    path: Vec<Step>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Step {
    Member(String),
    Element(usize),
    /// JSON Pointer does not tell a member's name from an element's index.
    MemberOrElement(String),
    /// Every element of a list, every member's value of an object (RFC 9535 section 2.3.2).
    Every,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("a claim address cannot be empty");
        }
        let path = if let Some(rest) = text.strip_prefix('$') {
            json_path(rest)?
        } else if text.starts_with('/') {
            text.split('/').skip(1).map(pointer_token).collect::<Result<_, _>>()?
        } else {
            text.split('.').map(|name| Step::Member(name.to_owned())).collect()
        };
        Ok(Self { literal: text.to_owned(), path })
    }

    /// The address as it was written.
    pub fn text(&self) -> &str {
        &self.literal
    }

    /// Whether this is the top-level member of that name, in any notation.
    pub fn names(&self, member: &str) -> bool {
        matches!(self.path.as_slice(), [Step::Member(name) | Step::MemberOrElement(name)] if name == member)
    }

    /// Every value at this address, in order: none where the claim is absent, several only after `[*]`.
    pub fn find<'a>(&self, claims: Value<'a>) -> Vec<Value<'a>> {
        match claims.member(&self.literal) {
            Some(value) => vec![value],
            None => self.follow(claims),
        }
    }

    /// The first value at this address.
    pub fn first<'a>(&self, claims: Value<'a>) -> Option<Value<'a>> {
        claims.member(&self.literal).or_else(|| self.follow(claims).into_iter().next())
    }

    /// Every value at the path, where there is no member of exactly that name.
    fn follow<'a>(&self, claims: Value<'a>) -> Vec<Value<'a>> {
        if let [Step::Member(_)] = self.path.as_slice() {
            // A plain name was looked for just now, unless it is spelled as a path.
            if !self.literal.starts_with('$') {
                return Vec::new();
            }
        }
        self.path.iter().fold(vec![claims], |found, step| found.into_iter().flat_map(|value| step.of(value)).collect())
    }
}

/// The values at these addresses, in order, that say something: `null` and an empty string are as good as absent (OpenID
/// Connect Core section 5.3.2).
pub fn values<'a>(addresses: &[Address], claims: Value<'a>) -> impl Iterator<Item = Value<'a>> {
    addresses.iter().flat_map(move |address| address.find(claims)).filter(|value| !value.is_blank())
}

impl Step {
    fn of<'a>(&self, value: Value<'a>) -> Vec<Value<'a>> {
        match self {
            Self::Member(name) => value.member(name).into_iter().collect(),
            Self::Element(index) => value.elements().nth(*index).into_iter().collect(),
            Self::MemberOrElement(token) if value.kind() == Kind::Array => {
                index(token).and_then(|index| value.elements().nth(index)).into_iter().collect()
            }
            Self::MemberOrElement(token) => value.member(token).into_iter().collect(),
            Self::Every => value.elements().chain(value.members().map(|(_, member)| member)).collect(),
        }
    }
}

/// Digits without a sign and without a leading zero (RFC 6901 section 4, RFC 9535 section 2.3.3).
fn index(text: &str) -> Option<usize> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if digits { text.parse().ok() } else { None }
}

fn pointer_token(token: &str) -> Result<Step, &'static str> {
    let mut name = String::new();
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '~' { chars.next() } else { None }) {
            ('~', Some('0')) => name.push('~'),
            ('~', Some('1')) => name.push('/'),
            ('~', _) => return Err("in a JSON Pointer `~` is followed by 0 or 1"),
            (c, _) => name.push(c),
        }
    }
    Ok(Step::MemberOrElement(name))
}

fn json_path(mut rest: &str) -> Result<Vec<Step>, &'static str> {
    let mut path = Vec::new();
    while !rest.is_empty() {
        let (step, behind) = if let Some(dotted) = rest.strip_prefix('.') {
            let end = dotted.find(['.', '[']).unwrap_or(dotted.len());
            let (name, behind) = dotted.split_at_checked(end).unwrap_or((dotted, ""));
            match name {
                "" => return Err("a name is missing after `.`"),
                "*" => (Step::Every, behind),
                name => (Step::Member(name.to_owned()), behind),
            }
        } else if let Some(every) = rest.strip_prefix("[*]") {
            (Step::Every, every)
        } else if let Some(quoted) = rest.strip_prefix("['") {
            let (name, behind) = quoted.split_once("']").ok_or("`['` without `']`")?;
            (Step::Member(name.to_owned()), behind)
        } else if let Some(indexed) = rest.strip_prefix('[') {
            let (index, behind) = indexed.split_once(']').ok_or("`[` without `]`")?;
            (Step::Element(self::index(index).ok_or("only `['name']`, `[0]` and `[*]` may stand in brackets")?), behind)
        } else {
            return Err("after `$` come `.name`, `['name']`, `[0]` or `[*]`");
        };
        path.push(step);
        rest = behind;
    }
    if path.is_empty() { Err("`$` alone is no claim") } else { Ok(path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const CLAIMS: &str = r#"{"sub":"u","cognito:groups":["a"],"https://x.example/roles":"r","kubernetes.io":{"ns":"k"},
        "a.b":"literal","a":{"b":"nested","b.c":[{"d":1},{"d":2}]},"$.odd":"o","list":["x","y"],"":{"":"e"},"m~n":{"o/p":7}}"#;

    fn found(address: &str) -> Vec<String> {
        let document = Document::parse(CLAIMS.as_bytes()).unwrap();
        Address::parse(address).unwrap().find(document.root()).iter().map(|value| value.text().to_owned()).collect()
    }

    #[test]
    fn a_top_level_member_of_exactly_that_name_wins() {
        assert_eq!(found("sub"), [r#""u""#]);
        assert_eq!(found("cognito:groups"), [r#"["a"]"#]);
        assert_eq!(found("https://x.example/roles"), [r#""r""#]);
        assert_eq!(found("a.b"), [r#""literal""#]);
        assert_eq!(found("$.odd"), [r#""o""#]);
    }

    #[test]
    fn otherwise_it_is_a_path_in_one_of_three_notations() {
        assert_eq!(found("$.a.b"), [r#""nested""#]);
        assert_eq!(found("$['kubernetes.io']['ns']"), [r#""k""#]);
        assert_eq!(found("$['a']['b.c'][*]['d']"), ["1", "2"]);
        assert_eq!(found("$.a['b.c'][1].d"), ["2"]);
        assert_eq!(found("/a/b"), [r#""nested""#]);
        assert_eq!(found("/kubernetes.io/ns"), [r#""k""#]);
        assert_eq!(found("/list/1"), [r#""y""#]);
        assert_eq!(found("/m~0n/o~1p"), ["7"]);
        assert_eq!(found("$.sub"), [r#""u""#]);
    }

    #[test]
    fn wildcard_selects_elements_and_member_values() {
        assert_eq!(found("$.list[*]"), [r#""x""#, r#""y""#]);
        assert_eq!(found("$.list.*"), found("$.list[*]"));
        assert_eq!(found("$.a[*]"), [r#""nested""#, r#"[{"d":1},{"d":2}]"#]);
        assert_eq!(found("$.a.*[*].d"), ["1", "2"]);
        assert_eq!(found("$['kubernetes.io'][*]"), [r#""k""#]);
        assert_eq!(found("$['']['*']"), Vec::<String>::new());
        assert_eq!(found("$[*].b"), [r#""nested""#]);
    }

    #[test]
    fn blank_values_are_passed_over() {
        let document = Document::parse(br#"{"a":null,"b":"","c":[null,"",0,"x"],"d":" "}"#.as_slice()).unwrap();
        let read = |addresses: &[&str]| {
            let addresses: Vec<_> = addresses.iter().map(|text| Address::parse(text).unwrap()).collect();
            values(&addresses, document.root()).map(|value| value.text().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(read(&["a", "b", "no", "d"]), [r#"" ""#]);
        assert_eq!(read(&["$.c[*]", "a"]), ["0", r#""x""#]);
    }

    #[test]
    fn finds_nothing_where_nothing_is() {
        for address in [
            "SUB",
            "a.c",
            "$.a.x",
            "/list/9",
            "/list/01",
            "/list/+1",
            "sub.x",
            "list.0",
            "$.list[7]",
            "$.sub[*]",
            "a.*",
            "/a/*",
        ] {
            assert!(found(address).is_empty(), "{address}");
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        for address in
            ["", "$", "$x", "$.", "$..a", "$['a", "$[a]", "$[?(@.x)]", "/a/~2", "$[-1]", "$[+1]", "$[01]", "$[]"]
        {
            assert!(Address::parse(address).is_err(), "{address}");
        }
    }
}
