//! The small parts: record bytes, URLs, labels.

use crate::jwks::record::{Asked, Etag, Forced, Lease, Record, SetRecord, Standing};
use crate::jwks::*;
use crate::time::Timestamp;
use std::collections::BTreeSet;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_record_survives_its_bytes() {
    let at = Timestamp::from_millis;
    let set = SetRecord { digest: [7; 32], len: 9, fetched_at: at(10), fresh_until: at(11), etag: None };
    let etag = Some(Etag { url: [8; 32], value: String::from("W/\"x\"") });
    let full = Record {
        set: Some(SetRecord { etag, ..set.clone() }),
        attempts: u64::MAX,
        attempted_at: at(3),
        failures: 4,
        next_attempt: at(5),
        lease: Some(Lease { holder: 6, until: at(7), forced: true }),
        answered: 9,
        forced: vec![
            Forced { asked: Asked { at: at(8), attempt: 2 }, kids: vec![Kid::new(None), Kid::new(Some("a"))] },
            Forced { asked: Asked { at: at(9), attempt: 3 }, kids: Vec::new() },
        ],
    };
    for record in [Record::new(), Record { set: Some(set), ..full.clone() }, full] {
        assert_eq!(meta::decode(&meta::encode(&record, &[1; 32]), &[1; 32]), Some(record));
    }
}

#[test]
fn a_set_is_fresh_and_then_kept_to_the_last_millisecond() {
    let at = Timestamp::from_millis;
    let set = SetRecord { digest: [7; 32], len: 9, fetched_at: at(1000), fresh_until: at(2000), etag: None };
    let record = Record { set: Some(set), ..Record::new() };
    for (millis, standing) in [
        (1000, Standing::Fresh),
        (2000, Standing::Fresh),
        (2001, Standing::Stale),
        (6000, Standing::Stale),
        (6001, Standing::Gone),
    ] {
        assert_eq!(record.standing(Duration::from_secs(5), at(millis)), standing, "{millis}");
    }
    assert_eq!(Record::new().standing(Duration::ZERO, at(6001)), Standing::None);
}

#[test]
fn numbers_are_scrambled_as_splitmix64_does_it() {
    // The first numbers of the reference implementation, from a state of 0 and of 1234567.
    assert_eq!(schedule::scramble(0), 0xe220_a839_7b1d_cdaf);
    assert_eq!(schedule::scramble(1_234_567), 6_457_827_717_110_365_317);
}

#[test]
fn reading_a_record_never_panics() {
    let record = meta::encode(&Record::new(), &[1; 32]);
    for at in 0..record.len() {
        for byte in [0, 1, 2, 127, 255] {
            let mut bytes = record.clone();
            bytes[at] = byte;
            let _ = meta::decode(&bytes, &[1; 32]);
        }
    }
}

#[test]
fn a_url_is_taken_apart_strictly() {
    let url = Url::parse("HTTPS://Id.Example.com:8443/a/b?c=d").unwrap();
    assert_eq!((url.scheme(), url.authority(), url.path()), (Scheme::Https, "id.example.com:8443", "/a/b?c=d"));
    assert_eq!(url.to_string(), "https://id.example.com:8443/a/b?c=d");
    assert_eq!(Url::parse("http://h").unwrap().path(), "/");
    assert_eq!(Url::parse("http://h?q").unwrap().path(), "/?q");
    assert_eq!(Url::parse("https://[::1]:80/").unwrap().host(), "[::1]");
    for bad in [
        "",
        "https",
        "https:/h/",
        "ftp://h/",
        "https://",
        "https://:1/",
        "https://u@h/",
        "https://u:p@h/",
        "https://h:/",
        "https://h:+1/",
        "https://h:65536/",
        "https://h:1:2/",
        "https://[::1/",
        "https://[]/",
        "https://h\\/",
        "https://h/ ",
        "https://h/\u{e9}",
        "https://h#f",
        " https://h/",
        "https://h,i/",
        "https://%68/",
    ] {
        assert!(Url::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(Url::parse("ftp://h/").unwrap_err().to_string(), "must be https");
}

#[test]
fn an_allowed_host_is_that_host_alone() {
    let url = Url::parse("https://keys.example.com/a").unwrap();
    for allowed in ["keys.example.com", "KEYS.example.com", "keys.example.com:443"] {
        assert!(url.is_on(allowed), "{allowed}");
    }
    for other in ["", "example.com", "keys.example.com:80", "keys.example.com/", "*.example.com", "xkeys.example.com"] {
        assert!(!url.is_on(other), "{other}");
    }
    assert!(Url::parse("https://h:1/").unwrap().is_on("h:1"));
    assert!(!Url::parse("https://h:1/").unwrap().is_on("h:2"));
}

#[test]
fn every_label_is_one_word_and_its_own() {
    let mut labels = BTreeSet::new();
    let fetches = FetchOutcome::ALL.iter().map(|outcome| outcome.label());
    let faults = SharedFault::ALL.iter().map(|fault| fault.label());
    for label in fetches.chain(faults) {
        assert!(label.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()), "{label}");
        assert!(labels.insert(label), "{label}");
    }
    assert_eq!(WaitOutcome::ALL.len(), 5);
}

#[test]
fn every_change_of_state_is_one_line_without_anything_from_outside() {
    for (change, warns) in [
        (StateChange::Obtained(1), false),
        (StateChange::Changed(1), false),
        (StateChange::Skipped(1), true),
        (StateChange::Failing(FetchOutcome::Timeout), true),
        (StateChange::Stale(Duration::from_secs(5)), true),
        (StateChange::Gone(Duration::from_secs(5)), true),
        (StateChange::Recovered(3), false),
        (StateChange::Alone, true),
        (StateChange::Together, false),
    ] {
        assert_eq!(change.is_warning(), warns, "{change}");
        let line = change.to_string();
        assert!(!line.is_empty() && !line.contains('\n'), "{line}");
    }
}
