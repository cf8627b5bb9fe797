//! How fibre is laid out: point-to-point or passive optical network, fibre counts, cable sizes, optical budget.
//!
//! Every default is practice or literature: sizes, spare shares and blow lengths by professional judgement; losses of
//! splitters are the upper ends of the ranges on data sheets; class budgets are those of ITU-T G.984.2 (B+, C+) and
//! G.9807.1 (N1, N2, E1).

use serde::{Deserialize, Serialize};

use crate::units::Length;

/// Point-to-point or passive optical network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topology {
    /// Every address has fibres of its own up to the PoP.
    #[default]
    P2p,
    /// Addresses share a fibre up to a splitter.
    Pon,
}

/// Where splitters are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SplitterSite {
    /// In cabinets and handholes: few fibres lead there from the PoP.
    #[default]
    Cabinet,
    /// In the PoP: outside it the network is point-to-point.
    Pop,
}

/// Optical class of a passive optical network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Optics {
    /// GPON class B+: 28 dB.
    #[serde(rename = "gpon-b+")]
    GponBPlus,
    /// GPON class C+: 32 dB.
    #[default]
    #[serde(rename = "gpon-c+")]
    GponCPlus,
    /// XGS-PON class N1: 29 dB.
    #[serde(rename = "xgs-n1")]
    XgsN1,
    /// XGS-PON class N2: 31 dB.
    #[serde(rename = "xgs-n2")]
    XgsN2,
    /// XGS-PON class E1: 33 dB.
    #[serde(rename = "xgs-e1")]
    XgsE1,
}

/// Architecture of the network: what a route may lose, how many fibres lead where, what they lie in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Architecture {
    /// `p2p` or `pon`.
    pub kind: Topology,
    /// Addresses that share a fibre of a passive optical network: 2, 4, 8, 16, 32, 64 or 128.
    pub split: u32,
    /// `cabinet` or `pop`.
    pub splitters: SplitterSite,
    /// Class of a passive optical network: `gpon-b+`, `gpon-c+`, `xgs-n1`, `xgs-n2`, `xgs-e1`.
    pub optics: Optics,
    /// Longest route of point-to-point optics, in metres: 10 km with the usual ones (BX10), 20 km with BX20.
    pub p2p_reach_m: f64,
    /// Longest route of a passive optical network whatever its budget, in metres.
    pub pon_reach_m: f64,
    /// Loss of fibre, in dB per km (G.652.D at 1310 nm loses 0.35; 0.4 is the usual design value).
    pub fibre_db_per_km: f64,
    /// Splices on a route.
    pub route_splices: u32,
    /// Loss of a splice, in dB.
    pub splice_db: f64,
    /// Connectors on a route.
    pub route_connectors: u32,
    /// Loss of a connector, in dB.
    pub connector_db: f64,
    /// Loss that is kept in hand for repairs and ageing, in dB.
    pub margin_db: f64,
    /// Fibres to each connection.
    pub fibres_per_address: u32,
    /// Fibres from the PoP to each business park's handover point.
    pub fibres_per_park: u32,
    /// Share of fibres that trunk cables hold in spare, from 0 to 1.
    pub spare_trunk: f64,
    /// Share of fibres that distribution cables hold in spare, from 0 to 1.
    pub spare_distribution: f64,
    /// Cables that are bought, by their number of fibres; each needs a price `cable.N`.
    pub cable_sizes: Vec<u32>,
    /// Cables that one bundle of micro-ducts holds.
    pub duct_ways: u32,
    /// Longest piece that cable is blown in at once, in metres: there is a handhole, a cabinet or a PoP at least this often.
    pub blow_m: f64,
    /// Longest distribution cable: from cabinet or handhole, or the PoP itself, to the foot of a drop, in metres.
    pub distribution_max_m: f64,
    /// Connections that a handhole serves as a distribution point; a larger one is a cabinet.
    pub handhole_connections: u32,
}

impl Default for Architecture {
    fn default() -> Self {
        Self {
            kind: Topology::P2p,
            split: 32,
            splitters: SplitterSite::Cabinet,
            optics: Optics::GponCPlus,
            p2p_reach_m: 20_000.0,
            pon_reach_m: 20_000.0,
            fibre_db_per_km: 0.4,
            route_splices: 10,
            splice_db: 0.1,
            route_connectors: 4,
            connector_db: 0.5,
            margin_db: 3.0,
            fibres_per_address: 2,
            fibres_per_park: 12,
            spare_trunk: 0.25,
            spare_distribution: 0.10,
            cable_sizes: vec![12, 24, 48, 96, 144, 192, 288],
            duct_ways: 7,
            blow_m: 2000.0,
            distribution_max_m: 2000.0,
            handhole_connections: 24,
        }
    }
}

/// How far a route may go, and what it loses on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The longest route.
    pub longest: Length,
    /// What the budget leaves for fibre, in thousandths of a dB; negative where splitters and splices alone lose more.
    /// `None` for point-to-point optics, which have a length only.
    pub for_fibre: Option<i64>,
    /// Loss of a kilometre of fibre, in thousandths of a dB.
    pub per_km: i64,
}

