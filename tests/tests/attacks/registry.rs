//! No line of the catalogue is missing: the names of the tests are read out of their own source files.

use std::collections::BTreeSet;
use std::path::Path;

/// How many lines each section of the catalogue has.
const SECTIONS: [(char, u32); 16] = [
    ('a', 18),
    ('b', 13),
    ('c', 15),
    ('d', 15),
    ('e', 30),
    ('f', 18),
    ('g', 18),
    ('h', 20),
    ('i', 19),
    ('j', 22),
    ('k', 19),
    ('l', 9),
    ('m', 7),
    ('n', 12),
    ('o', 23),
    ('p', 11),
    ('q', 14),
];

/// Lines about what the product does not have.
const DO_NOT_APPLY: [(&str, &str); 2] = [
    ("e19", "there is no list of revoked jti: a field for one is refused as unknown (N01)"),
    (
        "i08",
        "there are no regular expressions: paths are exact, prefixes or templates of segments, and groups have one `*`",
    ),
];

/// Every advisory of the catalogue, as it stands in the name of a test.
const ADVISORIES: [&str; 42] = [
    "cve_2026_32597",
    "ghsa_752w",
    "cve_2026_48526",
    "cve_2026_48523",
    "cve_2026_48522",
    "cve_2026_48524",
    "cve_2026_48525",
    "ghsa_9v7f",
    "ghsa_2gx3",
    "ghsa_8wjv",
    "ghsa_w6j9",
    "ghsa_hxm8",
    "pyjwt_2_14",
    "cve_2026_25537",
    "jsonwebtoken_542",
    "cve_2026_35039",
    "ghsa_hm7r",
    "cve_2026_34950",
    "cve_2025_59420",
    "cve_2026_27962",
    "cve_2024_53861",
    "cve_2025_30204",
    "cve_2025_27144",
    "cve_2026_29000",
    "ghsa_jc38",
    "cve_2026_0265",
    "ghsa_c8v6",
    "envoy_46586",
    "cve_2023_27487",
    "cve_2021_21378",
    "cve_2020_25017",
    "cve_2026_26308",
    "cve_2019_9900",
    "cve_2023_27493",
    "cve_2024_45809",
    "cve_2025_64527",
    "cve_2019_9901",
    "cve_2021_31920",
    "cve_2026_31837",
    "cve_2026_41413",
    "ghsa_fgw5",
    "linkerd_4605",
];

/// The names of all tests of this program.
fn tests() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks");
    let files = std::fs::read_dir(folder).expect("the folder of this test");
    let texts = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
    let mut names = BTreeSet::new();
    for text in texts {
        let tests = text.split("#[test]\nfn ").skip(1).filter_map(|rest| rest.split('(').next());
        names.extend(tests.map(str::to_owned));
    }
    names
}

#[test]
fn every_line_of_the_catalogue_is_a_test_or_has_a_reason() {
    assert_eq!(DO_NOT_APPLY.len(), 2);
    let tests = tests();
    for (section, lines) in SECTIONS {
        for line in 1..=lines {
            let id = format!("{section}{line:02}");
            let tried = tests.iter().any(|name| name.starts_with(&format!("{id}_")));
            let excused = DO_NOT_APPLY.iter().any(|(own, reason)| *own == id && !reason.is_empty());
            assert!(tried != excused, "{id}: tried {tried}, excused {excused}");
        }
    }
    assert_eq!(SECTIONS.iter().map(|(_, lines)| lines).sum::<u32>(), 212);
}

#[test]
fn every_advisory_is_in_the_name_of_a_test() {
    let tests = tests();
    for advisory in ADVISORIES.into_iter().chain(["wasm_shim_405", "cve_2024_45808"]) {
        assert!(tests.iter().any(|name| name.contains(advisory)), "{advisory}");
    }
}
