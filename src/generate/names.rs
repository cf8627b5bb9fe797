//! Invented names that sound as if they came from the Achterhoek.

use std::collections::BTreeSet;

use crate::generate::dice::Dice;

const STARTS: [&str; 36] = [
    "Haver", "Wolt", "Lich", "Eibe", "Rade", "Hengel", "Gels", "Zwie", "Brede", "Kot", "Meer", "Ooster", "Wester",
    "Hoen", "Varse", "Slang", "Bars", "Toll", "Gorp", "Hummel", "Keijen", "Lint", "Mallem", "Noor", "Rek", "Sinder",
    "Terwe", "Vrage", "Wild", "Zilver", "Drem", "Elder", "Bork", "Holt", "Ram", "Dinx",
];
const ENDS: [&str; 18] = [
    "lo", "veld", "horst", "broek", "wijk", "hem", "laar", "kamp", "ink", "donk", "beek", "rode", "huizen", "voorde",
    "berge", "eren", "sel", "stede",
];
const QUALITIES: [&str; 6] = ["", "Oud-", "Nieuw-", "Hoog-", "Laag-", "Klein-"];

/// So many different village names.
pub(super) fn villages(dice: &mut Dice, count: usize) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut names = Vec::with_capacity(count);
    let mut tries = 0usize;
    while names.len() < count {
        let quality = if tries < 2 * count { "" } else { dice.pick(&QUALITIES) };
        let mut name = format!("{quality}{}{}", dice.pick(&STARTS), dice.pick(&ENDS));
        if tries > 20 * count {
            name = format!("{name} {}", names.len() + 1);
        }
        tries += 1;
        if taken.insert(name.clone()) {
            names.push(name);
        }
    }
    names
}

/// The name of the so-manieth park.
pub(super) fn park(dice: &mut Dice, village: &str, number: usize) -> String {
    let kinds = ["De Kolk", "Het Lage Veld", "Industrieterrein", "De Handelskamp", "Bedrijvenpark", "De Laarberg"];
    let kind = kinds[number % kinds.len()];
    if kind.starts_with("De ") || kind.starts_with("Het ") {
        format!("{kind} {village}")
    } else {
        format!("{kind} {village}{}", dice.pick(&["", "-Oost", "-West", "-Zuid"]))
    }
}

const STREETS: [&str; 44] = [
    "Kerkstraat",
    "Schoolstraat",
    "Molenstraat",
    "Nieuwstraat",
    "Beatrixstraat",
    "Julianastraat",
    "Wilhelminalaan",
    "Lindelaan",
    "Eikenlaan",
    "Beukenlaan",
    "Kastanjestraat",
    "Acacialaan",
    "Esdoornstraat",
    "Berkenlaan",
    "Merelstraat",
    "Lijsterstraat",
    "Vinkenstraat",
    "Zwaluwstraat",
    "Spreeuwenstraat",
    "Korenbloemstraat",
    "Klaproosstraat",
    "Boterbloemstraat",
    "Burgemeester Galamastraat",
    "Pastoor Thuisstraat",
    "Raadhuisstraat",
    "Stationsstraat",
    "Veldstraat",
    "Akkerstraat",
    "Roggestraat",
    "Haverstraat",
    "Gerstestraat",
    "Bongerd",
    "De Hofstede",
    "De Esch",
    "Het Hoge",
    "Achterom",
    "Smidsstraat",
    "Bakkerstraat",
    "Tuinstraat",
    "Parallelweg",
    "Zuivelweg",
    "Sportlaan",
    "Wehmerstraat",
    "Kloosterstraat",
];
const LANES: [&str; 26] = [
    "Broek",
    "Hei",
    "Veld",
    "Es",
    "Bos",
    "Kamp",
    "Goor",
    "Maat",
    "Kolk",
    "Water",
    "Molen",
    "Kerk",
    "Hout",
    "Lage",
    "Hoge",
    "Oude",
    "Vos",
    "Haze",
    "Reigers",
    "Leemputten",
    "Zand",
    "Turf",
    "Schapen",
    "Ossen",
    "Slot",
    "Steen",
];
const LANE_ENDS: [&str; 8] = ["weg", "weg", "weg", "dijk", "laan", "steeg", "sedijk", "allee"];

/// The name of a village's so-manieth street.
pub(super) fn street(number: usize) -> String {
    let name = STREETS[number * 17 % STREETS.len()];
    match number / STREETS.len() {
        0 => name.to_owned(),
        round => format!("{} {name}", ["Nieuwe", "Oude", "Lage", "Hoge", "Korte", "Lange"][(round - 1) % 6]),
    }
}

/// The name of a road through the fields.
pub(super) fn lane(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&LANES), dice.pick(&LANE_ENDS))
}

/// The name of a track.
pub(super) fn track(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&LANES), dice.pick(&["pad", "weg", "steeg"]))
}

/// The name of a road on a business park.
pub(super) fn park_road(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "Industrieweg",
        "Nijverheidsweg",
        "Ambachtsweg",
        "Handelsweg",
        "Fabrieksweg",
        "Transportweg",
        "De Stroet",
    ])
}

/// The name of a stretch of fields.
pub(super) fn outskirts(dice: &mut Dice) -> String {
    format!(
        "{}{}",
        dice.pick(&STARTS),
        dice.pick(&["se Broek", "se Veld", "se Heide", "hoek", "sche Buurt", "se Maten"])
    )
}
