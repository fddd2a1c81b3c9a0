//! Durations and sizes, as people write them.

use crate::json::{FromJson, Mistakes, Value};
use std::time::Duration;

/// A duration such as `"500ms"`, `"30s"`, `"10m"` or `"24h"`.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Span(pub(super) Duration);

/// A size such as `"512B"`, `"8KiB"` or `"1MiB"`.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Size(pub(super) usize);

const SPANS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
const SIZES: [(&str, u64); 3] = [("KiB", 1024), ("MiB", 1024 * 1024), ("B", 1)];

/// Nothing in a configuration lasts longer.
const LONGEST: u64 = 366 * 86_400_000;

/// Nothing in a configuration is larger.
const LARGEST: u64 = 256 * 1024 * 1024;

impl Span {
    fn parse(text: &str) -> Option<Self> {
        let millis = scaled(text, &SPANS)?;
        (millis <= LONGEST).then_some(Self(Duration::from_millis(millis)))
    }
}

impl Size {
    fn parse(text: &str) -> Option<Self> {
        let bytes = scaled(text, &SIZES)?;
        (bytes <= LARGEST).then_some(Self(usize::try_from(bytes).ok()?))
    }
}

/// A whole number and a unit. Of units that end alike the longer one stands first.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (digits, factor) = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok())??.checked_mul(*factor)
}

impl FromJson for Span {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        let problem = "expected a duration such as \"500ms\", \"30s\", \"10m\" or \"24h\"";
        Self::parse(&String::read(value, mistakes)?).or_else(|| mistakes.wrong(value, problem))
    }
}

impl FromJson for Size {
    fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Self> {
        let problem = "expected a size such as \"512B\", \"8KiB\" or \"1MiB\"";
        Self::parse(&String::read(value, mistakes)?).or_else(|| mistakes.wrong(value, problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn durations_and_sizes_need_a_unit_and_whole_numbers() {
        let millis = |text| Span::parse(text).map(|span| span.0.as_millis());
        assert_eq!(
            [millis("500ms"), millis("30s"), millis("10m"), millis("24h"), millis("0s")],
            [Some(500), Some(30_000), Some(600_000), Some(86_400_000), Some(0)]
        );
        for text in ["", "5", "s", "-1s", "1.5s", " 1s", "1 s", "1S", "99999999999999999999s", "10000d", "+1s"] {
            assert_eq!(millis(text), None, "{text}");
        }
        let bytes = |text| Size::parse(text).map(|size| size.0);
        assert_eq!([bytes("512B"), bytes("8KiB"), bytes("1MiB")], [Some(512), Some(8192), Some(1_048_576)]);
        for text in ["8", "8KB", "8kib", "1GiB", "999MiB"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
