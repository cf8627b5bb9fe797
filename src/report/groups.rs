//! The bill by group on the page: sums of each grouping, which add up to the total.

use minijinja::{Value as Shown, context};

use crate::report::Told;
use crate::report::page::euros;
use crate::report::tables::grouped_bills;
use crate::units::Money;

/// Groups of one grouping that are shown; those with the smallest sums are told of together.
const SHOWN: usize = 30;

/// Groupings as they are told, in English and Dutch. Units are in the ranking.
const TITLES: [(&str, &str, &str); 5] = [
    ("year", "By year", "Per jaar"),
    ("municipality", "By municipality", "Per gemeente"),
    ("neighbourhood", "By neighbourhood or district", "Per buurt of wijk"),
    ("tier", "By tier", "Per rang"),
    ("pop", "By PoP area", "Per PoP-gebied"),
];

/// Words for groups that are no names.
fn words(name: &str) -> (&str, &str) {
    match name {
        "later" => ("later than these years", "later dan deze jaren"),
        "none" => ("outside all of them", "buiten alle"),
        "unknown" => ("not known", "niet bekend"),
        name => (name, name),
    }
}

/// Every grouping with several groups: its title, and a row for each group with its sum and share of the total.
pub(super) fn groups(told: &Told<'_>) -> Vec<Shown> {
    let total = told.plan.bill.total();
    let bills = grouped_bills(told);
    let mut all = Vec::new();
    for (key, english, dutch) in TITLES {
        let Some((_, groups)) = bills.iter().find(|(grouping, _)| *grouping == key) else { continue };
        let mut sums: Vec<(&str, Money)> =
            groups.iter().map(|(name, rows)| (name.as_str(), rows.iter().map(|row| row.amount).sum())).collect();
        // One group alone tells something only where it is a place.
        let is_place = key == "municipality" && sums.iter().any(|(name, _)| *name != "unknown");
        if sums.len() < 2 && !is_place {
            continue;
        }
        if sums.len() > SHOWN {
            sums.sort_by_key(|&(name, sum)| (std::cmp::Reverse(sum), name));
        }
        let rest: Money = sums.iter().skip(SHOWN).map(|(_, sum)| *sum).sum();
        let others = sums.len().saturating_sub(SHOWN);
        let share =
            |sum: Money| if total.cents() == 0 { 0.0 } else { sum.cents() as f64 / total.cents() as f64 * 100.0 };
        let row = |english: &str, dutch: &str, sum: Money| {
            let percent = format!("{:.1}", share(sum));
            context! { english, dutch, amount => euros(sum), percent, width => share(sum) }
        };
        let mut rows: Vec<Shown> = sums
            .iter()
            .take(SHOWN)
            .map(|&(name, sum)| {
                let (english, dutch) = words(name);
                row(english, dutch, sum)
            })
            .collect();
        if others > 0 {
            rows.push(row(&format!("{others} others"), &format!("{others} andere"), rest));
        }
        rows.push(row("total", "totaal", total));
        all.push(context! { english, dutch, rows });
    }
    all
}
