//! What the fuzzers found worth keeping, and every input that ever broke a promise, runs through the same functions on a
//! stable toolchain: `fuzz/corpus` holds a folder for each.

use claimgate_core::refusal::Reason;
use claimgate_properties::{ALL, Property, gate_verdicts};
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::Path;

/// The folder of each property: how many inputs there are, in bytes how many, and the names of those that break a promise.
fn replay(name: &str, property: Property) -> (usize, u64, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(name);
    let (mut count, mut bytes, mut broken) = (0, 0, Vec::new());
    for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let input = std::fs::read(&path).unwrap();
        (count, bytes) = (count + 1, bytes + input.len() as u64);
        if catch_unwind(|| property(&input)).is_err() {
            broken.push(path.display().to_string());
        }
    }
    (count, bytes, broken)
}

#[test]
fn no_input_that_was_kept_breaks_a_promise() {
    let replayed = ALL.map(|(name, property)| (name, replay(name, property)));
    for (name, (count, bytes, broken)) in &replayed {
        println!("{name}: {count} inputs, {bytes} bytes");
        assert!(*count >= 10, "the corpus of {name} is missing");
        assert!(broken.is_empty(), "{name}: {broken:#?}");
    }
    let bytes: u64 = replayed.iter().map(|(_, (_, bytes, _))| bytes).sum();
    assert!(bytes < 1024 * 1024, "{bytes} bytes are too many to be kept");
}

#[test]
fn every_property_has_a_fuzz_target_and_the_other_way_round() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz_targets");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut targets: Vec<String> = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let mut names = ALL.map(|(name, _)| name.to_owned());
    targets.sort();
    names.sort();
    assert_eq!(targets, names);
}

/// Reasons that no story comes to, and why.
const NEVER: [(Reason, &str); 7] = [
    (Reason::HeadersUnreadable, "the shell's"),
    (Reason::TooManyWaiting, "the shell's"),
    (Reason::Internal, "the shell's"),
    (Reason::KeyAmbiguous, "no issuer there has more keys than are tried"),
    (Reason::TenantMismatch, "no issuer there is Entra"),
    (Reason::GraphToken, "no issuer there is Entra"),
    (Reason::SubjectForeign, "no issuer there is a SPIFFE trust domain"),
];

#[test]
fn the_stories_of_the_gate_come_to_every_verdict() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/gate");
    let inputs = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let seen: BTreeSet<&str> = inputs.flat_map(|input| gate_verdicts(&input)).collect();
    let reasons = Reason::ALL.iter().filter(|reason| !NEVER.iter().any(|(never, _)| never == *reason));
    let expected = reasons.map(|reason| reason.label()).chain(["admit", "anonymous", "answer", "wait"]);
    let missing: Vec<&str> = expected.filter(|label| !seen.contains(label)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
