//! From every provider's groups to one vocabulary, and from groups to scopes.

use crate::address::Address;
use crate::json::{Kind, Value};
use crate::pattern::Pattern;
use crate::refusal::Reason;
use crate::rule::ClaimRule;
use std::collections::BTreeSet;

/// How one issuer's groups become ours.
#[derive(Debug)]
pub struct GroupMap {
    /// External pattern -> our groups; every entry that matches counts.
    pub map: Vec<(Pattern, Vec<Pattern>)>,
    /// What happens to a group that nothing maps.
    pub unmapped: Unmapped,
    /// Given to tokens without any groups, except where the provider says there were too many to list.
    pub default: Vec<String>,
    /// Whether external groups are compared without ASCII case.
    pub ignore_case: bool,
    /// Groups that follow from other claims.
    pub grants: Vec<Grant>,
}

/// Groups for tokens whose claims meet every rule.
#[derive(Debug)]
pub struct Grant {
    /// The rules.
    pub when: Vec<ClaimRule>,
    /// Our groups.
    pub groups: Vec<String>,
}

/// A claim address that yields a list of names: groups or scopes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NameSource {
    /// Where the claim is.
    pub at: Address,
    /// What of it is taken.
    pub take: Take,
    /// Takes a string apart at this character; blanks around the parts and empty parts are left out.
    pub split: Option<char>,
    /// Put in front of each name, so that the names of two claims stay apart. May be empty.
    pub prefix: String,
}

/// What a [`NameSource`] takes of a claim.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Take {
    /// A string, or the strings and numbers of a list.
    Values,
    /// The member names of an object.
    Names,
}

/// What happens to a group that no entry of the map matches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unmapped {
    /// It is left out.
    Drop,
    /// It is kept under its own name.
    Keep,
    /// It is kept with this in front.
    Prefix(String),
}

/// One external group and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapped {
    /// As the provider calls it.
    pub external: String,
    /// Ours; none where it was dropped.
    pub groups: Vec<String>,
}

/// In a list no longer than this each item is compared with all.
const FEW: usize = 16;

/// The groups that a group pattern grants scopes to.
pub type GroupScopes = Vec<(Pattern, Vec<String>)>;

impl GroupMap {
    /// What becomes of one external group.
    pub fn map_one(&self, external: &str) -> Vec<String> {
        let mut groups = Vec::new();
        let mut matched = false;
        for (pattern, ours) in &self.map {
            let Some(middle) = pattern.captures(external, self.ignore_case) else { continue };
            matched = true;
            groups.extend(ours.iter().map(|group| group.with(middle)));
        }
        match (&self.unmapped, matched) {
            (_, true) | (Unmapped::Drop, false) => without_repeats(groups),
            (Unmapped::Keep, false) => vec![external.to_owned()],
            (Unmapped::Prefix(prefix), false) => vec![format!("{prefix}{external}")],
        }
    }

    /// What becomes of all of them, each for itself.
    pub fn map_each(&self, external: &[String]) -> Vec<Mapped> {
        external.iter().map(|name| Mapped { external: name.clone(), groups: self.map_one(name) }).collect()
    }

    /// All groups in our vocabulary, in order and without repeats. `overage` says that the provider left the list out
    /// because it was too long: then nothing is known, and the default is not for those of whom nothing is known.
    pub fn map_all(&self, external: &[String], overage: bool) -> Vec<String> {
        if external.is_empty() {
            return if overage { Vec::new() } else { self.default.clone() };
        }
        without_repeats(external.iter().flat_map(|name| self.map_one(name)).collect())
    }

    /// The groups that follow from other claims.
    pub fn granted(&self, claims: Value<'_>) -> impl Iterator<Item = &str> {
        let holds = move |grant: &&Grant| grant.when.iter().all(|rule| rule.holds(claims));
        self.grants.iter().filter(holds).flat_map(|grant| grant.groups.iter().map(String::as_str))
    }
}

impl NameSource {
    /// The names at this address with the prefix, in order; `null` has none. `split` applies where the source has no character of its own.
    ///
    /// # Errors
    /// Another shape than expected: part of a list would be a different list.
    pub fn names(&self, claims: Value<'_>, split: Option<char>) -> Result<Vec<String>, Reason> {
        let mut all = Vec::new();
        for value in self.at.find(claims).into_iter().filter(|value| value.kind() != Kind::Null) {
            match (self.take, value.kind()) {
                (Take::Values, _) => all.append(&mut names(value, self.split.or(split))?),
                (Take::Names, Kind::Object) => {
                    all.extend(value.members().flat_map(|(name, _)| parts(&name, self.split)));
                }
                (Take::Names, _) => return Err(Reason::ClaimMalformed),
            }
        }
        all.iter_mut().for_each(|name| name.insert_str(0, &self.prefix));
        Ok(all)
    }
}

