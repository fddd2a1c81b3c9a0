//! Routes that are legal and do something other than they seem to: what `check` warns of.

use super::findings::{At, Findings};
use crate::route::{Access, Matcher, Place, Routes, Rule, Segment};

/// Stands for any segment. No literal of a rule has it.
const ANY: &str = "{";

/// Warns of rules that miss what they seem to be for, that are never reached, and that open everything.
pub(super) fn warn(routes: &Routes, findings: &mut Findings) {
    let top = At::Top.field("routes");
    let samples: Vec<Option<String>> = routes.rules.iter().map(|rule| sample(&rule.matcher.place)).collect();
    for ((index, rule), sample) in routes.rules.iter().enumerate().zip(&samples) {
        let Some(path) = sample else { continue };
        let at = top.index(index);
        let (place, methods) = (&rule.matcher.place, &rule.matcher.methods);
        if is_everything(&rule.matcher) && rule.access.is_open() {
            findings.warn(
                &at.field("access"),
                "every path that no earlier route matches is open, also what is added later",
            );
        }
        let earlier = routes.rules.get(..index).unwrap_or_default();
        if let Some(by) = earlier.iter().position(|earlier| hides(&earlier.matcher, &rule.matcher, path)) {
            findings.warn(&at, format!("never matches: routes[{by}] matches all its requests first"));
            continue;
        }
        if let Some(other) = other_end(place, path)
            && is_weaker(routes.by_place(&other), rule)
        {
            let (shown, own) = (other.replace(ANY, "{..}"), path.replace(ANY, "{..}"));
            findings.warn(&at.field("match"), format!("{own:?} is not {shown:?}, which falls under a weaker rule"));
        }
        let has = |name: &str| methods.as_ref().is_some_and(|methods| methods.iter().any(|method| method == name));
        if has("GET") && !has("HEAD") && is_weaker(routes.by_place_and_method(path, "HEAD"), rule) {
            findings.warn(&at.field("match").field("methods"), "HEAD is not GET, and falls under a weaker rule");
        }
    }
}

/// A path that the rule is for; nothing where the host alone chooses it.
fn sample(place: &Place) -> Option<String> {
    Some(match place {
        Place::Nowhere => return None,
        Place::Everywhere => "/".to_owned(),
        Place::Path(path) | Place::Prefix(path) => path.clone(),
        Place::Template(segments) => {
            let parts = segments.iter().filter_map(|segment| match segment {
                Segment::Literal(text) => Some(text.as_str()),
                Segment::One => Some(ANY),
                Segment::Rest => None,
            });
            parts.flat_map(|part| ["/", part]).collect()
        }
    })
}

fn is_everything(matcher: &Matcher) -> bool {
    let everywhere = match &matcher.place {
        Place::Everywhere => true,
        Place::Prefix(prefix) => prefix == "/",
        Place::Template(segments) => segments.first() == Some(&Segment::Rest),
        Place::Path(_) | Place::Nowhere => false,
    };
    everywhere && matcher.methods.is_none() && matcher.hosts.is_none()
}

/// Whether all requests of `later`, for which `path` stands, match `earlier`.
fn hides(earlier: &Matcher, later: &Matcher, path: &str) -> bool {
    let takes_below = match &earlier.place {
        Place::Everywhere | Place::Prefix(_) => true,
        Place::Template(segments) => segments.last() == Some(&Segment::Rest),
        Place::Path(_) | Place::Nowhere => false,
    };
    let has_below = match &later.place {
        Place::Everywhere | Place::Prefix(_) => true,
        Place::Template(segments) => segments.last() == Some(&Segment::Rest),
        Place::Path(_) | Place::Nowhere => false,
    };
    (takes_below || !has_below)
        && earlier.place.holds(path)
        && includes(&earlier.methods, &later.methods)
        && includes(&earlier.hosts, &later.hosts)
}

/// Whether a list, which is everything where there is none, has all of another.
fn includes<T: PartialEq>(list: &Option<Vec<T>>, other: &Option<Vec<T>>) -> bool {
    match (list, other) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(list), Some(other)) => other.iter().all(|one| list.contains(one)),
    }
}

/// The path of the rule with or without the slash at its end, if the rule is for one of the two only.
fn other_end(place: &Place, path: &str) -> Option<String> {
    match place {
        Place::Prefix(prefix) => prefix.strip_suffix('/').filter(|prefix| !prefix.is_empty()).map(str::to_owned),
        Place::Template(segments) if segments.last() == Some(&Segment::Rest) => None,
        Place::Path(_) | Place::Template(_) if path != "/" => {
            Some(path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned))
        }
        _ => None,
    }
}

/// Whether `other` lets requests through that `rule` would refuse, as far as one can see.
fn is_weaker(other: &Rule, rule: &Rule) -> bool {
    let demands = |rule: &Rule| {
        rule.groups.is_some()
            || rule.scopes.is_some()
            || rule.issuers.is_some()
            || rule.audiences.is_some()
            || rule.step_up.is_some()
            || !rule.require.is_empty()
    };
    other.access < rule.access
        || rule.access == Access::Required && demands(rule) && !demands(other) && other.access != Access::Deny
}

#[cfg(test)]
mod tests;
