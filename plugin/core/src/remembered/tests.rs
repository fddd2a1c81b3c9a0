use super::*;
use crate::claims::AcceptedToken;
use crate::config::Config;
use crate::testing::{SECRET, Token, Worker, config, json, with};
use crate::token::UnverifiedToken;
use crate::verify::{OwnCode, verify};
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// An accepted token whose claims are about this long.
fn known(config: &Config, length: usize) -> Rc<KnownToken> {
    let text = Token::new(SECRET).claim("padding", "x".repeat(length)).text();
    let unverified = UnverifiedToken::parse(text.as_bytes(), usize::MAX).unwrap();
    let named = config.issuers.claimed_by(&unverified).unwrap();
    let crate::issuer::KeySource::Inline(keys) = &named.1.keys else { panic!() };
    let crate::keyset::Choice::Try(keys) = keys.choose(unverified.algorithm(), unverified.kid(), None) else {
        panic!()
    };
    let verified = verify(unverified, named, &keys, &mut OwnCode).unwrap();
    Rc::new(KnownToken::new(AcceptedToken::accept(verified, named.1).unwrap()))
}

/// A token's text, as far as the memory is concerned: what differs is its end.
fn text(number: u32) -> String {
    format!("header.payload.signature-{number:016}")
}

fn memory(config: &Config, entries: usize, bytes: usize) -> TokenMemory {
    let limits = Limits { remembered_entries: entries, remembered_bytes: bytes, ..config.limits.clone() };
    TokenMemory::new(&limits)
}

fn recalls(memory: &TokenMemory, text: &str) -> bool {
    memory.recall(text.as_bytes(), |_| 0).is_some()
}

/// How many bytes one of these takes up.
fn one(config: &Config, text: &str, token: &Rc<KnownToken>) -> usize {
    let mut memory = memory(config, 10, usize::MAX);
    memory.remember(text.as_bytes(), token, 0);
    memory.used_bytes()
}

#[test]
fn exactly_the_same_text_is_recalled_and_no_other() {
    let config = config(&with(json!({})));
    let mut memory = memory(&config, 10, 1 << 20);
    let token = known(&config, 0);
    memory.remember(b"a.b.c", &token, 0);
    assert!(Rc::ptr_eq(&memory.recall(b"a.b.c", |_| 0).unwrap(), &token));
    for other in ["", "a.b", "a.b.C", "a.b.c ", "xa.b.c"] {
        assert!(!recalls(&memory, other), "{other}");
    }
    assert_eq!((memory.len(), memory.is_empty()), (1, false));
}

#[test]
fn a_token_proven_by_other_keys_is_not_recalled_until_it_is_proven_again() {
    let config = config(&with(json!({})));
    let mut memory = memory(&config, 10, 1 << 20);
    let token = known(&config, 0);
    memory.remember(b"t", &token, 1);
    let used = memory.used_bytes();
    assert!(memory.recall(b"t", |_| 1).is_some());
    assert!(memory.recall(b"t", |_| 2).is_none() && memory.recall(b"t", |_| 0).is_none());
    memory.remember(b"t", &token, 2);
    assert!(memory.recall(b"t", |_| 2).is_some() && memory.recall(b"t", |_| 1).is_none());
    assert_eq!((memory.len(), memory.used_bytes()), (1, used));
}

#[test]
fn the_number_of_tokens_is_bounded_and_the_oldest_unused_goes_first() {
    let config = config(&with(json!({})));
    let token = known(&config, 0);
    for entries in [1, 2, 3, 10, 25] {
        let mut memory = memory(&config, entries, usize::MAX);
        for number in 0..100 {
            memory.remember(text(number).as_bytes(), &token, 0);
            assert!(memory.len() <= entries);
            assert!(recalls(&memory, &text(number)) || entries == 0);
        }
        assert_eq!(memory.len(), entries);
    }
    let mut unused = memory(&config, 3, usize::MAX);
    for number in 0..5 {
        unused.remember(text(number).as_bytes(), &token, 0);
    }
    assert_eq!(
        (0..5).map(|number| recalls(&unused, &text(number))).collect::<Vec<_>>(),
        [false, false, true, true, true]
    );
    let mut none = memory(&config, 0, usize::MAX);
    none.remember(b"t", &token, 0);
    assert!(none.is_empty());
}

