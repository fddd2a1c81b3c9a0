//! From text to nodes.

use super::{JsonError, MAX_DEPTH, Node, Tag, names};
use crate::bytes::plain;

/// The nodes of a text, and the marks of the names of its outermost object.
pub(super) fn nodes(text: &str) -> Result<(Vec<Node>, u64), JsonError> {
    if u32::try_from(text.len()).is_err() {
        return Err(JsonError { offset: 0, problem: "longer than 4 GiB" });
    }
    let mut parser = Parser { text, at: 0, nodes: Vec::with_capacity(text.len() / 12), marks: 0 };
    parser.skip_space();
    parser.value(0)?;
    parser.skip_space();
    match parser.peek() {
        None => Ok((parser.nodes, parser.marks)),
        Some(_) => parser.fail("more text after the value"),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node>,
    /// Those of the names of the object that ended last.
    marks: u64,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Result<(), JsonError> {
        if depth > MAX_DEPTH {
            return self.fail("nested too deep");
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Tag::True),
            Some(b'f') => self.word("false", Tag::False),
            Some(b'n') => self.word("null", Tag::Null),
            _ => self.fail("expected a value"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), JsonError> {
        let own = self.open(Tag::Object);
        if self.take(b'}') {
            self.marks = 0;
            return self.close(own);
        }
        let mut count = 0usize;
        loop {
            if self.peek() != Some(b'"') {
                return self.fail("expected a member name");
            }
            self.string()?;
            self.skip_space();
            self.expect(b':', "expected `:`")?;
            self.skip_space();
            self.value(depth.saturating_add(1))?;
            count = count.saturating_add(1);
            self.skip_space();
            if self.take(b'}') {
                break;
            }
            self.expect(b',', "expected `,` or `}`")?;
            self.skip_space();
        }
        self.close(own)?;
        let repeated = |name: &Node| JsonError { offset: name.start as usize, problem: "member name given twice" };
        self.marks = names::marks(self.text, &self.nodes, own, count).map_err(repeated)?;
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), JsonError> {
        let own = self.open(Tag::Array);
        if self.take(b']') {
            return self.close(own);
        }
        loop {
            self.value(depth.saturating_add(1))?;
            self.skip_space();
            if self.take(b']') {
                return self.close(own);
            }
            self.expect(b',', "expected `,` or `]`")?;
            self.skip_space();
        }
    }

    #[inline]
    fn string(&mut self) -> Result<(), JsonError> {
        self.advance(1);
        let start = self.at;
        let mut tag = Tag::Plain;
        loop {
            self.advance(plain(self.rest()));
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    tag = Tag::Escaped;
                    self.escape()?;
                }
                Some(_) => return self.fail("control character in a string"),
                None => return self.fail("string without an end"),
            }
        }
        self.leaf(tag, start);
        self.advance(1);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        self.advance(1);
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.advance(1);
                Ok(())
            }
            Some(b'u') => {
                let first = self.code_unit()?;
                match first {
                    0xdc00..=0xdfff => self.fail("lone surrogate"),
                    0xd800..=0xdbff => {
                        if !self.take(b'\\') {
                            return self.fail("lone surrogate");
                        }
                        match self.code_unit()? {
                            0xdc00..=0xdfff => Ok(()),
                            _ => self.fail("lone surrogate"),
                        }
                    }
                    _ => Ok(()),
                }
            }
            _ => self.fail("unknown escape"),
        }
    }

    fn code_unit(&mut self) -> Result<u32, JsonError> {
        if !self.take(b'u') {
            return self.fail("lone surrogate");
        }
        let mut unit = 0u32;
        for _ in 0..4 {
            match self.peek().and_then(|byte| char::from(byte).to_digit(16)) {
                Some(digit) => unit = (unit << 4) | digit,
                None => return self.fail("expected four hexadecimal digits"),
            }
            self.advance(1);
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'-') {
                self.take(b'+');
            }
            self.digits()?;
        }
        self.leaf(Tag::Number, start);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.fail("expected a digit");
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.advance(1);
        }
        Ok(())
    }

    fn word(&mut self, word: &str, tag: Tag) -> Result<(), JsonError> {
        if !self.rest().starts_with(word.as_bytes()) {
            return self.fail("expected a value");
        }
        let start = self.at;
        self.advance(word.len());
        self.leaf(tag, start);
        Ok(())
    }

    fn open(&mut self, tag: Tag) -> usize {
        let own = self.nodes.len();
        self.nodes.push(Node { tag, start: narrow(self.at), end: 0, next: 0 });
        self.advance(1);
        self.skip_space();
        own
    }

    /// Fills in where an array or object ends; the closing bracket was just taken.
    fn close(&mut self, own: usize) -> Result<(), JsonError> {
        let (end, next) = (narrow(self.at), narrow(self.nodes.len()));
        if let Some(node) = self.nodes.get_mut(own) {
            node.end = end;
            node.next = next;
        }
        Ok(())
    }

    #[inline]
    fn leaf(&mut self, tag: Tag, start: usize) {
        let next = narrow(self.nodes.len().saturating_add(1));
        self.nodes.push(Node { tag, start: narrow(start), end: narrow(self.at), next });
    }

    #[inline]
    fn expect(&mut self, byte: u8, problem: &'static str) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { self.fail(problem) }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.advance(1);
        }
        there
    }

    #[inline]
    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.advance(1);
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn advance(&mut self, by: usize) {
        self.at = self.at.saturating_add(by);
    }

    fn fail<T>(&self, problem: &'static str) -> Result<T, JsonError> {
        Err(JsonError { offset: self.at, problem })
    }
}

/// The text was checked to be shorter than 4 GiB, and there are fewer nodes than bytes.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
