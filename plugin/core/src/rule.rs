//! Rules over single claims.

use crate::address::Address;
use crate::json::{Document, Kind, Value};
use std::cmp::Ordering;

/// How deep `any` and `not` may nest.
pub const MAX_NESTING: usize = 8;

/// A rule over claims. Types are compared as they are: `"true"` is not `true`, and `null` is a value. A test of an absent
/// claim fails, except `present: false`, `not_equals` and `not_in`.
#[derive(Debug)]
pub enum ClaimRule {
    /// A test of one claim.
    Claim(Address, Test),
    /// One of these rules holds.
    Any(Vec<ClaimRule>),
    /// This rule does not hold.
    Not(Box<ClaimRule>),
}

/// What a [`ClaimRule`] asks of one claim.
#[derive(Debug)]
pub enum Test {
    /// The value, of the same type.
    Equals(Literal),
    /// Anything but this value; also nothing at all.
    NotEquals(Literal),
    /// One of these values.
    In(Vec<Literal>),
    /// None of these values; also nothing at all.
    NotIn(Vec<Literal>),
    /// A list with this element, or a string with this part.
    Contains(Literal),
    /// A list with one of these elements.
    ContainsAny(Vec<Literal>),
    /// A list with all of these elements.
    ContainsAll(Vec<Literal>),
    /// A string that starts so.
    Prefix(String),
    /// A string that ends so.
    Suffix(String),
    /// Whether the claim is there at all.
    Present(bool),
    /// A number in this relation to the given one.
    Number(Relation, Literal),
}

/// How a number must relate to another.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Relation {
    /// greater than
    Gt,
    /// greater than or equal
    Gte,
    /// less than
    Lt,
    /// less than or equal
    Lte,
}

/// A value written in the configuration, kept with every digit.
#[derive(Debug)]
pub struct Literal(Document);

impl Literal {
    /// Takes a value from its JSON text.
    ///
    /// # Errors
    /// The text is not JSON.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Document::parse(text.as_bytes()).map(Self).map_err(|error| error.problem)
    }

    /// Its JSON text.
    pub fn text(&self) -> &str {
        self.0.root().text()
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.0.root().kind()
    }

    /// Whether a claim has this value.
    pub fn equals(&self, value: Value<'_>) -> bool {
        same(self.0.root(), value)
    }
}

impl ClaimRule {
    /// Whether the rule holds for these claims.
    pub fn holds(&self, claims: Value<'_>) -> bool {
        match self {
            Self::Claim(address, test) => test.holds(&address.find(claims)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(claims)),
            Self::Not(rule) => !rule.holds(claims),
        }
    }
}

