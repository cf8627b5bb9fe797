//! Does the light arrive? Reach by class of optics, split and route length.
//!
//! Class budgets: ITU-T G.984.2 (B+, C+) and G.9807.1 (N1, N2, E1). Fixed losses: four connectors of 0.5 dB, ten splices
//! of 0.1 dB, a margin of 3 dB; fibre 0.4 dB/km; splitters at the high end of their range. A PON reaches 20 km at most.

use crate::units::Length;

/// Loss of connectors, splices and margin, in hundredths of a decibel.
const FIXED: i64 = 600;
/// Loss of fibre, in hundredths of a decibel per kilometre.
const FIBRE: i64 = 40;
/// Longest route of a PON, whatever the budget.
const LONGEST: Length = Length::from_millimetres(20_000_000);
/// Longest route of point-to-point optics of the usual kind (BX10).
const POINT_TO_POINT: Length = Length::from_millimetres(10_000_000);

/// What a bid says about its optics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Optics {
    /// Loss that the class of optics can bear, in hundredths of a decibel; `None` for point to point.
    budget: Option<i64>,
    /// Loss of the splitters, in hundredths of a decibel.
    splitters: i64,
    longest: Length,
}

/// Why a bid's words about its optics say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// Splitters come as 1:2, 1:4, ..., 1:128.
    OddSplit(u32),
    /// The class is not known.
    OddClass,
    /// A split is given, but no class.
    ClassMissing,
    /// A PON is promised, but no split is given.
    SplitMissing,
}

impl Optics {
    /// Reads technology, split and class; `None` where the bid says nothing about them.
    #[must_use]
    pub(super) fn read(
        technology: Option<&str>,
        split: Option<u32>,
        class: Option<&str>,
    ) -> Option<Result<Self, Unclear>> {
        let technology = technology.map(str::to_ascii_lowercase).unwrap_or_default();
        let is_pon = technology.contains("pon") || split.is_some_and(|split| split > 1);
        if !is_pon {
            let is_direct = split == Some(1) || technology.contains("p2p") || technology.contains("point");
            let longest = match class.map(str::to_ascii_uppercase).as_deref() {
                Some("BX20") => LONGEST,
                Some("BX40") => Length::from_millimetres(40_000_000),
                _ => POINT_TO_POINT,
            };
            return is_direct.then_some(Ok(Self { budget: None, splitters: 0, longest }));
        }
        let Some(split) = split else { return Some(Err(Unclear::SplitMissing)) };
        let splitters = match split {
            1 => 0,
            2 => 380,
            4 => 720,
            8 => 1080,
            16 => 1450,
            32 => 1750,
            64 => 2100,
            128 => 2450,
            other => return Some(Err(Unclear::OddSplit(other))),
        };
        let Some(class) = class else { return Some(Err(Unclear::ClassMissing)) };
        let budget = match class.trim().to_ascii_uppercase().trim_start_matches("GPON ").trim_start_matches("XGS ") {
            "B+" => 2800,
            "C+" => 3200,
            "N1" => 2900,
            "N2" => 3100,
            "E1" => 3300,
            _ => return Some(Err(Unclear::OddClass)),
        };
        Some(Ok(Self { budget: Some(budget), splitters, longest: LONGEST }))
    }

    /// The longest route that the light bears; nothing where even a route of no length is too much.
    #[must_use]
    pub(super) fn reach(&self) -> Option<Length> {
        let Some(budget) = self.budget else { return Some(self.longest) };
        let left = budget - FIXED - self.splitters;
        (left >= 0).then(|| Length::from_millimetres(left * 1_000_000 / FIBRE).min(self.longest))
    }

    /// What is too much on a route of this length, in words; `None` where the light arrives.
    #[must_use]
    pub(super) fn shortfall(&self, route: Length) -> Option<String> {
        if self.reach().is_some_and(|reach| route <= reach) {
            return None;
        }
        let kilometres = route.metres() / 1000.0;
        let Some(budget) = self.budget else {
            return Some(format!(
                "the route is {kilometres:.2} km, the optics reach {:.0} km",
                self.longest.metres() / 1000.0
            ));
        };
        let loss = FIXED + self.splitters + (route.millimetres() * FIBRE).div_euclid(1_000_000);
        if loss <= budget {
            return Some(format!("the route is {kilometres:.2} km, a PON reaches 20 km"));
        }
        let decibel = |hundredths: i64| hundredths as f64 / 100.0;
        Some(format!(
            "{kilometres:.2} km and the split lose {:.2} dB with connectors, splices and margin; the class bears {:.2} dB, \
             {:.2} dB too little",
            decibel(loss),
            decibel(budget),
            decibel(loss - budget)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_is_that_of_the_worked_table() {
        let reach = |class: &str, split: u32| {
            let optics = Optics::read(Some("pon"), Some(split), Some(class)).expect("told").expect("clear");
            optics.reach().map(|reach| (reach.metres() / 100.0).round() / 10.0)
        };
        // Worked by hand: (28 − 6 − 21) / 0.4 = 2.5 km, and so on.
        assert_eq!(reach("B+", 64), Some(2.5));
        assert_eq!(reach("N1", 32), Some(13.8));
        assert_eq!(reach("C+", 64), Some(12.5));
        assert_eq!(reach("C+", 16), Some(20.0));
        assert_eq!(reach("B+", 128), None);
    }

    #[test]
    fn what_cannot_be_is_told() {
        assert_eq!(Optics::read(Some("GPON"), Some(48), Some("B+")), Some(Err(Unclear::OddSplit(48))));
        assert_eq!(Optics::read(Some("GPON"), None, None), Some(Err(Unclear::SplitMissing)));
        assert_eq!(Optics::read(None, None, None), None);
    }
}
