//! Numbers as they were written.

use std::cmp::Ordering;

/// The longest plain spelling that [`Number::plain`] makes.
const MAX_PLAIN: i64 = 64;

/// A JSON number, kept as its text.
#[derive(Copy, Clone, Debug)]
pub struct Number<'a>(&'a str);

/// Sign, digits without leading or trailing zeros, and where the decimal point stands: 0.DIGITS times ten to `point`.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
}

impl<'a> Number<'a> {
    /// `text` must be a number in JSON's grammar.
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// As it was written.
    pub fn text(self) -> &'a str {
        self.0
    }

    /// In plain decimal notation with every digit that was written, never in scientific notation. `None` where that
    /// would take more than 64 digits.
    pub fn plain(self) -> Option<String> {
        let (mantissa, exponent) = match self.0.split_once(['e', 'E']) {
            None => return (i64::try_from(self.0.len()).ok()? <= MAX_PLAIN).then(|| self.0.to_owned()),
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        };
        let (sign, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", mantissa),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction}");
        let length = i64::try_from(digits.len()).ok()?;
        let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
        if length > MAX_PLAIN || !(MAX_PLAIN.checked_neg()?..=MAX_PLAIN).contains(&point) {
            return None;
        }
        let plain = if point <= 0 {
            format!("0.{}{digits}", "0".repeat(usize::try_from(point.checked_neg()?).ok()?))
        } else if point >= length {
            format!("{digits}{}", "0".repeat(usize::try_from(point.checked_sub(length)?).ok()?))
        } else {
            let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
            format!("{whole}.{fraction}")
        };
        let trimmed = plain.trim_start_matches('0');
        let lead = if trimmed.is_empty() || trimmed.starts_with('.') { "0" } else { "" };
        Some(format!("{sign}{lead}{trimmed}"))
    }

    /// A NumericDate (RFC 7519 section 2) in milliseconds: fractions below are cut off, what is out of range saturates.
    pub fn millis(self) -> i64 {
        // Hardly any date is written otherwise than as whole seconds.
        if let Ok(seconds) = self.0.parse::<u32>() {
            return i64::from(seconds).wrapping_mul(1000);
        }
        let decimal = self.decimal();
        let mut millis = 0i64;
        let places = decimal.point.saturating_add(3);
        if places > 19 && !decimal.digits.is_empty() {
            return if decimal.negative { i64::MIN } else { i64::MAX };
        }
        for place in 0..places.max(0) {
            let digit =
                usize::try_from(place).ok().and_then(|place| decimal.digits.get(place)).copied().unwrap_or(b'0');
            millis = millis.saturating_mul(10).saturating_add(i64::from(digit.saturating_sub(b'0')));
        }
        if decimal.negative { millis.saturating_neg() } else { millis }
    }

    /// Compares by value, exactly: `1.0` equals `1` equals `10e-1`.
    pub fn compare(self, other: Number<'_>) -> Ordering {
        let (a, b) = (self.decimal(), other.decimal());
        let sign = |decimal: &Decimal| match (decimal.digits.is_empty(), decimal.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let (sign_a, sign_b) = (sign(&a), sign(&b));
        if sign_a != sign_b || sign_a == 0 {
            return sign_a.cmp(&sign_b);
        }
        let magnitude = a.point.cmp(&b.point).then_with(|| a.digits.cmp(&b.digits));
        if sign_a < 0 { magnitude.reverse() } else { magnitude }
    }

    fn decimal(self) -> Decimal {
        let (mantissa, exponent) = self.0.split_once(['e', 'E']).unwrap_or((self.0, "0"));
        let out_of_range = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        let exponent = exponent.parse::<i64>().map_or(out_of_range, |e| e.clamp(i64::MIN / 2, i64::MAX / 2));
        let negative = mantissa.starts_with('-');
        let unsigned = mantissa.trim_start_matches('-');
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = all.iter().take_while(|digit| **digit == b'0').count();
        let mut digits = all.get(leading..).unwrap_or_default().to_vec();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let whole_digits = i64::try_from(whole.len()).unwrap_or(i64::MAX / 4);
        let leading = i64::try_from(leading).unwrap_or(i64::MAX / 4);
        let point = whole_digits.saturating_sub(leading).saturating_add(exponent);
        Decimal { negative, digits, point }
    }
}
