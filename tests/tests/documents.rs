//! What README and manual show is what works. A fenced block of JSON is
//!
//! - `json`: a whole configuration,
//! - `json top`, `json issuer`, `json route`: members to add to the smallest configuration, its issuer, or a route of it,
//! - `json token`: claims, which the configuration before them admits when its issuer's key has signed them,
//! - `json upstream`: headers that the service sees for the token before them,
//! - `json refused REASON`: claims that take the place of those of the token before, which is then refused for that reason;
//!   null takes one out,
//!
//! and is given to the module; it must also be what the JSON Schema accepts. Lines that begin with `claimgate` are command
//! lines that the command understands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use claimgate_core::config::Config;
use claimgate_tests::{Algorithm, SigningKey, Template, generic_module, module};
use host_sim::{Host, LogLine, Module, Outcome, Request, Upstream};
use serde_json::{Value, json};

const NOW: u64 = 1_767_225_600;
const SCHEMA: &str = include_str!("../../plugin/core/config.schema.json");
/// The threat manual: documentation of the core and nothing else.
const THREATS: &str = "plugin/core/src/threats.rs";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every document, by its path.
fn documents() -> Vec<(String, String)> {
    let names = [
        "README.md",
        "ARCHITECTURE.md",
        "DESIGN.md",
        "COMPARE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "tests/CATALOGUE.md",
        "tests/COVERAGE.md",
        THREATS,
    ];
    let mut files: Vec<PathBuf> = names.map(|name| root().join(name)).to_vec();
    let manual = std::fs::read_dir(root().join("manual")).expect("the manual");
    let pages = manual.map(|entry| entry.expect("an entry").path());
    files.extend(pages.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    let named = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file.display().to_string(), text)
    };
    files.into_iter().map(named).collect()
}

/// The fenced blocks of a text: what stands behind the fence, and what is in the block.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(info), None) => open = Some((info.trim().to_owned(), String::new())),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some((info, body))) => open = Some((info, body + line + "\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The smallest configuration, with members of this kind in it.
fn around(kind: &str, members: Value) -> Value {
    let mut whole = json!({"issuers": [{
        "name": "workforce", "issuer": "https://login.workforce.example", "audiences": ["orders"],
        "keys": {"jwks_uri": "https://login.workforce.example/keys", "cluster": "workforce"},
    }]});
    let place = match kind {
        "json top" => &mut whole,
        "json issuer" => &mut whole["issuers"][0],
        "json route" => {
            whole["routes"] = json!([{}]);
            &mut whole["routes"][0]
        }
        other => panic!("no such kind of block: {other}"),
    };
    for (name, value) in members.as_object().expect("members") {
        place[name] = value.clone();
    }
    whole
}

/// The committed schema, with as much of JSON Schema as it uses; an unknown keyword is an error.
struct Schema(Value);

impl Schema {
    fn committed() -> Self {
        Self(serde_json::from_str(SCHEMA).expect("JSON"))
    }

    fn errors(&self, value: &Value) -> Vec<String> {
        let mut errors = Vec::new();
        self.check(&self.0, value, "", &mut errors);
        errors
    }

    fn holds(&self, schema: &Value, value: &Value) -> bool {
        let mut errors = Vec::new();
        self.check(schema, value, "", &mut errors);
        errors.is_empty()
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
        let Some(keywords) = schema.as_object() else {
            assert_eq!(*schema, true, "no other schema is no object");
            return;
        };
        let empty = serde_json::Map::new();
        let members = value.as_object().unwrap_or(&empty);
        for (keyword, given) in keywords {
            let list = given.as_array().map(Vec::as_slice).unwrap_or_default();
            let count = || list.iter().filter(|one| self.holds(one, value)).count();
            let fine = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" | "additionalProperties" => true,
                "$ref" => {
                    let name = given.as_str().and_then(|path| path.strip_prefix("#/$defs/")).expect("a definition");
                    self.check(&self.0["$defs"][name], value, at, errors);
                    true
                }
                "type" => match given.as_str().expect("one type") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_u64() || value.is_i64(),
                    "null" => value.is_null(),
                    other => panic!("type {other}"),
                },
                "enum" => list.contains(value),
                "const" => given == value,
                "required" => list.iter().all(|name| members.contains_key(name.as_str().expect("a name"))),
                "minItems" => value.as_array().is_none_or(|own| own.len() as u64 >= given.as_u64().expect("a number")),
                "minimum" | "maximum" => true,
                "pattern" => value.as_str().is_none_or(|text| has_unit(text, given.as_str().expect("a pattern"))),
                "oneOf" => count() == 1,
                "anyOf" => count() > 0,
                "not" => !self.holds(given, value),
                "properties" => {
                    for (name, own) in members {
                        match given.get(name) {
                            Some(schema) => self.check(schema, own, &format!("{at}.{name}"), errors),
                            None if keywords.get("additionalProperties") == Some(&Value::Bool(false)) => {
                                errors.push(format!("{at}.{name}: unknown"));
                            }
                            None => {}
                        }
                    }
                    true
                }
                "items" => {
                    for (index, own) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(given, own, &format!("{at}[{index}]"), errors);
                    }
                    true
                }
                other => panic!("keyword {other}"),
            };
            if !fine {
                errors.push(format!("{at}: {keyword} {given}"));
            }
        }
        if let Some(schema) = keywords.get("additionalProperties").filter(|schema| schema.is_object()) {
            members.iter().for_each(|(name, own)| self.check(schema, own, &format!("{at}.{name}"), errors));
        }
    }
}

