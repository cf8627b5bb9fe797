//! Unit prices of ducts, cables, splices, splitters and distribution points.

use crate::scenario::{Unit, key};

/// Prices in euros excluding VAT: low, default, high. Sources: literature where named, else professional judgement.
pub(super) const DEFAULTS: &[(&str, Unit, f64, f64, f64, &str)] = &[
    (key::DUCT_BUNDLE, Unit::Metre, 1.0, 2.0, 4.0, "judgement: bundle of 7 micro-ducts in the open trench"),
    (key::DUCT_DROP, Unit::Metre, 0.4, 0.8, 1.5, "judgement: single micro-duct of 7 or 8 mm"),
    ("cable.12", Unit::Metre, 0.3, 0.4, 0.7, "judgement: micro-cable of 12 fibres"),
    ("cable.24", Unit::Metre, 0.4, 0.55, 0.9, "judgement: micro-cable of 24 fibres"),
    ("cable.48", Unit::Metre, 0.6, 0.8, 1.3, "judgement: micro-cable of 48 fibres"),
    ("cable.96", Unit::Metre, 1.0, 1.3, 2.0, "judgement: micro-cable of 96 fibres"),
    ("cable.144", Unit::Metre, 1.3, 1.75, 2.7, "judgement: micro-cable of 144 fibres"),
    ("cable.192", Unit::Metre, 1.7, 2.2, 3.4, "judgement: micro-cable of 192 fibres"),
    ("cable.288", Unit::Metre, 2.4, 3.1, 4.8, "judgement: micro-cable of 288 fibres"),
    ("cable.432", Unit::Metre, 3.4, 4.5, 7.0, "judgement: cable of 432 fibres"),
    (key::CABLE_DROP, Unit::Metre, 0.3, 0.62, 1.0, "drop pair 0.62 EUR/m in ftth_planner"),
    (key::BLOW, Unit::Metre, 0.3, 0.6, 1.2, "judgement: blowing in a metre of cable"),
    (key::SPLICE, Unit::Each, 5.0, 10.0, 20.0, "judgement: one fibre, cassette included"),
    (key::HANDHOLE, Unit::Each, 300.0, 700.0, 1500.0, "judgement; 500 GBP for a small cabinet in digital_comms"),
    (
        key::HANDHOLE_DP,
        Unit::Each,
        300.0,
        700.0,
        1500.0,
        "judgement: handhole with a closure; 500 GBP for a small cabinet in digital_comms",
    ),
    ("splitter.1x2", Unit::Each, 5.0, 15.0, 30.0, "judgement"),
    ("splitter.1x4", Unit::Each, 8.0, 20.0, 40.0, "judgement"),
    ("splitter.1x8", Unit::Each, 10.0, 30.0, 60.0, "judgement"),
    ("splitter.1x16", Unit::Each, 15.0, 50.0, 100.0, "judgement, between the sizes beside it"),
    ("splitter.1x32", Unit::Each, 20.0, 80.0, 150.0, "20 in ftth_planner; range by judgement"),
    ("splitter.1x64", Unit::Each, 40.0, 140.0, 260.0, "judgement, two of 1x32 less a housing"),
    ("splitter.1x128", Unit::Each, 80.0, 260.0, 480.0, "judgement, four of 1x32 less housings"),
    (key::ACTIVE_PORT, Unit::Each, 40.0, 80.0, 150.0, "judgement: port of a switch, or share of an OLT"),
];
