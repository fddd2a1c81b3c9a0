//! The configuration.

use crate::json::Json;
use claimgate_core::config::{Config, Located};
use claimgate_core::json::Document;

/// The bytes are a configuration.
pub fn configuration(data: &[u8]) {
    let document = Document::parse(data);
    match Config::parse(data) {
        Ok((config, warnings)) => {
            warnings.iter().for_each(is_one_line);
            let printed = config.json();
            assert!(Json::read(printed.as_bytes()).is_some(), "{printed}");
            let again = with_inline_keys(&printed, &document.expect("JSON"));
            let (again, _) = Config::parse(again.as_bytes()).unwrap_or_else(|found| panic!("{found:?} in {printed}"));
            assert_eq!(again.json(), printed, "what is printed reads back as the same configuration");
        }
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "a refused configuration says why");
            let is_object = document.is_ok_and(|document| document.root().members().next().is_some());
            for mistake in &mistakes {
                is_one_line(mistake);
                assert!(!is_object || !mistake.path.is_empty(), "{mistake:?} says where");
                assert!(!mistake.problem.is_empty(), "{mistake:?} says what");
            }
        }
    }
}

/// A finding becomes one line of the host's log.
fn is_one_line(finding: &Located) {
    assert!(!finding.path.contains(char::is_control) && !finding.problem.contains(char::is_control), "{finding:?}");
}

/// Keys that stand in the configuration are only counted where it is printed: puts them back, in their order.
fn with_inline_keys(printed: &str, document: &Document) -> String {
    let issuers = document.root().member("issuers").expect("issuers");
    let enabled =
        issuers.elements().filter(|issuer| issuer.member("enabled").and_then(|own| own.as_bool()) != Some(false));
    let inline = enabled.filter_map(|issuer| issuer.member("keys")?.member("inline"));
    let mut whole = String::new();
    let mut rest = printed;
    for keys in inline {
        let (before, behind) = rest.split_once(r#""inline":""#).expect("inline keys are counted");
        let (_, behind) = behind.split_once('"').expect("the count is a string");
        whole = whole + before + r#""inline":"# + keys.text();
        rest = behind;
    }
    whole + rest
}