#[test]
fn the_bytes_are_bounded_and_a_token_that_would_take_a_quarter_is_not_kept() {
    let config = config(&with(json!({})));
    let (small, big) = (known(&config, 0), known(&config, 5000));
    let room = one(&config, "big", &big) * 4;
    let mut memory = memory(&config, 1000, room);
    for number in 0..200 {
        memory.remember(text(number).as_bytes(), &small, 0);
        assert!(memory.used_bytes() <= room);
    }
    let kept = memory.len();
    assert_eq!(kept, room / one(&config, &text(0), &small));
    memory.remember(b"big", &big, 0);
    assert!(recalls(&memory, "big") && memory.len() < kept && memory.used_bytes() <= room);
    let mut tight = self::memory(&config, 1000, room - 4);
    tight.remember(b"big", &big, 0);
    assert!(tight.is_empty() && tight.used_bytes() == 0);
}

#[test]
fn a_flood_of_tokens_that_are_used_once_pushes_out_no_token_that_was_used_again() {
    let config = config(&with(json!({})));
    let token = known(&config, 0);
    let size = one(&config, "flood-0000", &token);
    // Bounded by entries, then by bytes.
    for (entries, bytes) in [(100, usize::MAX), (100_000, size * 100)] {
        let mut memory = memory(&config, entries, bytes);
        let repeated: Vec<String> = (0..80).map(|number| format!("often-{number:04}")).collect();
        for text in &repeated {
            memory.remember(text.as_bytes(), &token, 0);
            assert!(recalls(&memory, text));
        }
        for number in 0..5000 {
            memory.remember(format!("flood-{number:04}").as_bytes(), &token, 0);
        }
        let left = repeated.iter().filter(|text| recalls(&memory, text)).count();
        assert_eq!(left, 80, "{entries} entries, {bytes} bytes");
    }
}

#[test]
fn a_tenth_of_the_room_is_for_tokens_that_were_used_once_and_they_take_no_more_of_it() {
    let config = config(&with(json!({})));
    let token = known(&config, 0);
    let size = one(&config, &text(0), &token);
    for (entries, bytes) in [(20, usize::MAX), (100_000, size * 20)] {
        let mut memory = memory(&config, entries, bytes);
        for number in 0..20 {
            memory.remember(text(number).as_bytes(), &token, 0);
            assert!(recalls(&memory, &text(number)));
        }
        for number in 20..60 {
            memory.remember(text(number).as_bytes(), &token, 0);
            let kept = (memory.fresh.tails.len(), memory.proven.tails.len());
            assert_eq!(kept, (2, 18), "{entries} entries, {bytes} bytes, token {number}");
        }
        assert!(recalls(&memory, &text(58)) && recalls(&memory, &text(59)));
    }
}

#[test]
fn a_memory_that_is_full_to_the_byte_keeps_what_it_has() {
    let config = config(&with(json!({})));
    let token = known(&config, 0);
    let size = one(&config, &text(0), &token);
    for (room, kept) in [(size * 5, 5), (size * 5 - 1, 4)] {
        let mut memory = memory(&config, 1000, room);
        for number in 0..5 {
            memory.remember(text(number).as_bytes(), &token, 0);
        }
        assert_eq!(memory.len(), kept, "{room} bytes");
    }
}

#[test]
fn a_token_that_is_used_no_more_goes_in_the_end() {
    let config = config(&with(json!({})));
    let token = known(&config, 0);
    let mut memory = memory(&config, 20, usize::MAX);
    memory.remember(b"once popular", &token, 0);
    for _ in 0..100 {
        assert!(recalls(&memory, "once popular"));
    }
    for number in 0..1000 {
        let text = self::text(number);
        memory.remember(text.as_bytes(), &token, 0);
        assert!(recalls(&memory, &text));
    }
    assert!(!recalls(&memory, "once popular"));
}

