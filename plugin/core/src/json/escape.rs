//! The escapes of strings that were found sound.

/// The text between the quotes of a string that was already found sound, with its escapes resolved.
pub(super) fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => out.push(escaped_char(&mut chars)),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

fn escaped_char(chars: &mut std::str::Chars<'_>) -> char {
    let first = code_unit(chars);
    let code = if (0xd800..0xdc00).contains(&first) {
        // The parser admitted a high surrogate only with `\u` and a low one behind it.
        let _backslash_and_u = (chars.next(), chars.next());
        0x10000u32.wrapping_add((first & 0x3ff) << 10).wrapping_add(code_unit(chars) & 0x3ff)
    } else {
        first
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn code_unit(chars: &mut std::str::Chars<'_>) -> u32 {
    chars.by_ref().take(4).fold(0, |unit, c| (unit << 4) | c.to_digit(16).unwrap_or(0))
}
