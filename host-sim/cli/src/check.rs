//! `claimgate check`: every mistake in a configuration. The module judges it; the core writes out what the module took.

use std::path::PathBuf;

use claimgate_core::config::Config;
use clap::Args;

use crate::{Failure, Modules, oracle};
use host_sim::Host;

/// What `check` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The configuration, a JSON file.
    #[arg(value_name = "C")]
    configuration: PathBuf,
    /// Prints the configuration as it applies, presets and defaults filled in.
    #[arg(long)]
    print: bool,
}

/// Prints what the module finds; true when it would serve the configuration.
pub(crate) fn run(arguments: &Arguments, modules: &Modules) -> Result<bool, Failure> {
    let path = &arguments.configuration;
    let configuration = std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let mut host = Host::builder(modules.for_configuration(&configuration)?).build();
    let verdict = host.configure(&configuration);
    let log = host.take_log();
    if let Err(rejected) = &verdict {
        oracle::mistakes(rejected).iter().for_each(|mistake| println!("{mistake}"));
    }
    let warnings = oracle::warnings(&log);
    if arguments.print && verdict.is_ok() {
        let (config, _) =
            Config::parse(&configuration).map_err(|_| "the module takes what this command cannot read")?;
        // Standard output is the configuration and nothing else, for a program to read.
        warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
        println!("{}", indented(&config.json()));
        return Ok(true);
    }
    warnings.iter().for_each(|warning| println!("warning: {warning}"));
    if verdict.is_ok() {
        println!("{}: accepted", path.display());
    }
    Ok(verdict.is_ok())
}

/// Sound JSON over many lines, members in their order; a list of scalars stays on one.
fn indented(json: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_text, mut escaped, mut flat) = (0usize, false, false, false);
    let mut rest = json.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        let line = |depth: usize| format!("\n{:1$}", "", depth * 2);
        match c {
            _ if in_text => {
                out.push(c);
                in_text = escaped || c != '"';
                escaped = !escaped && c == '\\';
            }
            '"' => {
                out.push(c);
                in_text = true;
            }
            '[' if is_flat(&json[at + 1..]) => {
                out.push(c);
                flat = true;
            }
            ']' if flat => {
                out.push(c);
                flat = false;
            }
            '{' | '[' => {
                out.push(c);
                depth += 1;
                if next != Some('}') {
                    out.push_str(&line(depth));
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !out.ends_with('{') {
                    out.push_str(&line(depth));
                }
                out.push(c);
            }
            ',' if flat => out.push_str(", "),
            ',' => {
                out.push(c);
                out.push_str(&line(depth));
            }
            ':' => out.push_str(": "),
            c => out.push(c),
        }
    }
    out
}

/// Whether the list that begins here ends before anything opens in it.
fn is_flat(list: &str) -> bool {
    let mut escaped = false;
    let mut in_text = false;
    for c in list.chars() {
        match c {
            _ if in_text => {
                in_text = escaped || c != '"';
                escaped = !escaped && c == '\\';
            }
            '"' => in_text = true,
            '[' | '{' => return false,
            ']' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn indentation_changes_nothing_but_space() {
        let json = r#"{"a":{},"b":[],"c":["x,y","]\"{\\",null],"d":[{"e":1e2},[1,2]],"f":{"g":true}}"#;
        let shown = indented(json);
        let same = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(same(&shown), same(json));
        assert!(shown.contains("\"b\": [],") && shown.contains("\"c\": [\"x,y\", "), "{shown}");
        assert!(shown.contains("  \"d\": [\n    {\n      \"e\": 1e2\n    },"), "{shown}");
    }
}
