//! Everything that is built came from crates.io, with its checksum. Licences and advisories are `make deny`.

use std::path::Path;

#[test]
fn every_dependency_is_from_crates_io_and_has_a_checksum() {
    for lock in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(lock);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let packages: Vec<&str> = text.split("[[package]]\n").skip(1).collect();
        assert!(packages.len() > 30, "{lock} holds {} packages", packages.len());
        for package in packages {
            let name = package.lines().next().unwrap_or_default();
            let own = name.contains("\"claimgate") || name.contains("\"host-sim\"");
            let registry = package.contains("source = \"registry+https://github.com/rust-lang/crates.io-index\"\n");
            assert_eq!(own, !package.contains("source = "), "{lock}: {name}");
            assert_eq!(registry && package.contains("checksum = \""), !own, "{lock}: {name}");
        }
    }
}
