//! Exact fractions: scores are compared and told without a rounding error anywhere.

use num_rational::BigRational;
use serde::{Deserialize, Deserializer};

use crate::units::Money;

/// A fraction of whole numbers of any size.
pub type Ratio = BigRational;

/// A whole number as a fraction.
#[must_use]
pub fn whole(number: i64) -> Ratio {
    Ratio::from_integer(number.into())
}

/// Nothing.
#[must_use]
pub fn zero() -> Ratio {
    whole(0)
}

/// An amount in whole cents as a fraction of euros.
#[must_use]
pub fn euros(amount: Money) -> Ratio {
    Ratio::new(amount.cents().into(), 100.into())
}

/// Reads a decimal number exactly: `12`, `-0.5`, `1 250,75` (blanks between thousands, point or comma).
///
/// `1.250.000,50` and `1,250,000.50` are understood too: the last of two kinds of separators is the decimal one, and a
/// kind that comes several times parts thousands. A single separator is always taken for the decimal one.
#[must_use]
pub fn decimal(text: &str) -> Option<Ratio> {
    let bare: String = text.trim().trim_start_matches('€').chars().filter(|c| !c.is_whitespace()).collect();
    let unsigned = bare.strip_prefix(['-', '+']).unwrap_or(&bare);
    let last = unsigned.rfind(['.', ',']);
    let separator = last.and_then(|at| unsigned[at..].chars().next());
    let decimal_at = last.filter(|_| separator.is_some_and(|kind| unsigned.matches(kind).count() == 1));
    let (before, after) = decimal_at.map_or((unsigned, ""), |at| (&unsigned[..at], &unsigned[at + 1..]));
    let digits: String = before.chars().filter(|c| !matches!(c, '.' | ',')).chain(after.chars()).collect();
    if digits.is_empty() || digits.len() > 30 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i128 = digits.parse().ok()?;
    let scale = 10i128.checked_pow(after.len() as u32)?;
    let signed = if bare.starts_with('-') { -number } else { number };
    Some(Ratio::new(signed.into(), scale.into()))
}

/// Reads an amount of money to the cent; `None` where it has more than two decimals or is no amount.
#[must_use]
pub fn amount(text: &str) -> Option<Money> {
    let cents = decimal(text)? * whole(100);
    let cents: i64 = cents.is_integer().then(|| cents.to_integer().try_into().ok()).flatten()?;
    (cents.abs() < 1_000_000_000_000_000).then(|| Money::from_cents(cents))
}

/// The fraction as decimal text with so many digits, halves away from zero.
#[must_use]
pub fn shown(value: &Ratio, digits: u32) -> String {
    let scale = whole(10i64.pow(digits));
    let scaled = (value * &scale).round().to_integer();
    let sign = if scaled.sign() == num_bigint::Sign::Minus { "-" } else { "" };
    let text = scaled.magnitude().to_string();
    let width = digits as usize + 1;
    let padded = format!("{text:0>width$}");
    let (before, after) = padded.split_at(padded.len() - digits as usize);
    if digits == 0 { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") }
}

/// The fraction as the nearest floating-point number, for drawing only.
#[must_use]
pub fn approximate(value: &Ratio) -> f64 {
    shown(value, 9).parse().unwrap_or(0.0)
}

/// A decimal in a TOML file, written as a number or as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(pub Ratio);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        let text = match &value {
            toml::Value::Integer(number) => number.to_string(),
            // The shortest decimal that reads back as the same number is what was written.
            toml::Value::Float(number) => number.to_string(),
            toml::Value::String(text) => text.clone(),
            _ => String::new(),
        };
        let wrong =
            || serde::de::Error::custom(format!("`{value}` is no decimal number; write it as 12.5 or \"12.50\""));
        decimal(&text).map(Decimal).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_they_are_written_in_several_countries() {
        let cents = |text: &str| amount(text).map(Money::cents);
        assert_eq!(cents("1234.5"), Some(123_450));
        assert_eq!(cents("€ 1.250.000,50"), Some(125_000_050));
        assert_eq!(cents("1,250,000.50"), Some(125_000_050));
        assert_eq!(cents("1 250 000"), Some(125_000_000));
        assert_eq!(cents("-0,05"), Some(-5));
        assert_eq!(cents("1.250.000"), Some(125_000_000));
        assert_eq!(cents("0.001"), None);
        assert_eq!(cents("twelve"), None);
    }

    #[test]
    fn fractions_show_rounded_halves_away_from_zero() {
        assert_eq!(shown(&Ratio::new(1.into(), 3.into()), 2), "0.33");
        assert_eq!(shown(&Ratio::new((-1).into(), 8.into()), 2), "-0.13");
        assert_eq!(shown(&whole(7), 0), "7");
        assert_eq!(shown(&Ratio::new((-1).into(), 1000.into()), 2), "0.00");
    }
}
