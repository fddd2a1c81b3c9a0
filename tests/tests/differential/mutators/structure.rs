//! Segments, alphabet, what surrounds a token.

use super::Mutator;
use crate::draft::{Draft, encoded};
use crate::random::Random;

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) const ALL: &[Mutator] = &[
    Mutator::text("segment emptied", |random, draft| {
        let at = random.below(3);
        edit_segments(draft, |segments| {
            if let Some(segment) = segments.get_mut(at) {
                segment.clear();
            }
        });
    }),
    Mutator::text("segment left out", |random, draft| {
        let at = random.below(3);
        edit_segments(draft, |segments| drop(segments.remove(at.min(segments.len() - 1))));
    }),
    Mutator::text("segment twice", |random, draft| {
        let at = random.below(3);
        edit_segments(draft, |segments| {
            let at = at.min(segments.len() - 1);
            segments.insert(at, segments[at].clone());
        });
    }),
    Mutator::text("segments swapped", |random, draft| {
        let at = random.below(2);
        edit_segments(draft, |segments| {
            if segments.len() > at + 1 {
                segments.swap(at, at + 1);
            }
        });
    }),
    Mutator::text("five segments, as JWE has", |_, draft| {
        edit_segments(draft, |segments| segments.extend([b"aaaa".to_vec(), b"bbbb".to_vec()]));
    }),
    Mutator::text("many dots", |random, draft| {
        let count = 1 + random.below(2000);
        let at = random.below(draft.text.len());
        draft.text.splice(at..at, vec![b'.'; count]);
    }),
    Mutator::text("dot in front or behind", |random, draft| {
        let at = if random.one_in(2) { 0 } else { draft.text.len() };
        draft.text.insert(at, b'.');
    }),
    Mutator::text("dot moved", |random, draft| {
        let Some(dot) = draft.text.iter().position(|byte| *byte == b'.') else { return };
        draft.text.remove(dot);
        let at = random.below(draft.text.len());
        draft.text.insert(at, b'.');
    }),
    Mutator::text("whitespace inside", |random, draft| {
        let white = random.pick(b" \t\r\n\x0b\x0c");
        insert(random, draft, &[white]);
    }),
    Mutator::text("whitespace around", |random, draft| {
        let white = random.pick(b" \t\r\n");
        let at = if random.one_in(2) { 0 } else { draft.text.len() };
        draft.text.insert(at, white);
    }),
    Mutator::text("padding", |random, draft| {
        let at = random.below(3);
        let count = 1 + random.below(3);
        edit_segments(draft, |segments| {
            if let Some(segment) = segments.get_mut(at) {
                segment.extend(vec![b'='; count]);
            }
        });
    }),
    Mutator::text("padding where it belongs", |_, draft| {
        edit_segments(draft, |segments| {
            for segment in segments {
                let missing = (4 - segment.len() % 4) % 4;
                segment.extend(vec![b'='; missing]);
            }
        });
    }),
    Mutator::text("the other alphabet", |random, draft| {
        let other = |byte: &u8| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        };
        let changed: Vec<u8> = draft.text.iter().map(other).collect();
        if changed == draft.text {
            insert(random, draft, b"+");
        } else {
            draft.text = changed;
        }
    }),
    Mutator::text("loose last bits", |random, draft| {
        let start = random.below(3);
        edit_segments(draft, |segments| {
            let loose = |segment: &Vec<u8>| segment.len() % 4 > 1;
            let found = (start..start + 3).map(|at| at % 3).find(|at| segments.get(*at).is_some_and(loose));
            let Some(segment) = found.map(|at| &mut segments[at]) else { return };
            let last = segment.last_mut().expect("it is not empty");
            let value = ALPHABET.iter().position(|own| own == last).unwrap_or_default();
            *last = ALPHABET[value ^ 1];
        });
    }),
    Mutator::text("a character too many", |random, draft| {
        let at = random.below(3);
        let character = random.pick(ALPHABET);
        edit_segments(draft, |segments| {
            if let Some(segment) = segments.get_mut(at) {
                segment.push(character);
            }
        });
    }),
    Mutator::text("a character replaced", |random, draft| {
        let at = random.below(draft.text.len());
        let character = random.pick(ALPHABET);
        if let Some(byte) = draft.text.get_mut(at) {
            *byte = character;
        }
    }),
    Mutator::text("a letter in the other case", |random, draft| {
        let from = random.below(draft.text.len());
        if let Some(byte) = draft.text[from..].iter_mut().find(|byte| byte.is_ascii_alphabetic()) {
            *byte ^= 0x20;
        }
    }),
    Mutator::text("a bit flipped", |random, draft| {
        let at = random.below(draft.text.len());
        let bit = random.below(8);
        if let Some(byte) = draft.text.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }),
    Mutator::text("cut short", |random, draft| {
        let end = random.below(draft.text.len());
        draft.text.truncate(end);
    }),
    Mutator::text("the beginning cut off", |random, draft| {
        let start = random.below(draft.text.len());
        draft.text.drain(..start);
    }),
    Mutator::text("bytes behind", |random, draft| {
        let more: [&[u8]; 6] = [b"\0", b";", b"\x7f", b" x", b"#", b"\xc2\xa0"];
        draft.text.extend(random.pick(&more));
    }),
    Mutator::text("bytes that are not UTF-8", |random, draft| {
        let byte = random.pick(b"\x80\xc0\xfe\xff");
        insert(random, draft, &[byte]);
    }),
    Mutator::text("percent-encoded", |random, draft| {
        let at = random.below(draft.text.len());
        let Some(byte) = draft.text.get(at).copied() else { return };
        draft.text.splice(at..=at, format!("%{byte:02X}").into_bytes());
    }),
    Mutator::text("JSON serialization", |random, draft| {
        let [header, payload, signature] = [&draft.header, &draft.payload, &draft.signature].map(|part| encoded(part));
        let members = format!(r#""protected":"{header}","signature":"{signature}""#);
        draft.text = if random.one_in(2) {
            format!(r#"{{"payload":"{payload}",{members}}}"#).into_bytes()
        } else {
            format!(r#"{{"payload":"{payload}","signatures":[{{{members}}}]}}"#).into_bytes()
        };
    }),
    Mutator::text("quoted", |_, draft| {
        draft.text = [b"\"", draft.text.as_slice(), b"\""].concat();
    }),
    Mutator::text("decoded parts", |_, draft| {
        let parts: [&[u8]; 5] = [&draft.header, b".", &draft.payload, b".", &draft.signature];
        draft.text = parts.concat();
    }),
];

fn insert(random: &mut Random, draft: &mut Draft, bytes: &[u8]) {
    let at = random.below(draft.text.len() + 1).min(draft.text.len());
    draft.text.splice(at..at, bytes.iter().copied());
}

fn edit_segments(draft: &mut Draft, edit: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let mut segments: Vec<Vec<u8>> = draft.text.split(|byte| *byte == b'.').map(<[u8]>::to_vec).collect();
    edit(&mut segments);
    draft.text = segments.join(&b'.');
}