/// The only patterns there are: digits and one of some units.
fn has_unit(text: &str, pattern: &str) -> bool {
    let units = pattern.strip_prefix("^[0-9]+(").and_then(|rest| rest.strip_suffix(")$")).expect("that pattern");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && units.split('|').any(|unit| unit == &text[digits.len()..])
}

/// The modules for Envoy and for any other host.
struct Modules {
    envoy: Module,
    generic: Module,
}

impl Modules {
    fn load() -> Self {
        let load = |file: PathBuf| Module::from_file(&file).expect("the module loads");
        Self { envoy: load(module()), generic: load(generic_module()) }
    }

    /// A host with the module that takes this configuration, as the command chooses it.
    fn host(&self, configuration: &Value) -> Host {
        let module = if configuration["host"] == "generic" { &self.generic } else { &self.envoy };
        Host::builder(module).now(NOW).build()
    }
}

/// A host that serves the configuration, as `claimgate check` would say.
fn accepted(modules: &Modules, configuration: &Value, at: &str) -> Host {
    let mut host = modules.host(configuration);
    let text = configuration.to_string();
    host.configure(text.as_bytes()).unwrap_or_else(|error| panic!("{at}: {error}\n{text}"));
    host
}

/// The configuration as it applies, by the module's own account.
fn effective(configuration: &Value) -> Value {
    let text = configuration.to_string();
    let (config, _) = Config::parse(text.as_bytes()).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"));
    serde_json::from_str(&config.json()).expect("JSON")
}

/// Sends the claims as a token of the configuration's issuer, whose key stands in the configuration now.
fn sent(modules: &Modules, mut configuration: Value, mut claims: Value, at: &str) -> (Outcome, Vec<LogLine>) {
    let key = SigningKey::numbered(Algorithm::Rs256, 0);
    configuration["issuers"][0]["keys"] = json!({"inline": {"keys": [key.jwk()]}});
    let mut host = accepted(modules, &configuration, at);
    for (name, value) in [("iat", NOW - 10), ("exp", NOW + 300)] {
        claims[name] = value.into();
    }
    host.take_log();
    let outcome = host.request(0, Request::get("/").bearer(&key.token(&claims))).outcome;
    (outcome, host.take_log())
}

/// What the service sees of a request with these claims.
fn admits_token(modules: &Modules, configuration: Value, claims: Value, at: &str) -> Upstream {
    let (outcome, log) = sent(modules, configuration, claims, at);
    let Outcome::Upstream(upstream) = outcome else { panic!("{at}: {outcome:?}\n{log:?}") };
    upstream
}

fn refuses_token(modules: &Modules, configuration: Value, claims: Value, reason: &str, at: &str) {
    let (outcome, log) = sent(modules, configuration, claims, at);
    let named = log.iter().any(|line| line.text.contains(&format!("\"reason\":\"{reason}\"")));
    assert!(outcome.local_reply().is_some() && named, "{at}: {outcome:?}\n{log:?}");
}

