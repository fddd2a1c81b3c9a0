//! `claimgate schema`: the JSON Schema of the configuration, as the core's tests generate it from its types.

/// What `plugin/core` commits.
const SCHEMA: &str = include_str!("../../../plugin/core/config.schema.json");

/// Prints it.
pub(crate) fn run() {
    print!("{SCHEMA}");
}
