//! The story of a tender: scenario and reference plan, bids read and checked, each with the least possible for its own
//! addresses, then scored and told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use geo::{Contains, Coord, Point};

use crate::effort::Effort;
use crate::findings::{Finding, Severity};
use crate::geodata;
use crate::graph::{EdgeId, Graph, NodeId};
use crate::network::{Network, NodeKind};
use crate::plan;
use crate::region::{AddressId, Standing};
use crate::solver::{self, Stopped};
use crate::study::bids;
use crate::study::reach::within_reach;
use crate::study::{Error, Folder, Listener, Planned, Study};
use crate::tender::{self, Call, Evaluation, Ground, Judged, Least, List};
use crate::units::Length;

/// A tender whose bids have been compared.
#[derive(Debug)]
pub struct Compared {
    /// The tender file.
    pub call: Call,
    /// The scenario with its reference plan.
    pub planned: Planned,
    /// The least that trenches to all addresses asked for can cost.
    pub reference: Least,
    /// The bids, in the order of the tender file.
    pub bids: Vec<Judged>,
    /// Scores, ranks and how firm they are.
    pub evaluation: Evaluation,
    colours: Vec<&'static str>,
    lots: Vec<String>,
    lot_of: Vec<Option<usize>>,
    /// The tender's own files with their SHA-256.
    files: Vec<(String, String)>,
}

/// Compares the bids of a tender file.
///
/// # Errors
/// If the tender file or its scenario cannot be used, the reference cannot be planned, or a bid's folder or file is not
/// there; all that is doubtful inside a bid is a finding.
pub fn compare(path: &Path, effort: &Effort, listener: &mut dyn Listener) -> Result<Compared, Error> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| Error::NoTender { path: shown.clone(), source })?;
    let call = Call::parse(&text).map_err(|source| Error::Tender { path: shown.clone(), source })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut files = vec![(file_name(path), bids::hash(path))];
    let mut study = Study::open(&folder.join(&call.scenario), listener)?;
    // A bid is held against the cost of connecting what it offers, so nothing is left out for its price.
    study.scenario.prize.enabled = false;
    let other = study.prices.find(&call.reading.other_trench).ok_or_else(|| Error::Tender {
        path: shown.clone(),
        source: tender::Error::Value {
            key: "reading.other_trench".to_owned(),
            what: format!("the scenario has no price `{}`; name one of its prices", call.reading.other_trench),
        },
    })?;
    let planned = study.plan(effort, listener)?;
    let reference = reference(&planned);
    let (lots, lot_of) = lots(&call, folder, &planned, &mut files)?;
    let colours = colours(&call, folder, &planned, &mut files)?;
    listener.step("reading bids");
    let id = planned.study.scenario.layers.addresses.id.clone();
    let mut read = Vec::new();
    for entry in &call.bids {
        read.push(bids::read(folder, entry, id.as_deref(), &planned.study.crs)?);
    }
    let mut compared = Compared {
        call,
        planned,
        reference,
        bids: Vec::new(),
        evaluation: Evaluation::default(),
        colours,
        lots,
        lot_of,
        files,
    };
    // The plan weighs trenches against cables and cabinets; bids are held against the least that trenches can cost.
    let everyone: Vec<AddressId> =
        compared.planned.network.sites.iter().flat_map(|site| site.addresses.clone()).collect();
    let parks: Vec<usize> = (0..compared.planned.study.region.parks.len()).collect();
    if let Some(least) = compared.least(&everyone, &parks, effort, listener)? {
        compared.reference = least;
    }
    let mut known: BTreeMap<(Vec<AddressId>, Vec<usize>), Option<Least>> = BTreeMap::new();
    for (place, bid) in read.into_iter().enumerate() {
        listener.step("judging bids");
        let judged = compared.judge(place, bid, other, &mut known, (effort, &mut *listener))?;
        compared.bids.push(judged);
    }
    listener.step("scoring");
    compared.evaluation = tender::evaluate(&compared.ground(), &compared.bids);
    Ok(compared)
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn reference(planned: &Planned) -> Least {
    let trench = &planned.plan.trench;
    let connected = planned.plan.addresses.iter().filter(|outcome| outcome.status == plan::Status::Connected).count();
    let shape = |edge: EdgeId| planned.network.segments[edge.index()].shape.clone();
    Least {
        cost: trench.built,
        bound: trench.bound,
        optimal: trench.built == trench.bound,
        cut_short: trench.cut_short,
        length: trench.built_length,
        addresses: connected,
        lines: planned.plan.forest.segments().map(shape).collect(),
        segments: planned.plan.forest.segments().collect(),
    }
}

/// Names of the lots, and the lot of each address.
type LotsOfAddresses = (Vec<String>, Vec<Option<usize>>);

