//! The explanation for a person.

use std::fmt::Write as _;

use serde_json::Value;

/// A line a step, then what goes out.
pub(super) fn text(explained: &Value) -> String {
    let mut out = String::new();
    for step in explained["steps"].as_array().into_iter().flatten() {
        describe(step, &mut out);
    }
    match explained["verdict"].as_str() {
        Some("refuse") => {
            let (reason, sentence) = (shown(&explained["reason"]), shown(&explained["sentence"]));
            line(&mut out, "refused", &format!("{reason}: {sentence}"));
        }
        Some(verdict) => line(&mut out, "verdict", verdict),
        None => {}
    }
    pairs(&explained["upstream_headers"], "upstream", &mut out);
    if let Some(status) = explained["response"]["status"].as_u64() {
        line(&mut out, "response", &status.to_string());
        pairs(&explained["response"]["headers"], "response", &mut out);
        line(&mut out, "body", &shown(&explained["response"]["body"]));
    }
    out
}

fn describe(step: &Value, out: &mut String) {
    match step["step"].as_str() {
        Some("strip") => line(out, "strip", &or_none(&list(&step["removed"]))),
        Some("rule") => {
            let name = step["name"].as_str().unwrap_or("(no name)");
            line(out, "rule", &format!("{name}, access {}", shown(&step["access"])));
        }
        Some("credential") => line(out, "token", &shown(&step["found_in"])),
        Some("parse") => {
            let members = ["alg", "kid", "typ", "iss"].iter().map(|name| format!("{name} {}", shown(&step[*name])));
            line(out, "claims to be", &members.collect::<Vec<_>>().join(", "));
        }
        Some("issuer") => line(out, "issuer", &format!("{} ({})", shown(&step["name"]), shown(&step["issuer"]))),
        Some("verify") => line(out, "signature", &shown(&step["signature"])),
        Some("identity") => identity(step, out),
        Some("verdict") if step["verdict"] == "wait_for_keys" => line(out, "waits", "for the issuer's keys"),
        Some("verdict") if step["verdict"] == "would_refuse" => {
            let (reason, sentence) = (shown(&step["reason"]), shown(&step["sentence"]));
            line(out, "not enforced", &format!("would be refused, {reason}: {sentence}"));
        }
        _ => {}
    }
}

fn identity(step: &Value, out: &mut String) {
    if step["remembered"] == true {
        line(out, "remembered", "verified before under the same keys");
    }
    for name in ["subject", "issuer", "provider", "username", "email", "client", "actor", "acr", "amr", "auth_time"] {
        if let Some(value) = step[name].as_str() {
            line(out, name, value);
        }
    }
    if step["email_unverified"] == true {
        line(out, "email", "left out: the token says that it is not verified");
    }
    if step["group_overage"] == true {
        line(out, "groups", "left out by the provider, which has too many to list: none are known");
    }
    for group in step["mapping"].as_array().into_iter().flatten() {
        let groups = list(&group["groups"]);
        let became = if groups.is_empty() { "dropped".to_owned() } else { groups };
        line(out, "group", &format!("{} -> {became}", shown(&group["external"])));
    }
    if let Some(granted) = Some(list(&step["granted"])).filter(|granted| !granted.is_empty()) {
        line(out, "group", &format!("other claims -> {granted}"));
    }
    line(out, "groups", &or_none(&list(&step["groups"])));
    for scope in step["scopes"].as_array().into_iter().flatten() {
        let from = scope["granted_to_group"].as_str().map_or("the token".to_owned(), |group| format!("group {group}"));
        line(out, "scope", &format!("{} from {from}", shown(&scope["scope"])));
    }
}

fn pairs(headers: &Value, title: &str, out: &mut String) {
    for header in headers.as_array().into_iter().flatten() {
        line(out, title, &format!("{}: {}", shown(&header[0]), shown(&header[1])));
    }
}

fn list(values: &Value) -> String {
    values.as_array().into_iter().flatten().map(shown).collect::<Vec<_>>().join(", ")
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { text.to_owned() }
}

/// A string as it is, with whatever a terminal might obey escaped.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => {
            text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
        }
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn line(out: &mut String, title: &str, text: &str) {
    let _infallible = writeln!(out, "{title:>12}  {text}");
}