/// Whether Entra left out the groups because there are too many (`_claim_names`, `hasgroups`).
pub fn is_overage(claims: Value<'_>) -> bool {
    let elsewhere = claims.member("_claim_names").is_some_and(|names| names.member("groups").is_some());
    elsewhere
        || claims
            .member("hasgroups")
            .is_some_and(|has| has.as_bool() == Some(true) || has.as_str().as_deref() == Some("true"))
}

/// The scopes that groups grant.
pub fn granted<'g>(group_scopes: &'g GroupScopes, groups: &'g [String]) -> impl Iterator<Item = (&'g str, &'g str)> {
    group_scopes.iter().flat_map(move |(pattern, scopes)| {
        let group = groups.iter().find(|group| pattern.matches(group));
        group.into_iter().flat_map(move |group| scopes.iter().map(move |scope| (scope.as_str(), group.as_str())))
    })
}

/// A string as one name, or the strings and numbers of a list. With `split`, a string is split at that character.
///
/// # Errors
/// Anything else: part of a list would be a different list.
pub fn names(value: Value<'_>, split: Option<char>) -> Result<Vec<String>, Reason> {
    match value.kind() {
        Kind::String => Ok(parts(&value.as_str().unwrap_or_default(), split)),
        Kind::Array => value.elements().map(|element| scalar(element).ok_or(Reason::ClaimMalformed)).collect(),
        _ => Err(Reason::ClaimMalformed),
    }
}