fn lots(
    call: &Call,
    folder: &Path,
    planned: &Planned,
    files: &mut Vec<(String, String)>,
) -> Result<LotsOfAddresses, Error> {
    let addresses = &planned.study.region.addresses;
    let Some(wish) = &call.lots else { return Ok((Vec::new(), vec![None; addresses.len()])) };
    let (layer, _) = bids::layer(&folder.join(&wish.file), "lots", &planned.study.crs)?;
    files.push((wish.file.clone(), bids::hash(&folder.join(&wish.file))));
    let column = layer.column(&wish.name);
    let mut areas: Vec<(String, geo::MultiPolygon<f64>)> = Vec::new();
    for feature in &layer.features {
        let name = column.and_then(|at| feature.values[at].as_text());
        let name = name.unwrap_or_else(|| format!("lot {}", feature.record));
        match &feature.geometry {
            Some(geo::Geometry::Polygon(area)) => areas.push((name, geo::MultiPolygon(vec![area.clone()]))),
            Some(geo::Geometry::MultiPolygon(area)) => areas.push((name, area.clone())),
            _ => {}
        }
    }
    let mut names: Vec<String> = areas.iter().map(|(name, _)| name.clone()).collect();
    names.dedup();
    let place = |point: Coord<f64>| {
        let (name, _) = areas.iter().find(|(_, area)| area.contains(&Point(point)))?;
        names.iter().position(|other| other == name)
    };
    let lot_of = addresses.iter().map(|address| address.point.and_then(place)).collect();
    Ok((names, lot_of))
}

/// White, grey or black, from the tender's own table, else as the scenario's columns on networks tell.
fn colours(
    call: &Call,
    folder: &Path,
    planned: &Planned,
    files: &mut Vec<(String, String)>,
) -> Result<Vec<&'static str>, Error> {
    let addresses = &planned.study.region.addresses;
    let Some(name) = &call.colours else {
        let own = |address: &crate::region::Address| address.networks.map_or("unknown", |networks| networks.colour());
        return Ok(addresses.iter().map(own).collect());
    };
    let path = folder.join(name);
    let table = bids::table(&path, "colours")?;
    files.push((name.clone(), bids::hash(&path)));
    let (id, colour) =
        (table.column("id").unwrap_or(0), table.column("colour").or_else(|| table.column("kleur")).unwrap_or(1));
    let mut by_key: BTreeMap<String, &'static str> = BTreeMap::new();
    for feature in &table.features {
        let text = |at: usize| feature.values.get(at).and_then(geodata::Value::as_text);
        if let (Some(key), Some(word)) = (text(id), text(colour)) {
            let colour = match word.to_ascii_lowercase().as_str() {
                "white" | "wit" => "white",
                "grey" | "gray" | "grijs" => "grey",
                "black" | "zwart" => "black",
                _ => "unknown",
            };
            by_key.insert(key, colour);
        }
    }
    Ok(addresses.iter().map(|address| by_key.get(&address.key).copied().unwrap_or("unknown")).collect())
}

