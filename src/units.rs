//! Lengths and money: whole numbers with a unit, so that sums are exact in every grouping.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

/// A length, kept in whole millimetres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(i64);

/// An amount of money, kept in whole cents; negative where it is a saving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Length {
    /// No length at all.
    pub const ZERO: Self = Self(0);

    /// Rounds to the nearest millimetre; `None` where the number is not finite, negative, or over a million kilometres.
    #[must_use]
    pub fn from_metres(metres: f64) -> Option<Self> {
        (0.0..1e9).contains(&metres).then(|| Self((metres * 1000.0).round() as i64))
    }

    /// A length of so many whole millimetres.
    #[must_use]
    pub const fn from_millimetres(millimetres: i64) -> Self {
        Self(millimetres)
    }

    /// Whole millimetres.
    #[must_use]
    pub const fn millimetres(self) -> i64 {
        self.0
    }

    /// Metres, for showing and for ratios; never for sums of money.
    #[must_use]
    pub const fn metres(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The cost of this length at a price per metre, to the nearest cent (halves go up).
    #[must_use]
    pub const fn at(self, per_metre: Money) -> Money {
        let thousandths = self.0 as i128 * per_metre.0 as i128;
        Money((thousandths + 500).div_euclid(1000) as i64)
    }
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of so many whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// Rounds euros to the nearest cent; `None` where the number is not finite or beyond ten million million euros.
    #[must_use]
    pub fn from_euros(euros: f64) -> Option<Self> {
        (-1e13..1e13).contains(&euros).then(|| Self((euros * 100.0).round() as i64))
    }

    /// Whole cents.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// Euros, for showing and for ratios; never for sums.
    #[must_use]
    pub const fn euros(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// This share of the amount, in hundredths of a percent, to the nearest cent (halves go up).
    #[must_use]
    pub const fn share(self, basis_points: i64) -> Money {
        let scaled = self.0 as i128 * basis_points as i128;
        Money((scaled + 5000).div_euclid(10_000) as i64)
    }
}

macro_rules! whole_number_arithmetic {
    ($unit:ident) => {
        impl Add for $unit {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl Sub for $unit {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl Neg for $unit {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }
        impl Mul<i64> for $unit {
            type Output = Self;
            fn mul(self, times: i64) -> Self {
                Self(self.0 * times)
            }
        }
        impl AddAssign for $unit {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl SubAssign for $unit {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }
        impl Sum for $unit {
            fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
                amounts.fold(Self::ZERO, Add::add)
            }
        }
    };
}

whole_number_arithmetic!(Length);
whole_number_arithmetic!(Money);

/// Metres with three decimals: `12.500`.
impl fmt::Display for Length {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(out, self.0, 1000, 3)
    }
}

/// Euros with two decimals and no thousands separator: `-12.50`.
impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(out, self.0, 100, 2)
    }
}

fn decimal(out: &mut fmt::Formatter<'_>, amount: i64, unit: u64, digits: usize) -> fmt::Result {
    let sign = if amount < 0 { "-" } else { "" };
    let size = amount.unsigned_abs();
    write!(out, "{sign}{}.{:0digits$}", size / unit, size % unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_meets_a_length_once_and_is_rounded_to_the_nearest_cent() {
        let length = Length::from_metres(12.345).expect("finite");
        assert_eq!(length.at(Money::from_cents(1500)), Money::from_cents(18_518));
        assert_eq!(Length::from_millimetres(1).at(Money::from_cents(500)), Money::from_cents(1));
        assert_eq!(Length::from_millimetres(1).at(Money::from_cents(499)), Money::ZERO);
    }

    #[test]
    fn lengths_and_amounts_that_are_no_numbers_are_refused() {
        assert_eq!(Length::from_metres(f64::NAN), None);
        assert_eq!(Length::from_metres(-1.0), None);
        assert_eq!(Money::from_euros(f64::INFINITY), None);
    }

    #[test]
    fn amounts_show_as_decimals() {
        assert_eq!(Money::from_cents(-1205).to_string(), "-12.05");
        assert_eq!(Length::from_millimetres(12_050).to_string(), "12.050");
        assert_eq!(Money::from_cents(10_001).share(1500), Money::from_cents(1500));
    }
}