fn parts(text: &str, split: Option<char>) -> Vec<String> {
    let Some(split) = split else { return vec![text.to_owned()] };
    // Where spaces separate, a tab is part of a name.
    let blank = |c| c == ' ' || c == '\t' && split != ' ';
    text.split(split).map(|part| part.trim_matches(blank)).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A string, or a number with every digit it was written with.
pub fn scalar(value: Value<'_>) -> Option<String> {
    match value.kind() {
        Kind::String => value.as_str().map(std::borrow::Cow::into_owned),
        Kind::Number => value.as_number()?.plain(),
        _ => None,
    }
}

/// The list without what occurs in it a second time. Hardly any list is long or repeats anything, but some token's is
/// thousands long.
pub fn without_repeats(mut list: Vec<String>) -> Vec<String> {
    let repeated = |(at, item): (usize, &String)| list.iter().take(at).any(|earlier| earlier == item);
    if list.len() <= FEW && !list.iter().enumerate().any(repeated) {
        return list;
    }
    let mut seen = BTreeSet::new();
    let first: Vec<bool> = list.iter().map(|item| seen.insert(item.as_str())).collect();
    let mut first = first.into_iter();
    list.retain(|_| first.next().unwrap_or_default());
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn map(entries: &[(&str, &[&str])], unmapped: Unmapped) -> GroupMap {
        let pattern = |text: &&str| Pattern::parse(text).unwrap();
        let map = entries.iter().map(|(from, to)| (pattern(from), to.iter().map(pattern).collect())).collect();
        GroupMap { map, unmapped, default: vec!["everyone".into()], ignore_case: false, grants: Vec::new() }
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn maps_every_match_in_order_without_repeats() {
        let groups = map(&[("team-*", &["g-*", "staff"]), ("team-red", &["red", "staff"]), ("x", &[])], Unmapped::Drop);
        assert_eq!(
            groups.map_all(&owned(&["team-red", "team-blue", "nobody", "x"]), false),
            ["g-red", "staff", "red", "g-blue"]
        );
    }

    #[test]
    fn an_unmapped_group_is_dropped_kept_or_prefixed_also_under_an_empty_map() {
        let names = owned(&["admin"]);
        assert!(map(&[], Unmapped::Drop).map_all(&names, false).is_empty());
        assert_eq!(map(&[], Unmapped::Keep).map_all(&names, false), ["admin"]);
        assert_eq!(map(&[], Unmapped::Prefix("okta:".into())).map_all(&names, false), ["okta:admin"]);
        assert!(map(&[("admin", &[])], Unmapped::Keep).map_all(&names, false).is_empty());
    }

    #[test]
    fn the_default_is_for_tokens_without_groups_and_never_for_too_many() {
        let groups = map(&[], Unmapped::Drop);
        assert_eq!(groups.map_all(&[], false), ["everyone"]);
        assert!(groups.map_all(&[], true).is_empty());
        assert!(groups.map_all(&owned(&["other"]), false).is_empty());
    }

    #[test]
    fn external_names_ignore_case_on_request() {
        let mut groups = map(&[("Team-*", &["g-*"]), ("ops", &["Ops"])], Unmapped::Keep);
        assert_eq!(groups.map_all(&owned(&["TEAM-Red", "OPS", "Other"]), false), ["TEAM-Red", "OPS", "Other"]);
        groups.ignore_case = true;
        assert_eq!(groups.map_all(&owned(&["TEAM-Red", "OPS", "Other"]), false), ["g-Red", "Ops", "Other"]);
    }

    #[test]
    fn names_are_taken_of_objects_only() {
        let read = |claims: &str, take, split| {
            let source = NameSource { at: Address::parse("r").unwrap(), take, split, prefix: String::new() };
            source.names(Document::parse(claims.as_bytes()).unwrap().root(), None)
        };
        let names = |claims, split| read(claims, Take::Names, split).unwrap();
        assert_eq!(names(r#"{"r":{"admin":{"1":"x"},"us\u0065r":null,"":0}}"#, None), ["admin", "user", ""]);
        assert_eq!(names(r#"{"r":{"a b , c":1," ":2}}"#, Some(',')), ["a b", "c"]);
        for none in [r#"{"r":{}}"#, r#"{"r":null}"#, "{}"] {
            assert_eq!(names(none, None), Vec::<String>::new(), "{none}");
        }
        for wrong in [r#"{"r":"admin"}"#, r#"{"r":["admin"]}"#, r#"{"r":1}"#, r#"{"r":true}"#] {
            assert_eq!(read(wrong, Take::Names, None), Err(Reason::ClaimMalformed), "{wrong}");
        }
        assert_eq!(read(r#"{"r":{"admin":1}}"#, Take::Values, None), Err(Reason::ClaimMalformed));
    }

    #[test]
    fn only_the_first_of_what_repeats_stays() {
        assert_eq!(without_repeats(owned(&["b", "a", "b", "", "a", "c", ""])), ["b", "a", "", "c"]);
        assert!(without_repeats(Vec::new()).is_empty());
    }

    #[test]
    fn a_group_grants_the_scopes_of_every_pattern_that_matches_it() {
        let scopes = |names: &[&str]| owned(names);
        let group_scopes = vec![
            (Pattern::parse("team-*").unwrap(), scopes(&["read", "write"])),
            (Pattern::parse("team-red").unwrap(), scopes(&["paint"])),
            (Pattern::parse("Team-red").unwrap(), scopes(&["never"])),
        ];
        let groups = owned(&["staff", "team-blue", "team-red"]);
        let granted: Vec<_> = granted(&group_scopes, &groups).collect();
        assert_eq!(granted, [("read", "team-blue"), ("write", "team-blue"), ("paint", "team-red")]);
    }

    #[test]
    fn each_group_tells_what_became_of_it() {
        let groups = map(&[("team-*", &["g-*"])], Unmapped::Drop);
        let mapped = groups.map_each(&owned(&["team-a", "other"]));
        let told: Vec<_> = mapped.iter().map(|one| (one.external.as_str(), one.groups.as_slice())).collect();
        assert_eq!(told, [("team-a", &owned(&["g-a"])[..]), ("other", &[][..])]);
    }

    #[test]
    fn a_list_of_names_is_taken_whole_or_not_at_all() {
        let read = |text: &str, split| names(Document::parse(text.as_bytes()).unwrap().root(), split);
        assert_eq!(read(r#""a b""#, None).unwrap(), ["a b"]);
        assert_eq!(read(r#"" a  b ""#, Some(' ')).unwrap(), ["a", "b"]);
        assert_eq!(read(r#""a \tb\t""#, Some(' ')).unwrap(), ["a", "\tb\t"]);
        assert_eq!(read(r#""\ta b,, c\t, ""#, Some(',')).unwrap(), ["a b", "c"]);
        assert_eq!(read(r#""a,b""#, Some(';')).unwrap(), ["a,b"]);
        assert_eq!(read(r#""""#, Some(',')).unwrap(), Vec::<String>::new());
        assert_eq!(read(r#"["a,b"," c"]"#, Some(',')).unwrap(), ["a,b", " c"]);
        assert_eq!(
            read(r#"["a b",12345678901234567890,"a"]"#, Some(' ')).unwrap(),
            ["a b", "12345678901234567890", "a"]
        );
        for wrong in ["null", "1", "{}", "true", r#"["a",null]"#, r#"["a",["b"]]"#, r#"[{}]"#, "[true]", "[1e999]"] {
            assert_eq!(read(wrong, None), Err(Reason::ClaimMalformed), "{wrong}");
        }
    }
}
