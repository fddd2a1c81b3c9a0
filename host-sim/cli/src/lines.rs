//! JSON Lines in, JSON Lines out: one for one, in order, whatever a line holds.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::Failure;

/// What is written for a line that cannot be used.
#[derive(Serialize)]
struct Unusable {
    id: Value,
    error: String,
}

/// Reads lines from a file, or from standard input for `-` or nothing, and writes what `answer` makes of each.
/// A line for which `answer` fails gets an object with its `id` and the `error`.
pub(crate) fn each<O: Serialize>(
    input: Option<&Path>,
    mut answer: impl FnMut(&[u8]) -> Result<O, String>,
) -> Result<(), Failure> {
    let mut reader: Box<dyn BufRead> = match input {
        Some(path) if path != Path::new("-") => {
            let file = File::open(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
            Box::new(BufReader::new(file))
        }
        _ => Box::new(io::stdin().lock()),
    };
    let mut out = io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let written = match answer(line.trim_ascii()) {
            Ok(output) => serde_json::to_string(&output)?,
            Err(error) => serde_json::to_string(&Unusable { id: id_of(&line), error })?,
        };
        match writeln!(out, "{written}").and_then(|()| out.flush()) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            result => result?,
        }
    }
}

fn id_of(line: &[u8]) -> Value {
    serde_json::from_slice::<Value>(line).ok().and_then(|value| value.get("id").cloned()).unwrap_or_default()
}
