//! What the documents say to copy or to type is what works.

use std::path::Path;

use claimgate_tests::{Host, Request, Stage, Template, WORKFORCE, module};
use serde_json::json;

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The blocks of a kind in a Markdown text.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let opening = format!("```{kind}\n");
    text.split(&opening).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_filter_in_the_readme_protects_a_service() {
    let readme = document("README.md");
    let snippet = blocks(&readme, "yaml")[0];
    let stage = Stage::start_with(Host::Envoy, |scene, _| {
        let template = Template::example("minimal").expect("the file is there").http_filter(snippet).module(&module());
        template.upstream(scene.upstream.address()).provider(WORKFORCE, scene.workforce.address())
    });
    assert_eq!(stage.send(&Request::get("/")).status, 401);
    let response = stage.send(&Request::get("/").bearer(&stage.scene.workforce_token(json!({}))));
    assert_eq!((response.status, response.upstream_saw("x-auth-subject")), (200, vec!["alice".to_owned()]));
}

#[test]
fn every_make_target_in_the_documents_exists() {
    let makefile = document("Makefile");
    for name in ["README.md", "CONTRIBUTING.md"] {
        let text = document(name);
        let targets = text.split("make ").skip(1).filter_map(|rest| {
            rest.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')).next()
        });
        for target in targets.filter(|target| !target.is_empty()) {
            let there = makefile.lines().any(|line| line.starts_with(&format!("{target}:")));
            assert!(there, "{name} says `make {target}`");
        }
    }
}
