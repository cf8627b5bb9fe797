//! A bid against the list of addresses: what is served, what is not, and everything that does not add up.

use std::collections::BTreeMap;

use geo::{Coord, MultiPolygon};
use rstar::primitives::GeomWithData;
use rstar::{PointDistance, RTree};

use crate::findings::{Finding, Severity};
use crate::graph::NodeId;
use crate::region::{AddressId, Region, Standing};
use crate::tender::bid::{Bid, Claim, Level};
use crate::tender::call::{Demands, Reading};
use crate::tender::optics::{Optics, Unclear};
use crate::tender::routes::Routes;
use crate::units::Length;

/// The addresses that all bids are compared on.
#[derive(Debug)]
pub struct List<'a> {
    /// The land.
    pub region: &'a Region,
    /// Whether each address is to be served in the lots that the bid is for.
    pub wanted: Vec<bool>,
    /// Whether each park is.
    pub parks_wanted: Vec<bool>,
    /// Where PoPs may stand.
    pub pops: Vec<Coord<f64>>,
    /// Longest drop, in metres.
    pub longest_drop: f64,
}

/// What became of an address in a bid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How far the bid says to serve it.
    pub claimed: Option<Level>,
    /// How far its routes do serve it.
    pub served: Option<Level>,
    /// Route length from the PoP, along the bid's routes.
    pub route: Option<Length>,
    /// Straight length of a drop that the bid does not draw.
    pub drop: Option<Length>,
}

/// What became of a park in a bid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeenPark {
    /// Whether the bid says to connect it.
    pub claimed: bool,
    /// Whether its routes lead there.
    pub reached: bool,
    /// Whether two routes without a common trench lead there.
    pub redundant: bool,
}

/// A bid checked against the list.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// By address of the region.
    pub addresses: Vec<Seen>,
    /// By park of the region.
    pub parks: Vec<SeenPark>,
    /// PoPs used, with the scenario's candidate that each is, by place.
    pub pops: Vec<(Coord<f64>, Option<usize>)>,
    /// Wanted addresses that the bid does not name.
    pub missing: Vec<AddressId>,
    /// Records of addresses that are not on the list: known but not wanted, unknown, outside the area.
    pub strangers: [usize; 3],
    /// Records that name an address again.
    pub twice: usize,
    /// Every doubt, those of the bid's reading not included.
    pub findings: Vec<Finding>,
}

const ADDRESSES: &str = "addresses";

/// Checks a bid. Time: O(n log n).
#[must_use]
pub fn check(bid: &Bid, list: &List<'_>, rules: &Reading, demands: &Demands) -> Checked {
    let mut checker = Checker { bid, list, rules, found: Checked::default() };
    checker.found.addresses = vec![Seen::default(); list.region.addresses.len()];
    checker.match_claims();
    checker.tell_missing();
    checker.follow_routes(demands);
    checker.judge_sheet(demands);
    checker.found.findings.sort();
    checker.found
}

struct Checker<'a> {
    bid: &'a Bid,
    list: &'a List<'a>,
    rules: &'a Reading,
    found: Checked,
}