impl Architecture {
    /// The hard limit on the routes of addresses. Source of the reckoning: ITU-T G.984.2; losses add up.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let per_km = thousandths(self.fibre_db_per_km);
        match self.kind {
            Topology::P2p => Reach { longest: metres(self.p2p_reach_m), for_fibre: None, per_km },
            Topology::Pon => {
                let fixed = i64::from(self.route_splices) * thousandths(self.splice_db)
                    + i64::from(self.route_connectors) * thousandths(self.connector_db)
                    + thousandths(self.margin_db);
                let left = self.optics.budget() - splitter_loss(self.split) - fixed;
                let by_budget =
                    Length::from_millimetres((left.max(0) * 1_000_000).checked_div(per_km).unwrap_or(i64::MAX));
                Reach { longest: by_budget.min(metres(self.pon_reach_m)), for_fibre: Some(left), per_km }
            }
        }
    }

    /// The hard limit on the routes of parks, which are point-to-point in any case.
    #[must_use]
    pub fn park_reach(&self) -> Reach {
        Reach { longest: metres(self.p2p_reach_m), for_fibre: None, per_km: thousandths(self.fibre_db_per_km) }
    }

    /// Fibres in use between the PoP and a distribution point of so many connections.
    #[must_use]
    pub fn trunk_fibres(&self, connections: u32) -> u32 {
        if self.splits_in_cabinets() { connections.div_ceil(self.split) } else { self.drop_fibres(connections) }
    }

    /// Fibres in use from distribution points to so many connections.
    #[must_use]
    pub fn drop_fibres(&self, connections: u32) -> u32 {
        connections * self.fibres_per_address
    }

    /// Whether splitters stand in cabinets and handholes.
    #[must_use]
    pub fn splits_in_cabinets(&self) -> bool {
        self.kind == Topology::Pon && self.splitters == SplitterSite::Cabinet
    }

    /// Fibres that trunk cables must hold for so many in use.
    #[must_use]
    pub fn with_trunk_spare(&self, used: u32) -> u32 {
        with_spare(used, self.spare_trunk)
    }

    /// Fibres that distribution cables must hold for so many in use.
    #[must_use]
    pub fn with_distribution_spare(&self, used: u32) -> u32 {
        with_spare(used, self.spare_distribution)
    }

    /// Length that distribution cable may have.
    #[must_use]
    pub fn distribution_max(&self) -> Length {
        metres(self.distribution_max_m)
    }

    /// Length that cable can be blown in at once.
    #[must_use]
    pub fn blow(&self) -> Length {
        metres(self.blow_m)
    }
}

impl Optics {
    /// Budget of the class, in thousandths of a dB.
    #[must_use]
    pub const fn budget(self) -> i64 {
        match self {
            Self::GponBPlus => 28_000,
            Self::GponCPlus => 32_000,
            Self::XgsN1 => 29_000,
            Self::XgsN2 => 31_000,
            Self::XgsE1 => 33_000,
        }
    }
}

/// Loss of a splitter, in thousandths of a dB: the upper end of what data sheets give (link loss tables of `jjsats.co.th`).
#[must_use]
pub const fn splitter_loss(split: u32) -> i64 {
    match split {
        0..=1 => 0,
        2 => 3_800,
        3..=4 => 7_200,
        5..=8 => 10_800,
        9..=16 => 14_500,
        17..=32 => 17_500,
        33..=64 => 21_000,
        _ => 24_500,
    }
}

fn with_spare(used: u32, share: f64) -> u32 {
    let points = (share * 10_000.0).round() as u64;
    (u64::from(used) * (10_000 + points)).div_ceil(10_000) as u32
}

fn thousandths(decibels: f64) -> i64 {
    (decibels * 1000.0).round() as i64
}

fn metres(metres: f64) -> Length {
    Length::from_metres(metres).unwrap_or(Length::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reaches in km from class budget, splitter, 10 splices, 4 connectors and a margin of 3 dB: worked by hand.
    #[test]
    fn reach_follows_from_class_and_split() {
        let reach = |optics, split| {
            let architecture = Architecture { kind: Topology::Pon, optics, split, ..Architecture::default() };
            architecture.reach().longest.millimetres()
        };
        assert_eq!(reach(Optics::GponBPlus, 16), 18_750_000);
        assert_eq!(reach(Optics::GponBPlus, 32), 11_250_000);
        assert_eq!(reach(Optics::GponBPlus, 64), 2_500_000);
        assert_eq!(reach(Optics::XgsN1, 64), 5_000_000);
        assert_eq!(reach(Optics::XgsN2, 64), 10_000_000);
        assert_eq!(reach(Optics::GponCPlus, 64), 12_500_000);
        assert_eq!(reach(Optics::GponCPlus, 32), 20_000_000, "capped");
        assert_eq!(reach(Optics::GponBPlus, 128), 0, "nothing is left for fibre");
    }

    #[test]
    fn spare_is_rounded_up_to_whole_fibres() {
        let architecture = Architecture::default();
        assert_eq!(architecture.with_trunk_spare(12), 15);
        assert_eq!(architecture.with_trunk_spare(13), 17);
        assert_eq!(architecture.with_distribution_spare(0), 0);
        assert_eq!(architecture.trunk_fibres(33), 66);
        let pon = Architecture { kind: Topology::Pon, ..architecture };
        assert_eq!(pon.trunk_fibres(33), 2);
    }
}
