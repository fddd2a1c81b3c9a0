//! What the judges say, and the count of it.

use std::collections::BTreeMap;

use crate::table::{ROWS, Row};

/// Whether each judge admits a token; `jsonwebtoken` has no ES512 and says nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Opinions {
    pub(crate) ours: bool,
    pub(crate) jsonwebtoken: Option<bool>,
    pub(crate) compact: bool,
}

impl Opinions {
    fn agree(self) -> bool {
        self.jsonwebtoken.unwrap_or(self.ours) == self.ours && self.compact == self.ours
    }

    /// Whether this is what a triple says, where there is an opinion.
    fn is(self, [ours, jsonwebtoken, compact]: [bool; 3]) -> bool {
        self.ours == ours && self.compact == compact && self.jsonwebtoken.is_none_or(|own| own == jsonwebtoken)
    }
}

/// What was seen.
#[derive(Default)]
pub(crate) struct Tally {
    admitted: usize,
    refused: usize,
    /// Tokens with one change, by the row that allows the difference.
    by_row: BTreeMap<usize, usize>,
    /// Tokens with two changes whose differences follow from those of each.
    combined: usize,
    /// No row allows these: what it was, how often, and one token.
    unknown: BTreeMap<String, (usize, String)>,
}

impl Tally {
    /// Counts a token with these changes.
    pub(crate) fn add(&mut self, changes: &[&str], opinions: Opinions, token: &str) {
        if opinions.agree() {
            *(if opinions.ours { &mut self.admitted } else { &mut self.refused }) += 1;
            return;
        }
        let allowed: Option<&mut usize> = match changes {
            [change] => row(change, opinions).map(|row| self.by_row.entry(row).or_default()),
            _ => follows(changes, opinions).then_some(&mut self.combined),
        };
        match allowed {
            Some(count) => *count += 1,
            None => {
                let what = format!("{} {opinions:?}", changes.join(" + "));
                self.unknown.entry(what).or_insert_with(|| (0, token.to_owned())).0 += 1;
            }
        }
    }

    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.admitted += other.admitted;
        self.refused += other.refused;
        self.combined += other.combined;
        other.by_row.into_iter().for_each(|(row, count)| *self.by_row.entry(row).or_default() += count);
        for (what, (count, token)) in other.unknown {
            self.unknown.entry(what).or_insert((0, token)).0 += count;
        }
        self
    }

    /// Prints the figures and asserts that the table is right; whole when the sample was large enough.
    pub(crate) fn finish(self, whole: bool) {
        let by_row: usize = self.by_row.values().sum();
        let unknown: usize = self.unknown.values().map(|(count, _)| count).sum();
        let tokens = self.admitted + self.refused + by_row + self.combined + unknown;
        println!(
            "tokens {tokens}, accepted by all {}, refused by all {}, allowed differences {}, of which in combination {}",
            self.admitted,
            self.refused,
            by_row + self.combined,
            self.combined
        );
        for (at, row) in ROWS.iter().enumerate() {
            println!("{:>8}  {}", self.by_row.get(&at).copied().unwrap_or_default(), row.line());
        }
        let lines = self.unknown.iter().map(|(what, (count, token))| format!("{count} times {what}\n    {token}"));
        assert!(self.unknown.is_empty(), "differences without a row:\n{}", lines.collect::<Vec<_>>().join("\n"));
        let never = (0..ROWS.len()).filter(|at| whole && !self.by_row.contains_key(at));
        let never: Vec<String> = never.map(|at| ROWS[at].line()).collect();
        assert!(never.is_empty(), "rows that never occurred:\n{}", never.join("\n"));
    }
}

fn row(change: &str, opinions: Opinions) -> Option<usize> {
    ROWS.iter().position(|row| row.mutator == change && opinions.is(row.opinions()))
}

/// Whether two changes that may each divide the judges so explain how they divide them together: what either change makes
/// a judge refuse, it refuses.
fn follows(changes: &[&str], opinions: Opinions) -> bool {
    let of = |change: &str| {
        let rows = ROWS.iter().filter(move |row| row.mutator == change).map(Row::opinions);
        [[true; 3], [false; 3]].into_iter().chain(rows).collect::<Vec<_>>()
    };
    let both = |a: [bool; 3], b: [bool; 3]| [a[0] && b[0], a[1] && b[1], a[2] && b[2]];
    let mut possible = vec![[true; 3]];
    for change in changes {
        let own = of(change);
        possible = possible.iter().flat_map(|a| own.iter().map(|b| both(*a, *b)).collect::<Vec<_>>()).collect();
    }
    possible.into_iter().any(|triple| opinions.is(triple))
}

#[test]
fn two_differences_together_are_what_each_judge_makes_of_both() {
    let says = |ours, jsonwebtoken, compact| Opinions { ours, jsonwebtoken: Some(jsonwebtoken), compact };
    let [one, other] = [&ROWS[0], ROWS.iter().find(|row| row.mutator != ROWS[0].mutator).expect("another row")];
    let [a, b] = [one.opinions(), other.opinions()];
    let together = says(a[0] && b[0], a[1] && b[1], a[2] && b[2]);
    assert!(follows(&[one.mutator, other.mutator], together));
    assert!(follows(&["nothing known", "either"], says(true, true, true)));
    assert!(!follows(&["nothing known", "either"], says(true, false, true)));
    assert!(Opinions { jsonwebtoken: None, ..says(true, true, true) }.agree());
}