/// Claims with others in their place; null takes one out.
fn changed(mut claims: Value, changes: &Value) -> Value {
    let members = claims.as_object_mut().expect("claims");
    for (name, value) in changes.as_object().expect("claims") {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    claims
}

#[test]
fn every_configuration_in_the_documents_is_accepted_and_admits_what_they_show() {
    let modules = Modules::load();
    let schema = Schema::committed();
    let mut count = 0;
    for (file, text) in documents() {
        let mut last: Option<Value> = None;
        let mut seen: Option<Upstream> = None;
        let mut token: Option<Value> = None;
        for (info, body) in blocks(&text).into_iter().filter(|(info, _)| info.starts_with("json")) {
            let at = format!("{file}: {body}");
            let value: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{at}: {error}"));
            if let Some(reason) = info.strip_prefix("json refused ") {
                let claims = changed(token.clone().expect("a token before"), &value);
                refuses_token(&modules, last.clone().expect("a configuration before the token"), claims, reason, &at);
                continue;
            }
            if info == "json token" {
                token = Some(value.clone());
                let last = last.clone().expect("a configuration before the token");
                seen = Some(admits_token(&modules, last, value, &at));
                continue;
            }
            if info == "json upstream" {
                let seen = seen.take().expect("a token before what the service sees");
                for (name, wanted) in value.as_object().expect("headers") {
                    assert_eq!(seen.values(name), [wanted.as_str().expect("a value")], "{at}");
                }
                continue;
            }
            let whole = if info == "json" { value } else { around(&info, value) };
            let errors: Vec<String> = schema.errors(&whole);
            assert_eq!(errors, Vec::<String>::new(), "{at}");
            accepted(&modules, &whole, &at);
            if !body.contains("\"inline\"") {
                // What `claimgate check --print` shows is a configuration, and the same one.
                let printed = effective(&whole);
                assert_eq!(schema.errors(&printed), Vec::<String>::new(), "{at}");
                accepted(&modules, &printed, &at);
                assert_eq!(effective(&printed), printed, "{at}");
            }
            last = Some(whole);
            count += 1;
        }
    }
    assert!(count > 30, "only {count} configurations were found");
}

#[test]
fn the_schema_accepts_what_is_published_and_refuses_what_is_wrong() {
    let schema = Schema::committed();
    for name in ["minimal", "multi-issuer", "filter-state", "route-metadata", "recompute-route"] {
        let template = Template::as_published(name).expect("the file is there");
        let text = template.filter_configuration().expect("a configuration");
        let errors: Vec<String> = schema.errors(&serde_json::from_str(&text).expect("JSON"));
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
    let modules = Modules::load();
    for (kind, members) in [
        ("json top", json!({"issuers": []})),
        ("json top", json!({"no_such_field": 1})),
        ("json top", json!({"clock_skew": 60})),
        ("json top", json!({"audit": "some"})),
        ("json top", json!({"token_sources": [{"header": "a", "cookie": "b"}]})),
        ("json top", json!({"routes": null})),
        ("json issuer", json!({"audiences": "all"})),
        ("json issuer", json!({"keys": {"jwks_uri": "https://a.example/k", "discovery": true, "cluster": "c"}})),
        ("json issuer", json!({"require": [{"claim": "a", "equals": 1, "present": true}]})),
        ("json issuer", json!({"groups": {"unmapped": "pass"}})),
        ("json issuer", json!({"preset": "azure"})),
        ("json route", json!({"match": {"path": "/a", "prefix": "/b"}})),
        ("json route", json!({"match": {"path": "/a"}, "groups": {"all": ["a"], "any": ["b"]}})),
    ] {
        let whole = around(kind, members);
        assert!(!schema.errors(&whole).is_empty(), "the schema accepts {whole}");
        let refused = modules.host(&whole).configure(whole.to_string().as_bytes());
        assert!(refused.is_err(), "the module accepts {whole}");
    }
}

#[test]
fn every_field_is_in_the_manual() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let page = std::fs::read_to_string(root().join("manual/configuration.md")).expect("the page");
    let own = [&schema].into_iter().chain(schema["$defs"].as_object().expect("types").values());
    for name in own.flat_map(|part| part["properties"].as_object().into_iter().flatten()).map(|(name, _)| name) {
        assert!(page.contains(&format!("`{name}`")), "{name} is not in manual/configuration.md");
    }
    for value in schema["$defs"]["Preset"]["enum"].as_array().expect("presets") {
        let name = value.as_str().expect("a name");
        let page = std::fs::read_to_string(root().join("manual/providers.md")).expect("the page");
        assert!(page.contains(&format!("`{name}`")), "{name} is not in manual/providers.md");
    }
}

#[test]
fn every_command_line_in_the_documents_is_understood() {
    let mut count = 0;
    for (file, text) in documents() {
        for (_, body) in blocks(&text).into_iter().filter(|(info, _)| matches!(info.as_str(), "console" | "sh")) {
            let lines = body.lines().map(|line| line.trim_start_matches("$ "));
            for line in lines.filter(|line| line.starts_with("claimgate ")) {
                let words = words(line);
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                claimgate_cli::understands(&words).unwrap_or_else(|error| panic!("{file}: {line}: {error}"));
                count += 1;
            }
        }
    }
    assert!(count > 5, "only {count} command lines were found");
}

/// The words of a command line up to a comment or a pipe, as a shell splits it; only single quotes are known.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("a word").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words.into_iter().take_while(|word| !matches!(word.as_str(), "#" | "|" | ">" | "<")).collect()
}