impl Compared {
    /// What everything is compared with.
    #[must_use]
    pub fn ground(&self) -> Ground<'_> {
        Ground {
            call: &self.call,
            scenario: &self.planned.study.scenario,
            prices: &self.planned.study.prices,
            region: &self.planned.study.region,
            network: &self.planned.network,
            candidates: &self.planned.plan.candidates,
            bill: &self.planned.plan.bill,
            reference: &self.reference,
            colours: &self.colours,
            lots: &self.lots,
            lot_of: &self.lot_of,
        }
    }

    /// Everything about one bid.
    fn judge(
        &self,
        place: usize,
        bid: tender::Bid,
        other_trench: crate::scenario::PriceId,
        known: &mut BTreeMap<(Vec<AddressId>, Vec<usize>), Option<Least>>,
        (effort, listener): (&Effort, &mut dyn Listener),
    ) -> Result<Judged, Error> {
        let ground = self.ground();
        let lots = self.lots_of(&bid);
        let list = self.list(&lots);
        let checked = tender::check(&bid, &list, &self.call.reading, &self.call.demands);
        let drops: Vec<Length> = checked.addresses.iter().filter_map(|seen| seen.drop).collect();
        let means = (ground.network, ground.prices, ground.candidates);
        let priced =
            tender::reprice(means, &bid.lines, &drops, &checked.pops, (self.call.reading.follow_m, other_trench));
        let connected = checked.addresses.iter().filter(|seen| seen.served == Some(tender::Level::Connected)).count();
        let estimate = tender::estimate(&priced, ground.bill, (connected, self.reference.addresses), ground.prices);
        let slack = self.call.reading.band_slack;
        let (outside, strangers) = tender::outside_band(&bid.sheet, ground.prices, estimate, slack);
        let mut findings = bid.findings.clone();
        findings.extend(checked.findings.iter().cloned());
        findings.extend(tender::doubts(&ground, place, &bid));
        for band in &outside {
            let what = format!("{} is asked; the range is {} to {} euros", band.asked, band.low, band.high);
            let advice = "ask the bidder to explain it";
            findings.push(
                Finding::new(Severity::Warning, "price-outside-band", "price sheet", what, advice)
                    .at(band.key.as_str()),
            );
        }
        for key in strangers {
            let advice = "it cannot be compared; name the scenario's price keys";
            let what = "the scenario has no such unit price";
            findings.push(Finding::new(Severity::Info, "unit-price-unknown", "price sheet", what, advice).at(key));
        }
        // What its routes really reach: an address that is offered and not reached makes them no dearer.
        let offered: Vec<AddressId> = (0..checked.addresses.len())
            .filter(|&at| checked.addresses[at].served == Some(tender::Level::Connected))
            .map(|at| AddressId(at as u32))
            .collect();
        let parks: Vec<usize> =
            (0..checked.parks.len()).filter(|&at| checked.parks[at].claimed && checked.parks[at].reached).collect();
        let same = (offered, parks);
        let least = if let Some(least) = known.get(&same) {
            least.clone()
        } else {
            let least = self.least(&same.0, &same.1, effort, listener)?;
            known.insert(same, least.clone());
            least
        };
        if let Some(least) = least.as_ref().filter(|least| priced.cost < least.bound && checked.findings.is_empty()) {
            let what =
                format!("its routes come to {}, less than the proven least of {} euros", priced.cost, least.bound);
            let advice = "some of its routes follow no candidate trench; check those";
            findings.push(Finding::new(Severity::Info, "below-the-bound", "routes", what, advice));
        }
        findings.sort();
        findings.dedup();
        Ok(Judged { bid, checked, priced, estimate, outside, least, lots, findings })
    }

    /// The lots that a bid has offers for; all of them for a bid with a total price and no offers.
    fn lots_of(&self, bid: &tender::Bid) -> Vec<usize> {
        let named = bid.sheet.offers.iter().flat_map(|(names, _)| names);
        let mut lots: Vec<usize> = named.filter_map(|name| self.lots.iter().position(|lot| lot == name)).collect();
        if bid.sheet.offers.is_empty() {
            lots = (0..self.lots.len()).collect();
        }
        lots.sort_unstable();
        lots.dedup();
        lots
    }

    fn list(&self, lots: &[usize]) -> List<'_> {
        let region = &self.planned.study.region;
        let inside = |lot: Option<usize>| self.lots.is_empty() || lot.is_some_and(|lot| lots.contains(&lot));
        let addresses = region.addresses.iter().zip(&self.lot_of);
        let wanted = addresses.map(|(address, lot)| address.standing == Standing::Target && inside(*lot)).collect();
        // A park is in the lot of its first address; where it has none, in every lot.
        let lot_of_park = |park: usize| {
            let mut own = region.addresses.iter().zip(&self.lot_of);
            own.find(|(address, _)| address.park.is_some_and(|id| id.0 as usize == park)).map(|(_, lot)| *lot)
        };
        let parks_wanted = (0..region.parks.len()).map(|park| lot_of_park(park).is_none_or(inside)).collect();
        let network = &self.planned.network;
        let pops = self.planned.plan.candidates.iter().map(|pop| network.points[pop.node.index()]).collect();
        List { region, wanted, parks_wanted, pops, longest_drop: self.planned.study.scenario.network.drop_max_m }
    }

    /// The least that trenches to these addresses and parks can cost, with a proven bound.
    fn least(
        &self,
        offered: &[AddressId],
        parks: &[usize],
        effort: &Effort,
        listener: &mut dyn Listener,
    ) -> Result<Option<Least>, Error> {
        let network = &self.planned.network;
        let mut wanted = vec![false; self.planned.study.region.addresses.len()];
        offered.iter().for_each(|address| wanted[address.0 as usize] = true);
        let site_wanted: Vec<bool> =
            network.sites.iter().map(|site| site.addresses.iter().any(|address| wanted[address.0 as usize])).collect();
        let keeps = |node: NodeId| match network.nodes[node.index()] {
            NodeKind::Site(site) => site_wanted[site as usize],
            NodeKind::Park(park) => parks.contains(&(park.0 as usize)),
            NodeKind::Road | NodeKind::Pop(_) => true,
        };
        // The reference is the least for all addresses if nothing but trenches decided on it.
        if self.reference.optimal && self.reference.cost == self.reference.bound && network.graph.nodes().all(keeps) {
            return Ok(Some(self.reference.clone()));
        }
        let limited = restricted(network, &keeps);
        let reachable = limited.graph.edges().any(|edge| {
            limited
                .graph
                .ends(edge)
                .iter()
                .any(|end| matches!(limited.nodes[end.index()], NodeKind::Site(_) | NodeKind::Park(_)))
        });
        if !reachable {
            return Ok(None);
        }
        let (region, scenario) = (&self.planned.study.region, &self.planned.study.scenario);
        let candidates = &self.planned.plan.candidates;
        let asked = plan::ask(&limited, region, candidates, scenario)?;
        let constant = asked.constant.cents();
        let outcome = solver::solve(&asked.problem, effort, &mut |known| {
            listener.progress(known.value - constant, (known.bound - constant).max(0));
        });
        let forest = within_reach(&asked, &outcome.tree, &limited, candidates);
        let cost = forest.cost(&asked.segment_costs, candidates);
        let bound = crate::units::Money::from_cents((outcome.bound - constant).max(0));
        let sites = limited.sites.iter().filter(|site| site.node.as_ref().is_ok_and(|node| forest.holds(*node)));
        Ok(Some(Least {
            cost,
            bound,
            optimal: cost == bound,
            cut_short: outcome.stopped == Stopped::Deadline,
            length: forest.segments().map(|edge| limited.segments[edge.index()].length).sum(),
            addresses: sites.flat_map(|site| &site.addresses).filter(|address| wanted[address.0 as usize]).count(),
            lines: forest.segments().map(|edge| limited.segments[edge.index()].shape.clone()).collect(),
            segments: forest.segments().collect(),
        }))
    }

    /// Writes all results into a folder that appears as a whole or not at all.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, folder: &mut Folder, listener: &mut dyn Listener) -> Result<(), Error> {
        listener.step("writing");
        let told = tender::Told {
            ground: self.ground(),
            bids: &self.bids,
            evaluation: &self.evaluation,
            files: &self.all_files(),
        };
        folder.write("comparison.csv", &tender::figures_csv(&told))?;
        folder.write("addresses.csv", &tender::addresses_csv(&told))?;
        folder.write("repriced.csv", &tender::repriced_csv(&told))?;
        folder.write("findings.csv", &tender::findings_csv(&told))?;
        let mut json = serde_json::to_string_pretty(&tender::json(&told)).expect("a JSON value can be written");
        json.push('\n');
        folder.write("comparison.json", &json)?;
        folder.write("comparison.html", &tender::page(&told))?;
        let path = folder.file("comparison.xlsx");
        let book = tender::workbook(&told).map_err(|what| Error::Output { path: path.display().to_string(), what })?;
        std::fs::write(&path, book)
            .map_err(|source| geodata::Error::Write { path: path.display().to_string(), source })?;
        Ok(())
    }

    /// Input files with their SHA-256: the tender's own, the scenario's layers, the bids'.
    fn all_files(&self) -> Vec<(String, String)> {
        let layers = self.planned.study.inputs.iter().cloned();
        let bids = self.bids.iter().flat_map(|judged| judged.bid.files.iter().cloned());
        self.files.iter().cloned().chain(layers).chain(bids).collect()
    }

    /// Warnings that belong beside the ranking: reversals under the method that decides.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let files = Vec::new();
        let told =
            tender::Told { ground: self.ground(), bids: &self.bids, evaluation: &self.evaluation, files: &files };
        tender::warnings(&told)
    }

    /// Whether a time limit cut a search short.
    #[must_use]
    pub fn cut_short(&self) -> bool {
        self.reference.cut_short
            || self.bids.iter().filter_map(|judged| judged.least.as_ref()).any(|least| least.cut_short)
    }
}

/// The network without the ways to leaves that are not kept; nodes keep their numbers.
fn restricted(network: &Network, keeps: &dyn Fn(NodeId) -> bool) -> Network {
    let kept: Vec<usize> = network
        .graph
        .edges()
        .filter(|edge| network.graph.ends(*edge).iter().all(|&end| keeps(end)))
        .map(|edge| edge.index())
        .collect();
    let ends = kept.iter().map(|&edge| network.graph.ends(EdgeId(edge as u32))).collect();
    Network {
        graph: Graph::new(network.graph.node_count(), ends),
        segments: kept.iter().map(|&edge| network.segments[edge].clone()).collect(),
        ..network.clone()
    }
}

/// Writes the template that is handed to bidders.
///
/// # Errors
/// If the folder cannot be written.
pub fn tender_template(folder: &mut Folder) -> Result<(), Error> {
    for (name, text) in tender::TEMPLATE {
        let path: PathBuf = folder.file(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|source| geodata::Error::Write { path: parent.display().to_string(), source })?;
        }
        folder.write(name, text)?;
    }
    Ok(())
}
