//! Why a unit has its rank, in sentences that a provincial reader understands, in English and Dutch.

use crate::report::Told;
use crate::rollout::UnitKind;
use crate::scenario::{Scenario, UseClass};
use crate::units::Money;

/// The same sentence in both languages, without a full stop.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) english: String,
    pub(super) dutch: String,
}

impl Said {
    fn add(&mut self, english: &str, dutch: &str) {
        self.english.push_str(english);
        self.dutch.push_str(dutch);
    }
}

/// What the tiers are called in both languages, first tier first.
pub(super) fn tier_names(scenario: &Scenario) -> Vec<Said> {
    let named = scenario.priority.tiers.iter().map(|tier| {
        let join = |word: fn(UseClass) -> &'static str| tier.iter().map(|&class| word(class)).collect::<Vec<_>>();
        Said { english: join(UseClass::name).join(", "), dutch: join(dutch).join(", ") }
    });
    let said = |english: &str, dutch: &str| Said { english: english.to_owned(), dutch: dutch.to_owned() };
    std::iter::once(said("business parks", "bedrijventerreinen")).chain(named).chain([said("rest", "overig")]).collect()
}

const fn dutch(class: UseClass) -> &'static str {
    match class {
        UseClass::Residential => "wonen",
        UseClass::Care => "zorg",
        UseClass::Agri => "agrarisch",
        UseClass::Education => "onderwijs",
        UseClass::Business => "bedrijf",
        UseClass::Other => "anders",
    }
}

/// Reasons of all units of a plan.
pub(super) struct Reasons<'a> {
    told: &'a Told<'a>,
    tiers: Vec<Said>,
    /// Connections by tier in everything that needs the unit, itself included.
    beyond: Vec<Vec<u32>>,
    /// Units right behind each one, those that come first in the order first.
    behind: Vec<Vec<u32>>,
}

impl<'a> Reasons<'a> {
    pub(super) fn new(told: &'a Told<'a>) -> Self {
        let units = &told.rollout.units.all;
        let mut beyond: Vec<Vec<u32>> = units.iter().map(|unit| unit.need.clone()).collect();
        for place in (0..units.len()).rev() {
            if let Some(after) = units[place].after {
                let ours = beyond[place].clone();
                beyond[after as usize].iter_mut().zip(ours).for_each(|(sum, count)| *sum += count);
            }
        }
        let mut behind = vec![Vec::new(); units.len()];
        for &place in &told.rollout.order.sequence {
            if let Some(after) = units[place as usize].after {
                behind[after as usize].push(place);
            }
        }
        Self { told, tiers: tier_names(told.scenario), beyond, behind }
    }

    /// Why the unit is where it is.
    pub(super) fn of(&self, place: u32) -> Said {
        let unit = &self.told.rollout.units.all[place as usize];
        let mut said = if unit.need.iter().all(|&count| count == 0) { self.route(place) } else { self.serves(place) };
        if let Some(tier) = self.told.rollout.needs.units[place as usize].lapsed {
            let name = &self.tiers[usize::from(tier)];
            said.add(
                &format!("; dearer than the limit for {}, so it counts with the rest", name.english),
                &format!("; duurder dan de grens voor {}, telt daarom mee met de rest", name.dutch),
            );
        }
        if let Some(after) = unit.after.filter(|_| unit.kind != UnitKind::Trunk) {
            let trunk = self.told.rollout.needs.units[place as usize].trunk;
            let name = &self.told.rollout.units.all[after as usize].name;
            said.add(
                &format!("; after {name} (EUR {} of shared route)", whole(trunk)),
                &format!("; na {name} (EUR {} gedeelde route)", whole(trunk)),
            );
        }
        said
    }

    fn counts(&self, counts: &[u32]) -> Said {
        let some = counts.iter().zip(&self.tiers).filter(|(count, _)| **count > 0);
        let (english, dutch): (Vec<String>, Vec<String>) = some
            .map(|(count, tier)| (format!("{count} of {}", tier.english), format!("{count} {}", tier.dutch)))
            .unzip();
        Said { english: english.join(", "), dutch: dutch.join(", ") }
    }

    fn serves(&self, place: u32) -> Said {
        let (unit, need) =
            (&self.told.rollout.units.all[place as usize], &self.told.rollout.needs.units[place as usize]);
        let connections: u32 = unit.need.iter().sum();
        if connections == 1 {
            return self.serves_one(unit.cost, place);
        }
        let each = whole(Money::from_cents(unit.cost.cents() / i64::from(connections.max(1))));
        let counts = self.counts(&unit.need);
        let first = need.by_tier.iter().position(|&points| points > 0);
        let Some(first) = first else {
            return Said {
                english: format!(
                    "{connections} connections ({}) at EUR {each} each; fast networks are there already",
                    counts.english
                ),
                dutch: format!(
                    "{connections} aansluitingen ({}) voor EUR {each} per stuk; er liggen al snelle netten",
                    counts.dutch
                ),
            };
        };
        let per = need.by_tier[first] as f64 / 100.0 / (unit.cost.euros() / 1000.0).max(0.001);
        let tier = &self.tiers[first];
        Said {
            english: format!(
                "{connections} connections ({}) at EUR {each} each: {per:.1} need points of {} per EUR 1,000",
                counts.english, tier.english
            ),
            dutch: format!(
                "{connections} aansluitingen ({}) voor EUR {each} per stuk: {} behoeftepunten {} per EUR 1.000",
                counts.dutch,
                format!("{per:.1}").replace('.', ","),
                tier.dutch
            ),
        }
    }

    fn serves_one(&self, cost: Money, place: u32) -> Said {
        let counts = self.counts(&self.told.rollout.units.all[place as usize].need);
        let cost = whole(cost);
        Said {
            english: format!("one connection ({}) at EUR {cost}", counts.english),
            dutch: format!("een aansluiting ({}) voor EUR {cost}", counts.dutch),
        }
    }

    fn route(&self, place: u32) -> Said {
        let all = &self.told.rollout.units.all;
        let names: Vec<&str> =
            self.behind[place as usize].iter().take(3).map(|&next| all[next as usize].name.as_str()).collect();
        let counts = self.counts(&self.beyond[place as usize]);
        if names.is_empty() {
            return Said { english: "serves nobody by itself".to_owned(), dutch: "bedient zelf niemand".to_owned() };
        }
        Said {
            english: format!("shared route to {}; behind it wait {}", names.join(", "), counts.english),
            dutch: format!("gedeelde route naar {}; daarachter wachten {}", names.join(", "), counts.dutch),
        }
    }
}

/// Whole euros.
fn whole(amount: Money) -> i64 {
    (amount.cents() + 50).div_euclid(100)
}