#[test]
fn the_identity_counts_with_the_token_also_what_no_header_shows() {
    let groups: Vec<String> = (0..400).map(|number| format!("00000000-0000-0000-0000-{number:012}")).collect();
    let bytes = |token: &Token| {
        let mut worker = Worker::new(&with(json!({"limits": {"max_token_bytes": "64KiB"}})));
        assert_eq!(worker.judge(token).reason(), None);
        worker.memory.used_bytes()
    };
    let (without, with) = (bytes(&Token::new(SECRET)), bytes(&Token::new(SECRET).claim("groups", groups)));
    // In the claims' text and in the identity, and a node or a string for each.
    assert!(with - without > 400 * (36 + 36 + size_of::<String>()), "{}", with - without);
}

#[test]
fn who_a_token_stands_for_is_found_out_once() {
    let mut worker = Worker::new(&with(json!({})));
    let text = Token::new(SECRET).text();
    worker.judge(&Token::new(SECRET));
    let token = worker.memory.recall(text.as_bytes(), |_| 0).unwrap();
    let first: *const Caller = token.caller().unwrap();
    worker.judge(&Token::new(SECRET));
    assert!(std::ptr::eq(first, token.caller().unwrap()));
}

#[test]
fn tokens_that_end_alike_are_never_taken_for_each_other() {
    let config = config(&with(json!({})));
    let mut memory = memory(&config, 100, usize::MAX);
    let tail = "x".repeat(64);
    let texts: Vec<String> = (0..50).map(|number| format!("{number:02}{tail}")).collect();
    let tokens: Vec<_> = texts.iter().map(|_| known(&config, 0)).collect();
    for (text, token) in texts.iter().zip(&tokens) {
        memory.remember(text.as_bytes(), token, 0);
        for (text, token) in texts.iter().zip(&tokens) {
            assert!(memory.recall(text.as_bytes(), |_| 0).is_none_or(|found| Rc::ptr_eq(&found, token)));
        }
        assert!(recalls(&memory, text));
    }
    assert!(!recalls(&memory, &format!("50{tail}")) && !recalls(&memory, &tail));
}

#[test]
fn texts_that_differ_in_one_digit_of_their_end_are_kept_side_by_side() {
    let config = config(&with(json!({})));
    let token = known(&config, 0);
    for place in 0..9 {
        let mut memory = memory(&config, 100, usize::MAX);
        for digit in 0..4 {
            memory.remember(text(digit * 10u32.pow(place)).as_bytes(), &token, 0);
        }
        assert_eq!(memory.len(), 4, "place {place}");
    }
}

proptest! {
    /// The model keeps everything for ever; the memory may have forgotten some of it and must never tell anything else.
    #[test]
    fn nothing_is_recalled_that_was_not_remembered_so_and_the_bounds_always_hold(
        (entries, share) in (1usize..12, 4usize..20),
        steps in prop::collection::vec((any::<bool>(), 0u8..15, 0u64..3), 1..120),
    ) {
        let config = config(&with(json!({})));
        let tokens: Vec<_> = (0..3).map(|size| known(&config, size * 40)).collect();
        let room = one(&config, &text(0), &tokens[2]) * share;
        let mut memory = memory(&config, entries, room);
        let mut model = std::collections::BTreeMap::new();
        for (remember, name, generation) in steps {
            let text = self::text(name.into());
            let token = &tokens[usize::from(name % 3)];
            if remember {
                memory.remember(text.as_bytes(), token, generation);
                model.insert(name, generation);
                prop_assert!(memory.recall(text.as_bytes(), |_| generation).is_some(), "the newest is always there");
            }
            if let Some(found) = memory.recall(text.as_bytes(), |_| generation) {
                prop_assert!(Rc::ptr_eq(&found, token));
                prop_assert_eq!(model.get(&name), Some(&generation));
            }
            prop_assert!(memory.len() <= entries && memory.used_bytes() <= room);
            let bytes: usize = memory.known.values().map(|entry| entry.bytes).sum();
            prop_assert_eq!(bytes, memory.used_bytes());
        }
    }
}

#[test]
fn a_tail_is_its_own_hash() {
    use std::hash::BuildHasher;
    for tail in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
        assert_eq!(BuildHasherDefault::<AsItIs>::default().hash_one(Tail(tail)), tail);
    }
}
