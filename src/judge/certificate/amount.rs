//! Decimal amounts, kept exactly as whole numbers of the smallest unit of an instance.

/// An amount as it is written: a whole number, to be divided by so many powers of ten.
#[derive(Clone, Copy)]
pub(super) struct Written {
    number: i128,
    pub(super) places: u32,
}

/// Places and digits that are understood; more could not be added up exactly.
const MOST_PLACES: u32 = 18;

impl Written {
    /// Reads digits with a point and an exponent, both of which may be missing.
    pub(super) fn read(word: &str) -> Option<Self> {
        let (plain, power) = match word.find(['e', 'E']) {
            Some(at) => (&word[..at], word[at + 1..].parse::<i32>().ok()?),
            None => (word, 0),
        };
        if power.abs() > 2 * MOST_PLACES as i32 {
            return None;
        }
        let mut number = 0i128;
        let (mut digits, mut behind) = (0, None);
        for letter in plain.strip_prefix('+').unwrap_or(plain).bytes() {
            match letter {
                b'0'..=b'9' => {
                    number = number.checked_mul(10)?.checked_add(i128::from(letter - b'0'))?;
                    digits += 1;
                    behind = behind.map(|places| places + 1);
                }
                b'.' if behind.is_none() => behind = Some(0),
                _ => return None,
            }
        }
        if digits == 0 {
            return None;
        }
        let mut places = behind.unwrap_or(0) - power;
        while places > 0 && number % 10 == 0 {
            number /= 10;
            places -= 1;
        }
        while places < 0 {
            number = number.checked_mul(10)?;
            places += 1;
        }
        let places = u32::try_from(places).ok().filter(|&places| places <= MOST_PLACES)?;
        Some(Self { number, places })
    }

    /// In units of 10^-places; none if that is not whole or too large to be added up.
    pub(super) fn in_units(self, places: u32) -> Option<i128> {
        let factor = 10i128.pow(places.checked_sub(self.places)?);
        self.number.checked_mul(factor).filter(|&whole| whole < 1 << 60)
    }
}

/// An amount as people write it.
pub(super) fn shown(amount: i128, places: u32) -> String {
    let unit = 10u128.pow(places);
    let (sign, size) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    match places {
        0 => format!("{sign}{size}"),
        _ => format!("{sign}{}.{:0width$}", size / unit, size % unit, width = places as usize),
    }
}