#[test]
fn every_file_that_a_document_links_to_is_there() {
    for (file, text) in documents() {
        let folder = Path::new(&file).parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") {
                assert!(folder.join(path).exists(), "{file}: {link}");
            }
        }
    }
}

/// The Rust of a file, or of all files of a folder.
fn source(path: &Path) -> String {
    let read =
        |file: &Path| std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    if !path.is_dir() {
        return read(path);
    }
    let entries = std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|file| file.extension().is_some_and(|own| own == "rs")).map(|file| read(&file)).collect()
}

/// A test that a document names, as `folder/file.rs::name` or `folder::name`, exists.
#[test]
fn every_test_that_a_document_names_exists() {
    let mut count = 0;
    for (file, text) in documents() {
        let names = text.split('`').filter_map(|name| name.split_once("::"));
        for (path, test) in names.filter(|(path, _)| path.starts_with("tests/") || path.starts_with("plugin/")) {
            assert!(source(&root().join(path)).contains(&format!("fn {test}(")), "{file}: {path}::{test}");
            count += 1;
        }
    }
    assert!(count > 30, "only {count} tests were named");
}

/// The words of a text that stand in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a word in backticks is a path from the root.
fn is_path(word: &&str) -> bool {
    word.contains('/') || [".rs", ".md", ".toml"].iter().any(|end| word.ends_with(end))
}

/// Every path exists; the names beside a file, up to a semicolon, occur in it.
#[test]
fn architecture_names_what_exists() {
    let page = source(&root().join("ARCHITECTURE.md"));
    for path in quoted(&page).filter(is_path) {
        assert!(root().join(path).exists(), "{path}");
    }
    let occur = |file: &str, names: &str| {
        let text = source(&root().join(file));
        let names = names.split(';').next().unwrap_or_default();
        for name in quoted(names).filter(|name| !is_path(name)) {
            assert!(text.contains(name), "{file} has no {name}");
        }
    };
    let (_, way) = page.split_once("## The way of a request").expect("the way of a request");
    let way = way.split("\n## ").next().unwrap_or_default();
    let steps = way.lines().filter_map(|line| line.split_once(". `")?.1.split_once("`: "));
    let steps: Vec<(&str, &str)> = steps.collect();
    assert!((4..=5).contains(&steps.len()), "a request passes at most five files: {steps:?}");
    steps.into_iter().for_each(|(file, names)| occur(file, names));
    let (_, table) = page.split_once("## Where to change").expect("the table");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(" | ").collect()).collect();
    let rows: Vec<&Vec<&str>> = rows.iter().filter(|cells| cells.len() == 3).skip(2).collect();
    assert!(rows.len() > 15, "only {} rows", rows.len());
    for cells in rows {
        occur(quoted(cells[1]).next().expect("a file"), cells[2]);
    }
}

#[test]
fn the_threat_manual_answers_every_advisory_and_lists_what_operations_lists() {
    let manual = source(&root().join(THREATS));
    assert!(manual.lines().all(|line| line.starts_with("//!")), "there is more than documentation");
    let advisories = source(&root().join("tests/tests/attacks/advisories.rs"));
    let tests: Vec<&str> = advisories.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next()).collect();
    assert!(tests.len() > 25, "{tests:?}");
    for test in tests {
        assert!(manual.contains(&format!("`tests/tests/attacks::{test}`")), "{test} is not in {THREATS}");
    }
    let functions = |text: &str| -> BTreeSet<String> {
        text.split('`').filter(|name| name.starts_with("proxy_")).map(str::to_owned).collect()
    };
    let page = source(&root().join("manual/operations.md"));
    assert_eq!(functions(&manual), functions(&page));
}