impl Test {
    /// Whether it holds of what stands at an address: nothing, one value, or several.
    fn holds(&self, found: &[Value<'_>]) -> bool {
        let any = |test: &dyn Fn(Value<'_>) -> bool| found.iter().any(|value| test(*value));
        match self {
            Self::Present(wanted) => found.is_empty() != *wanted,
            Self::Equals(literal) => any(&|value| literal.equals(value)),
            Self::NotEquals(literal) => !any(&|value| literal.equals(value)),
            Self::In(literals) => any(&|value| literals.iter().any(|literal| literal.equals(value))),
            Self::NotIn(literals) => !any(&|value| literals.iter().any(|literal| literal.equals(value))),
            Self::Contains(literal) => any(&|value| contains(value, literal) || contains_text(value, literal)),
            Self::ContainsAny(literals) => any(&|value| literals.iter().any(|literal| contains(value, literal))),
            Self::ContainsAll(literals) => {
                any(&|value| value.kind() == Kind::Array && literals.iter().all(|literal| contains(value, literal)))
            }
            Self::Prefix(prefix) => any(&|value| value.as_str().is_some_and(|text| text.starts_with(prefix))),
            Self::Suffix(suffix) => any(&|value| value.as_str().is_some_and(|text| text.ends_with(suffix))),
            Self::Number(relation, literal) => any(&|value| {
                let order = value.as_number().zip(literal.0.root().as_number()).map(|(own, other)| own.compare(other));
                order.is_some_and(|order| relation.admits(order))
            }),
        }
    }
}

impl Relation {
    fn admits(self, order: Ordering) -> bool {
        match self {
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
        }
    }
}

fn contains(list: Value<'_>, literal: &Literal) -> bool {
    list.elements().any(|element| literal.equals(element))
}

fn contains_text(value: Value<'_>, literal: &Literal) -> bool {
    value.as_str().zip(literal.0.root().as_str()).is_some_and(|(text, part)| text.contains(part.as_ref()))
}

/// Equal in type and value: numbers by value, objects in any order.
fn same(a: Value<'_>, b: Value<'_>) -> bool {
    match (a.kind(), b.kind()) {
        (Kind::Null, Kind::Null) => true,
        (Kind::Bool, Kind::Bool) => a.as_bool() == b.as_bool(),
        (Kind::String, Kind::String) => a.as_str() == b.as_str(),
        (Kind::Number, Kind::Number) => a.as_number().zip(b.as_number()).is_some_and(|(a, b)| a.compare(b).is_eq()),
        (Kind::Array, Kind::Array) => {
            a.elements().count() == b.elements().count() && a.elements().zip(b.elements()).all(|(a, b)| same(a, b))
        }
        (Kind::Object, Kind::Object) => {
            a.members().count() == b.members().count()
                && a.members().all(|(name, value)| b.member(&name).is_some_and(|other| same(value, other)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn holds(claim: &str, test: Test) -> bool {
        let claims = Document::parse(
            br#"{"s":"release/1.2","t":"true","b":true,"n":10,"big":9007199254740993,"l":["a",1,"b"],"o":{"x":1,"y":[2]},"z":null}"#,
        )
        .unwrap();
        ClaimRule::Claim(Address::parse(claim).unwrap(), test).holds(claims.root())
    }

    fn literal(text: &str) -> Literal {
        Literal::parse(text).unwrap()
    }

    #[test]
    fn equality_keeps_types_and_digits() {
        assert!(holds("b", Test::Equals(literal("true"))) && !holds("t", Test::Equals(literal("true"))));
        assert!(holds("n", Test::Equals(literal("1e1"))) && !holds("n", Test::Equals(literal("\"10\""))));
        assert!(!holds("big", Test::Equals(literal("9007199254740992"))));
        assert!(holds("o", Test::Equals(literal(r#"{"y":[2],"x":1.0}"#))));
        assert!(!holds("o", Test::Equals(literal(r#"{"x":1}"#))));
        assert!(holds("l", Test::Equals(literal(r#"["a",1,"b"]"#))));
        for other in [r#"["a",1]"#, r#"["a",1,"b","c"]"#, r#"["a",1,"c"]"#, r#"["a","b",1]"#, "[]"] {
            assert!(!holds("l", Test::Equals(literal(other))), "{other}");
        }
        assert!(holds("z", Test::Equals(literal("null"))));
        assert!(holds("s", Test::In(vec![literal("1"), literal("\"release/1.2\"")])));
    }

    #[test]
    fn lists_and_strings_contain() {
        assert!(holds("l", Test::Contains(literal("1"))) && !holds("l", Test::Contains(literal("\"1\""))));
        assert!(holds("s", Test::Contains(literal("\"1.2\""))));
        assert!(holds("l", Test::ContainsAny(vec![literal("\"x\""), literal("\"b\"")])));
        assert!(!holds("l", Test::ContainsAll(vec![literal("\"x\""), literal("\"b\"")])));
        assert!(holds("l", Test::ContainsAll(vec![literal("\"a\""), literal("\"b\"")])));
        assert!(!holds("s", Test::ContainsAny(vec![literal("\"release\"")])));
        assert!(holds("s", Test::Prefix("release/".into())) && holds("s", Test::Suffix(".2".into())));
        assert!(!holds("n", Test::Prefix("1".into())));
    }

    #[test]
    fn numbers_compare_and_only_numbers() {
        assert!(
            holds("n", Test::Number(Relation::Gte, literal("10")))
                && !holds("n", Test::Number(Relation::Gt, literal("10")))
        );
        assert!(
            holds("n", Test::Number(Relation::Lt, literal("10.5")))
                && holds("n", Test::Number(Relation::Lte, literal("10")))
        );
        assert!(!holds("t", Test::Number(Relation::Lt, literal("99"))));
    }

    #[test]
    fn of_several_values_one_is_enough_and_none_may_be_the_wrong_one() {
        assert!(holds("$.l[*]", Test::Equals(literal("\"b\""))) && holds("$.l[*]", Test::Prefix("a".into())));
        assert!(
            !holds("$.l[*]", Test::NotEquals(literal("\"b\""))) && holds("$.l[*]", Test::NotEquals(literal("\"c\"")))
        );
    }

    #[test]
    fn an_absent_claim_fails_every_rule_but_two() {
        assert!(holds("no", Test::Present(false)) && !holds("no", Test::Present(true)));
        assert!(holds("no", Test::NotEquals(literal("1"))) && !holds("n", Test::NotEquals(literal("10"))));
        assert!(holds("z", Test::Present(true)));
        assert!(!holds("no", Test::Equals(literal("null"))) && !holds("no", Test::ContainsAll(Vec::new())));
        assert!(!holds("no", Test::In(vec![literal("null")])) && holds("no", Test::NotIn(vec![literal("null")])));
    }

    #[test]
    fn not_in_holds_where_no_value_is_listed() {
        let not_in =
            |claim, values: &[&str]| holds(claim, Test::NotIn(values.iter().map(|text| literal(text)).collect()));
        assert!(not_in("n", &["1", "\"10\""]) && !not_in("n", &["1", "1e1"]));
        assert!(not_in("$.l[*]", &["\"x\""]) && !not_in("$.l[*]", &["\"x\"", "\"b\""]));
        assert!(not_in("z", &["false"]) && !not_in("z", &["null"]));
    }

    #[test]
    fn any_and_not_combine_rules() {
        let claims = Document::parse(br#"{"a":1,"s":"system:x"}"#.as_slice()).unwrap();
        let equals =
            |claim: &str, text: &str| ClaimRule::Claim(Address::parse(claim).unwrap(), Test::Equals(literal(text)));
        let not = |rule| ClaimRule::Not(Box::new(rule));
        let holds = |rule: ClaimRule| rule.holds(claims.root());
        assert!(holds(ClaimRule::Any(vec![equals("a", "2"), equals("a", "1")])));
        assert!(
            !holds(ClaimRule::Any(vec![equals("a", "2"), equals("no", "1")])) && !holds(ClaimRule::Any(Vec::new()))
        );
        assert!(!holds(not(equals("a", "1"))) && holds(not(equals("a", "2"))) && holds(not(equals("no", "1"))));
        assert!(holds(not(not(equals("a", "1")))) && !holds(not(not(equals("no", "1")))));
        let prefix = ClaimRule::Claim(Address::parse("s").unwrap(), Test::Prefix("system:".into()));
        assert!(!holds(not(ClaimRule::Any(vec![equals("a", "2"), prefix]))));
    }
}