impl Checker<'_> {
    fn tell(&mut self, severity: Severity, rule: &'static str, layer: &str, at: &str, (what, advice): (String, &str)) {
        self.found.findings.push(Finding::new(severity, rule, layer, what, advice).at(at));
    }

    fn match_claims(&mut self) {
        let region = self.list.region;
        let mut by_key: BTreeMap<&str, AddressId> = BTreeMap::new();
        for (place, address) in region.addresses.iter().enumerate() {
            by_key.entry(address.key.as_str()).or_insert(AddressId(place as u32));
        }
        let points: Vec<GeomWithData<[f64; 2], u32>> = region
            .addresses
            .iter()
            .enumerate()
            .filter_map(|(place, address)| Some(GeomWithData::new(address.point.map(|at| [at.x, at.y])?, place as u32)))
            .collect();
        let points = RTree::bulk_load(points);
        let mut first: BTreeMap<AddressId, &str> = BTreeMap::new();
        // Several addresses may stand at one point: points without an id name them one after the other.
        for claim in &self.bid.claims {
            match self.find(claim, &by_key, &points, &first) {
                Ok(address) => self.claim(claim, address, &mut first),
                Err((outside, what)) => {
                    let (rule, place) = if outside { ("address-outside-area", 2) } else { ("address-unknown", 1) };
                    self.found.strangers[place] += 1;
                    let advice = "it does not count; name addresses of the list";
                    self.tell(Severity::Error, rule, ADDRESSES, &claim.record, (what, advice));
                }
            }
        }
    }

    /// The listed address that a record names, or whether it lies outside the area, and what is wrong.
    fn find(
        &self,
        claim: &Claim,
        by_key: &BTreeMap<&str, AddressId>,
        points: &RTree<GeomWithData<[f64; 2], u32>>,
        taken: &BTreeMap<AddressId, &str>,
    ) -> Result<AddressId, (bool, String)> {
        if let Some(&known) = claim.key.as_deref().and_then(|key| by_key.get(key)) {
            return Ok(known);
        }
        let at = claim.point.map(|point| [point.x, point.y]);
        let nearest = at.and_then(|at| Some((points.nearest_neighbor(at)?, at)));
        let metres = nearest.map(|(near, at)| near.distance_2(&at).sqrt());
        if let (None, Some((near, at)), Some(metres)) = (&claim.key, nearest, metres)
            && metres <= self.rules.match_m
        {
            let here = near.distance_2(&at);
            let mut same: Vec<u32> = points
                .locate_within_distance(at, here + 1e-6)
                .map(|near| near.data)
                .filter(|&place| self.list.region.addresses[place as usize].standing == Standing::Target)
                .collect();
            same.sort_unstable();
            let free = same.iter().copied().map(AddressId).find(|address| !taken.contains_key(address));
            return Ok(free.or_else(|| same.first().copied().map(AddressId)).unwrap_or(AddressId(near.data)));
        }
        let named = claim.key.as_ref().map_or("its point".to_owned(), |key| format!("the id `{key}`"));
        let far = metres.map_or(String::new(), |metres| format!("; the nearest listed address is {metres:.0} m away"));
        Err((metres.is_some_and(|metres| metres > self.rules.outside_m), format!("{named} is not on the list{far}")))
    }

    fn claim<'b>(&mut self, claim: &'b Claim, address: AddressId, first: &mut BTreeMap<AddressId, &'b str>) {
        let listed = &self.list.region.addresses[address.0 as usize];
        let key = listed.key.clone();
        if let Some(before) = first.get(&address) {
            self.found.twice += 1;
            let text = (format!("{key} is named by {before} already"), "it counts once; delete one of the two");
            self.tell(Severity::Warning, "address-claimed-twice", ADDRESSES, &claim.record, text);
            return;
        }
        first.insert(address, &claim.record);
        if !self.list.wanted[address.0 as usize] {
            self.found.strangers[0] += 1;
            let why = match &listed.standing {
                Standing::Target => "it lies outside the lots that the bid is for".to_owned(),
                Standing::BuiltUp => "it lies in a built-up area, outside the scope".to_owned(),
                Standing::Dense => "the address density there is too high for the scope".to_owned(),
                Standing::Status(status) => format!("its status is `{status}`"),
                Standing::Duplicate(_) => "another address has the same id".to_owned(),
                Standing::NoPoint => "it has no usable point".to_owned(),
            };
            let text =
                (format!("{key} is not asked for: {why}"), "it does not count; nothing to mend if it comes free");
            self.tell(Severity::Warning, "address-extra", ADDRESSES, &claim.record, text);
            return;
        }
        if let (Some(given), Some(listed)) = (claim.point, listed.point) {
            let metres = (given.x - listed.x).hypot(given.y - listed.y);
            if metres > 10.0 * self.rules.match_m {
                let text =
                    (format!("{key} is drawn {metres:.0} m from where it is listed"), "the list counts; check the id");
                self.tell(Severity::Warning, "address-moved", ADDRESSES, &claim.record, text);
            }
        }
        self.found.addresses[address.0 as usize].claimed = Some(claim.level);
    }

    fn tell_missing(&mut self) {
        let wanted = self.list.wanted.iter().zip(&self.found.addresses).enumerate();
        let missing = wanted.filter(|(_, (wanted, seen))| **wanted && seen.claimed.is_none());
        self.found.missing = missing.map(|(place, _)| AddressId(place as u32)).collect();
        if let Some(&first) = self.found.missing.first() {
            let count = self.found.missing.len();
            let key = &self.list.region.addresses[first.0 as usize].key;
            let text = (
                format!("{count} addresses that are asked for are not offered, the first is {key}"),
                "addresses.csv tells which; offer them or say why not",
            );
            self.tell(Severity::Warning, "address-missing", ADDRESSES, "", text);
        }
    }

    fn follow_routes(&mut self, demands: &Demands) {
        let claimed: Vec<usize> =
            (0..self.found.addresses.len()).filter(|&place| self.found.addresses[place].claimed.is_some()).collect();
        self.found.parks = vec![SeenPark::default(); self.list.region.parks.len()];
        self.claim_parks(&claimed);
        if self.bid.lines.is_empty() {
            let text = ("the bid has no routes".to_owned(), "nothing can be checked or priced; ask for them");
            self.tell(Severity::Error, "no-routes", "routes", "", text);
            return;
        }
        let drawn = self.bid.sheet.drops_drawn.unwrap_or(true);
        let reach = |level: Level| {
            if drawn && level == Level::Connected { self.rules.reach_m } else { self.list.longest_drop }
        };
        let region = self.list.region;
        let mut sites: Vec<(Coord<f64>, f64)> = claimed
            .iter()
            .map(|&place| {
                let level = self.found.addresses[place].claimed.unwrap_or(Level::Offered);
                (region.addresses[place].point.unwrap_or(Coord { x: 0.0, y: 0.0 }), reach(level))
            })
            .collect();
        let given = !self.bid.pops.is_empty();
        let pops: Vec<Coord<f64>> = if given { self.bid.pops.clone() } else { self.list.pops.clone() };
        sites.extend(pops.iter().map(|&pop| (pop, self.rules.pop_m)));
        let outlines: Vec<&MultiPolygon<f64>> = region.parks.iter().map(|park| &park.outline).collect();
        let routes = Routes::build(&self.bid.lines, self.rules.join_m, &sites, &outlines, self.rules.reach_m);
        let starts = self.place_pops(&pops, &routes, claimed.len(), given);
        let distances = routes.distances(&starts);
        self.judge_addresses(&claimed, &routes, &distances, drawn);
        self.judge_parks(&routes, &starts, &distances, demands);
    }

    /// PoPs that routes lead to; the nodes where they do.
    fn place_pops(&mut self, pops: &[Coord<f64>], routes: &Routes, first: usize, given: bool) -> Vec<NodeId> {
        let mut starts = Vec::new();
        for (place, pop) in pops.iter().enumerate() {
            let touch = routes.touches[first + place];
            let metres = |other: &Coord<f64>| (other.x - pop.x).hypot(other.y - pop.y);
            let near = self.list.pops.iter().map(metres).enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
            let candidate = near.filter(|(_, metres)| *metres <= self.rules.pop_m).map(|(place, _)| place);
            let record = format!("PoP {}", place + 1);
            match touch {
                Some(touch) => {
                    starts.push(touch.node);
                    self.found.pops.push((*pop, candidate));
                    if given && candidate.is_none() {
                        let text =
                            ("it stands at none of the scenario's sites".to_owned(), "it is priced as a new PoP");
                        self.tell(Severity::Info, "pop-not-a-candidate", "pops", &record, text);
                    }
                }
                None if given => {
                    let text = ("no route leads to it".to_owned(), "it serves nothing; draw the routes up to it");
                    self.tell(Severity::Warning, "pop-not-reached", "pops", &record, text);
                }
                None => {}
            }
        }
        if starts.is_empty() {
            let text = (
                "no route of the bid leads to a PoP".to_owned(),
                "no address counts as passed or connected; give PoPs",
            );
            self.tell(Severity::Error, "no-pop", "pops", "", text);
        } else if !given {
            let what = format!("the bid gives no PoPs; {} sites of the scenario lie on its routes", starts.len());
            self.tell(
                Severity::Info,
                "pops-assumed",
                "pops",
                "",
                (what, "they are taken for its PoPs; ask for the real ones"),
            );
        }
        starts
    }

    fn judge_addresses(&mut self, claimed: &[usize], routes: &Routes, distances: &[Option<Length>], drawn: bool) {
        let sheet = &self.bid.sheet;
        let optics = Optics::read(sheet.technology.as_deref(), sheet.split, sheet.optics.as_deref());
        let optics = optics.and_then(Result::ok);
        let has_pop = !self.found.pops.is_empty();
        for (site, &place) in claimed.iter().enumerate() {
            let key = self.list.region.addresses[place].key.clone();
            let level = self.found.addresses[place].claimed.unwrap_or(Level::Offered);
            let touch = routes.touches[site];
            let route = touch.and_then(|touch| distances[touch.node.index()]);
            let promised = level >= Level::Passed;
            self.found.addresses[place].served =
                Some(if route.is_some() { level.max(Level::Passed) } else { Level::Offered });
            self.found.addresses[place].route = route;
            match (touch, route) {
                (Some(touch), Some(route)) => {
                    if !drawn && level == Level::Connected {
                        self.found.addresses[place].drop = Length::from_metres(touch.metres);
                    }
                    if let Some(shortfall) =
                        optics.filter(|_| level == Level::Connected).and_then(|optics| optics.shortfall(route))
                    {
                        let advice = "the light does not arrive; a smaller split, better optics or a nearer PoP";
                        self.tell(Severity::Error, "optics-out-of-reach", ADDRESSES, &key, (shortfall, advice));
                    }
                }
                (Some(_), None) if promised && has_pop => {
                    let text = (
                        "the route there hangs together with no PoP".to_owned(),
                        "it counts as offered only; join the routes",
                    );
                    self.tell(Severity::Error, "address-not-reached", ADDRESSES, &key, text);
                }
                (None, _) if promised => {
                    let metres = routes.nearest[site].unwrap_or(f64::INFINITY);
                    let text = (
                        format!("the nearest route ends {metres:.0} m away"),
                        "it counts as offered only; draw the route up to it",
                    );
                    self.tell(Severity::Error, "address-not-reached", ADDRESSES, &key, text);
                }
                _ => {}
            }
        }
    }

    fn claim_parks(&mut self, claimed: &[usize]) {
        let region = self.list.region;
        let Some(named) = &self.bid.sheet.parks else {
            for &place in claimed {
                if let Some(park) = region.addresses[place].park {
                    self.found.parks[park.0 as usize].claimed |= self.list.parks_wanted[park.0 as usize];
                }
            }
            return;
        };
        for name in named.clone() {
            let is_named =
                |park: &crate::region::Park| park.key == name || (!park.name.is_empty() && park.name == name);
            if let Some(park) = region.parks.iter().position(is_named) {
                self.found.parks[park].claimed = true;
            } else {
                let text = (format!("there is no business park `{name}`"), "it does not count; name parks by their id");
                self.tell(Severity::Error, "park-unknown", "business_parks", &name, text);
            }
        }
    }

    fn judge_parks(&mut self, routes: &Routes, starts: &[NodeId], distances: &[Option<Length>], demands: &Demands) {
        for place in 0..self.found.parks.len() {
            let key = self.list.region.parks[place].key.clone();
            let fed: Vec<NodeId> =
                routes.parks[place].iter().copied().filter(|node| distances[node.index()].is_some()).collect();
            let claimed = self.found.parks[place].claimed;
            let reached = !fed.is_empty();
            let redundant = reached && routes.has_two_routes(&fed, starts);
            self.found.parks[place] = SeenPark { claimed, reached, redundant };
            if claimed && !reached {
                let text =
                    ("no route that hangs together with a PoP leads there".to_owned(), "draw the route into the park");
                self.tell(Severity::Error, "park-not-reached", "business_parks", &key, text);
            } else if claimed && demands.park_redundancy && !redundant {
                let text = (
                    "only one route leads there; two without a common trench are demanded".to_owned(),
                    "ask for a second route",
                );
                self.tell(Severity::Error, "park-not-redundant", "business_parks", &key, text);
            } else if !claimed && self.list.parks_wanted[place] {
                let text = ("the bid does not connect it".to_owned(), "ask why not; parks come first");
                self.tell(Severity::Warning, "park-missing", "business_parks", &key, text);
            }
        }
    }

    fn judge_sheet(&mut self, demands: &Demands) {
        let sheet = &self.bid.sheet;
        match Optics::read(sheet.technology.as_deref(), sheet.split, sheet.optics.as_deref()) {
            Some(Err(Unclear::OddSplit(split))) => {
                let text =
                    (format!("splitters do not come as 1:{split}"), "they come as 1:2, 1:4, ... 1:128; ask the bidder");
                self.tell(Severity::Error, "split-impossible", "price sheet", "split", text);
            }
            Some(Err(unclear)) => {
                let what = match unclear {
                    Unclear::ClassMissing => "a split is given, but no class of optics",
                    Unclear::SplitMissing => "a PON is promised, but no split is given",
                    _ => "the class of optics is not known",
                };
                let text = (what.to_owned(), "the reach cannot be checked; give split and class (B+, C+, N1, N2, E1)");
                self.tell(Severity::Warning, "optics-unclear", "price sheet", "optics", text);
            }
            _ => {}
        }
        if let Some(least) = &demands.down_mbps
            && sheet.down_mbps.as_ref().is_none_or(|speed| *speed < least.0)
        {
            let promised = sheet.down_mbps.as_ref().map_or("nothing".to_owned(), |speed| speed.to_string());
            let text = (format!("{promised} is promised; {} Mbit/s are demanded", least.0), "ask the bidder");
            self.tell(Severity::Error, "speed-too-low", "price sheet", "down_mbps", text);
        }
        if demands.wholesale && sheet.wholesale != Some(true) {
            let text = ("no access for other providers is offered".to_owned(), "it is demanded; ask the bidder");
            self.tell(Severity::Error, "wholesale-missing", "price sheet", "wholesale", text);
        }
    }
}
