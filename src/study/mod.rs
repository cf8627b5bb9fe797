//! The story: read → region → network → problem → plan → rank → save.

use std::collections::BTreeMap;
use std::path::Path;

use crate::design;
use crate::effort::Effort;
use crate::findings::{Finding, Severity};
use crate::geodata::{self, Crs};
use crate::network::{self, Network};
use crate::plan::{self, Plan, PopCandidate, TrenchProblem, Unprotected};
use crate::problem::{self, SteinerProblem};
use crate::region::{self, Region};
use crate::report::{self, Told};
use crate::rollout::{self, Rollout};
use crate::scenario::{self, PriceBook, Scenario};
use crate::solver::{self, Stopped};
use crate::study::refine::Ground;

mod batch;
mod bids;
mod certificate;
mod frontier;
mod init;
mod inputs;
mod instance;
mod lead;
mod output;
mod plans;
mod reach;
mod rearrange;
mod refine;
mod reprice;
mod rerank;
mod tender;

pub use batch::{Batch, Run, plan_batch, runs_of_files, runs_of_sweep};
pub use certificate::write_certificate;
pub use init::init;
pub use instance::{instance, instance_text};
pub use output::{Folder, save_layers};
pub use plans::compare_plans;
pub use reprice::{Repriced, Repricing, reprice};
pub use rerank::{Reranked, rerank};
pub use tender::{Compared, compare, tender_template};

/// Why a study cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The scenario file cannot be read.
    #[error("{path}: the scenario cannot be read ({source}); check that it is there")]
    NoScenario {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The scenario is not as it should be.
    #[error("{path}: {source}")]
    Scenario {
        /// The file.
        path: String,
        /// What is wrong.
        source: scenario::Error,
    },
    /// The scenario's coordinate system cannot be planned in.
    #[error("{path}: crs = \"{crs}\": {what}; name a projected metric system by its EPSG code, such as EPSG:28992")]
    Crs {
        /// The scenario.
        path: String,
        /// What it names.
        crs: String,
        /// What is wrong with it.
        what: String,
    },
    /// A layer cannot be read.
    #[error(transparent)]
    Geodata(#[from] geodata::Error),
    /// A layer's columns are not those that the scenario names.
    #[error(transparent)]
    Region(#[from] region::Error),
    /// The trench problem cannot be stated.
    #[error("the trench problem cannot be stated: {0}")]
    Problem(#[from] problem::Error),
    /// A published instance cannot be read.
    #[error("{path}: {what}")]
    Instance {
        /// The file.
        path: String,
        /// What is wrong, and where.
        what: String,
    },
    /// A result folder is not one that can be ranked anew.
    #[error("{path}: {what}")]
    Results {
        /// The file or folder.
        path: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// A budget is no amount of money.
    #[error("--budget {0}: it is no amount of money; give euros from 0")]
    Budget(String),
    /// A table of changes cannot be used.
    #[error("{path}: {what}")]
    Sweep {
        /// The file.
        path: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// A scenario of a batch cannot be carried out.
    #[error("run {name}: {source}")]
    Run {
        /// The run.
        name: String,
        /// Why.
        source: Box<Error>,
    },
    /// The tender file cannot be read.
    #[error("{path}: the tender file cannot be read ({source}); check that it is there")]
    NoTender {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The tender file is not as it should be.
    #[error("{path}: {source}")]
    Tender {
        /// The file.
        path: String,
        /// What is wrong.
        source: crate::tender::Error,
    },
    /// A table cannot be read.
    #[error("{path}: the table cannot be read, {what}; mend it")]
    Table {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// A result folder cannot be judged.
    #[error(transparent)]
    Judge(#[from] crate::judge::Error),
    /// There is nothing to plan.
    #[error("{0}")]
    Infeasible(String),
    /// The output folder cannot be made.
    #[error("{path}: {what}")]
    Output {
        /// The folder.
        path: String,
        /// What is wrong and what to do.
        what: String,
    },
}

/// What a study tells of while it runs.
pub trait Listener {
    /// A step begins.
    fn step(&mut self, name: &'static str);
    /// The solver knows more.
    fn progress(&mut self, value: i64, bound: i64);
}

/// A scenario with its land and candidate network.
#[derive(Debug)]
pub struct Study {
    /// The scenario.
    pub scenario: Scenario,
    /// Its prices.
    pub prices: PriceBook,
    /// The system that is planned in.
    pub crs: Crs,
    /// The land.
    pub region: Region,
    /// Every doubt so far.
    pub findings: Vec<Finding>,
    /// Input files with their SHA-256.
    pub inputs: Vec<(String, String)>,
}

/// A study that has been planned.
#[derive(Debug)]
pub struct Planned {
    /// What was planned for.
    pub study: Study,
    /// The candidates.
    pub network: Network,
    /// The trench problem.
    pub asked: TrenchProblem,
    /// The plan.
    pub plan: Plan,
    /// Its order.
    pub rollout: Rollout,
}

impl Study {
    /// Reads a scenario and its layers.
    ///
    /// # Errors
    /// If the scenario or a layer cannot be used at all; doubts about single features are findings.
    pub fn open(path: &Path, listener: &mut dyn Listener) -> Result<Self, Error> {
        let text = read_scenario(path)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::read(&text, (&path.display().to_string(), folder), &mut inputs::Shelf::default(), listener)
    }

    /// Reads the layers of a scenario that is there as text; `shown` names it in errors.
    fn read(
        text: &str,
        (shown, folder): (&str, &Path),
        shelf: &mut inputs::Shelf,
        listener: &mut dyn Listener,
    ) -> Result<Self, Error> {
        listener.step("reading");
        let scenario = Scenario::parse(text).map_err(|source| Error::Scenario { path: shown.to_owned(), source })?;
        let crs = planning_crs(&scenario, shown)?;
        let mut reading = inputs::Reading::new(folder, &crs, shelf);
        let layers = reading.layers(&scenario)?;
        let (mut findings, inputs) = reading.finish();
        listener.step("assembling the region");
        let (region, doubts) = region::assemble(&layers, &scenario)?;
        findings.extend(doubts);
        let prices = scenario.price_book();
        Ok(Self { scenario, prices, crs, region, findings, inputs })
    }

    /// Builds the candidate network; findings are added to the study's.
    pub fn network(&mut self, listener: &mut dyn Listener) -> Network {
        listener.step("building the network");
        let (network, doubts) = network::build(&self.region, &self.scenario.network, &self.prices);
        self.findings.extend(doubts);
        network
    }

    /// Plans: from network to ranked roll-out.
    ///
    /// # Errors
    /// If there is no address or park that can be connected, or costs are too large for exact sums.
    pub fn plan(mut self, effort: &Effort, listener: &mut dyn Listener) -> Result<Planned, Error> {
        let network = self.network(listener);
        let (candidates, doubts) = design::candidates(&self.region, &network, &self.scenario);
        self.findings.extend(doubts);
        check_feasible(&network, &candidates)?;
        let land = (&network, &self.region);
        let (asked, mut plan) = cheapest_plan(land, &candidates, &self.scenario, effort, listener)?;
        plan::bound_savings(&mut plan, &network, &asked, &self.scenario);
        self.tell_unserved(&network, &plan);
        self.findings.extend(report::Sanity::of(&plan, &self.region).iter().flat_map(report::Sanity::findings));
        self.tell_beyond(&plan);
        self.tell_seasons(&plan, &network);
        self.tell_unprotected(&plan, &network);
        listener.step("ranking");
        let units = rollout::units(&plan, &network, &self.region, &self.scenario, &asked.segment_costs);
        let land = (&network, &self.region);
        let needs = rollout::needs(&units, &plan, land, &self.scenario, &asked.segment_costs);
        let order = rollout::order(&units.all, &needs.units, &self.scenario.rollout);
        listener.step("testing the ranking");
        let robustness = rollout::robustness((&units, &needs, &order), &plan, &self.scenario);
        let footings = rollout::footings(&units, &plan, (&self.region, &network), &self.scenario);
        if !self.scenario.phases.years.is_empty() {
            listener.step("phasing");
        }
        let phases = rollout::phase(&units.all, (&needs, &order), &footings, &self.scenario);
        self.findings.sort();
        let rollout = Rollout { units, needs, order, robustness, footings, phases };
        Ok(Planned { study: self, network, asked, plan, rollout })
    }

    /// Tells whom the cheapest trenches would lead beyond the reach of the optics.
    fn tell_beyond(&mut self, plan: &Plan) {
        let trench = &plan.trench;
        if trench.beyond > 0 {
            let what = format!(
                "the cheapest trenches, of EUR {}, have {} routes beyond the reach of the optics; those built have none",
                trench.cost, trench.beyond
            );
            let advice = "optics with a longer reach, or another PoP, may make the plan cheaper";
            self.findings.push(Finding::new(Severity::Info, "routes-shortened", "plan", what, advice));
        }
    }

    /// Tells how much is to be dug in each kind of zone that has a season.
    fn tell_seasons(&mut self, plan: &Plan, network: &Network) {
        let mut metres: BTreeMap<(&str, &str), f64> = BTreeMap::new();
        for segment in plan.forest.segments().map(|edge| &network.segments[edge.index()]) {
            let zones = segment.zones.iter().map(|zone| &self.region.zones[zone.0 as usize]);
            let mut seasons: Vec<(&str, &str)> =
                zones.filter_map(|zone| Some((zone.kind.as_str(), zone.season.as_deref()?))).collect();
            seasons.sort_unstable();
            seasons.dedup();
            for season in seasons {
                *metres.entry(season).or_default() += segment.length.metres();
            }
        }
        for ((kind, season), metres) in metres {
            let what =
                format!("{metres:.0} m of trench lies in or touches {kind}, where nothing may be dug from {season}");
            let advice = "plan these segments outside the season; the column zones of trenches and drops names them";
            let layer = format!("zones.{kind}");
            self.findings.push(Finding::new(Severity::Info, "season", &layer, what, advice));
        }
    }

    /// Tells which parks cannot be protected as they ask, and what every route to them needs.
    fn tell_unprotected(&mut self, plan: &Plan, network: &Network) {
        for park in plan.protection.unmet() {
            let (what, advice) = match park.outcome {
                Err(Unprotected::Trench(edge)) => {
                    let segment = &network.segments[edge.index()];
                    let road = segment.road.map_or("no road", |road| self.region.roads[road.0 as usize].key.as_str());
                    let at = network.points[network.graph.ends(edge)[0].index()];
                    let where_ = format!("candidate segment {} (road {road}, at {:.0}, {:.0})", edge.0, at.x, at.y);
                    let what = format!("no {} is possible: every route runs over {where_}", park.wish.word());
                    (what, "give a road, duct or cross-field trench around that segment, or ask for less")
                }
                Err(Unprotected::OnePop(pop)) => {
                    let what = format!(
                        "no two-pops is possible: every route leads to PoP {}",
                        plan.candidates[pop as usize].key
                    );
                    (what, "add a second PoP that its roads lead to, or ask for two-routes")
                }
                Err(Unprotected::TooFar { route, longest }) => {
                    let beyond = (route - longest).metres();
                    let what = format!(
                        "no {} was found in reach of the optics: the longer route is {:.0} m, {beyond:.0} m beyond the \
                         {:.0} m of architecture.p2p_reach_m",
                        park.wish.word(),
                        route.metres(),
                        longest.metres()
                    );
                    (what, "add a nearer PoP or a shorter way, or optics with a longer architecture.p2p_reach_m")
                }
                Err(Unprotected::Own) => {
                    let wish = park.wish.word();
                    let what = format!(
                        "there are {wish}, but none beside the way by which the park is connected, and no network was found \
                         in which that way is one of them"
                    );
                    (what, "give a road, duct or cross-field trench beside that way, or ask for less")
                }
                _ => ("it is not connected, so it cannot be protected".to_owned(), "connect it first"),
            };
            let key = self.region.parks[park.park.0 as usize].key.as_str();
            self.findings
                .push(Finding::new(Severity::Warning, "park-unprotected", "business_parks", what, advice).at(key));
        }
    }

    /// Tells how many addresses and which parks are not served, by reason.
    fn tell_unserved(&mut self, network: &Network, plan: &Plan) {
        for word in plan::Status::WORDS {
            let mut unserved =
                plan.addresses.iter().filter(|outcome| outcome.status.is_unserved() && outcome.status.word() == word);
            if let Some(first) = unserved.next() {
                let what = format!("{} addresses cannot be served: {}", 1 + unserved.count(), first.status.word());
                let advice = "addresses.csv says why for each; add roads, PoPs or longer drops";
                self.findings.push(Finding::new(Severity::Warning, "addresses-unserved", "addresses", what, advice));
            }
        }
        let routes = plan::Routes::new(network, &plan.candidates);
        let reach = self.scenario.architecture.park_reach();
        let parks = self.region.parks.iter().zip(&plan.parks).enumerate();
        for (place, (park, _)) in parks.filter(|(_, (_, outcome))| !outcome.connected) {
            let route = network.parks[place].and_then(|node| routes.length[node.index()]);
            let (what, advice) = match route.filter(|&route| !reach.allows(route)) {
                Some(route) => {
                    let beyond = (route - reach.longest).metres();
                    let what = format!(
                        "the park is not connected: its shortest route of {:.0} m is {beyond:.0} m beyond the optics' reach",
                        route.metres()
                    );
                    (what, "add a nearer PoP, or optics with a longer architecture.p2p_reach_m")
                }
                None => ("the park is not connected".to_owned(), "its roads lead to no PoP; join them or add a PoP"),
            };
            self.findings.push(
                Finding::new(Severity::Warning, "park-unserved", "business_parks", what, advice).at(park.key.as_str()),
            );
        }
    }
}

/// The cheapest plan found on a network, with the trench problem that it answers: the least trenches first, then trenches and
/// cables together. Its bounds are proven.
///
/// # Errors
/// If costs are too large for exact sums.
pub fn cheapest_plan(
    (network, region): (&Network, &Region),
    candidates: &[PopCandidate],
    scenario: &Scenario,
    effort: &Effort,
    listener: &mut dyn Listener,
) -> Result<(TrenchProblem, Plan), problem::Error> {
    listener.step("stating the trench problem");
    let asked = plan::ask(network, region, candidates, scenario)?;
    listener.step("solving");
    let constant = asked.constant.cents();
    // Where time is limited, a part of it is kept for the joint problem.
    let deadline = effort.deadline.left().map_or(effort.deadline, |left| effort.deadline.within(left.mul_f64(0.7)));
    let solve = if effort.deadline.left().is_some() { solver::solve } else { solver::solve_briefly };
    let outcome = solve(&asked.problem, &Effort { deadline, ..effort.clone() }, &mut |known| {
        listener.progress(known.value - constant, (known.bound - constant).max(0));
    });
    listener.step("designing");
    let ground = Ground { network, region, scenario, candidates, asked: &asked, bound: outcome.bound };
    let first = ground.design(&asked, &outcome.tree, outcome.stopped == Stopped::Deadline);
    listener.step("joining trenches and cables");
    let mut plan = ground.refine(&first, effort, listener)?;
    plan.trench = plan::with_routes_of_any_length(plan.trench, (&asked, &outcome.tree), (network, candidates));
    Ok((asked, plan))
}

fn read_scenario(path: &Path) -> Result<String, Error> {
    let shown = path.display().to_string();
    std::fs::read_to_string(path).map_err(|source| Error::NoScenario { path: shown, source })
}

fn check_feasible(network: &Network, candidates: &[PopCandidate]) -> Result<(), Error> {
    let reachable = network.sites.iter().any(|site| site.node.is_ok()) || network.parks.iter().any(Option::is_some);
    if !reachable {
        let what = "no address or park that is planned for has a road in reach; check the scope, the roads and \
                    their rules, and that the layers cover the same area";
        return Err(Error::Infeasible(what.to_owned()));
    }
    if candidates.is_empty() {
        let what = "no PoP can be used: none of layers.pops has a road in reach; add one or widen \
                    network.entry_max_m";
        return Err(Error::Infeasible(what.to_owned()));
    }
    Ok(())
}

fn planning_crs(scenario: &Scenario, path: &str) -> Result<Crs, Error> {
    let refuse = |what: &str| Error::Crs { path: path.to_owned(), crs: scenario.crs.clone(), what: what.to_owned() };
    let crs = Crs::parse(&scenario.crs).ok_or_else(|| refuse("this system is not known"))?;
    if crs.is_projected_metric() { Ok(crs) } else { Err(refuse("lengths cannot be measured in it")) }
}

impl Planned {
    /// Everything that reports are made from.
    #[must_use]
    pub fn told(&self) -> Told<'_> {
        Told {
            scenario: &self.study.scenario,
            prices: &self.study.prices,
            region: &self.study.region,
            network: &self.network,
            plan: &self.plan,
            rollout: &self.rollout,
            segment_costs: &self.asked.segment_costs,
            findings: &self.study.findings,
            inputs: &self.study.inputs,
        }
    }

    /// Whether every address that is planned for is connected or left out by choice.
    #[must_use]
    pub fn serves_all(&self) -> bool {
        !self.plan.addresses.iter().any(|outcome| outcome.status.is_unserved())
    }

    /// Whether every park is protected as the scenario asks.
    #[must_use]
    pub fn protects_all(&self) -> bool {
        self.plan.protection.unmet().next().is_none()
    }

    /// The trench problem in SteinLib format, with the constant that leads to the plan's cost.
    #[must_use]
    pub fn to_stp(&self) -> String {
        let problem: &SteinerProblem = &self.asked.problem;
        let comments = [
            "Costs are whole cents.".to_owned(),
            format!("Optimum minus {} is trench.cost_cents plus trench.left_out_cents", self.asked.constant.cents()),
        ];
        problem::to_stp(problem, &self.study.scenario.name, &comments)
    }

    /// Writes all results into a folder that appears as a whole or not at all.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, folder: &mut Folder, shapefiles: bool, listener: &mut dyn Listener) -> Result<(), Error> {
        listener.step("writing");
        let told = self.told();
        let layers = report::layers(&told);
        geodata::write_geopackage(&folder.file("plan.gpkg"), &layers, &self.study.crs)?;
        let mut findings = self.study.findings.clone();
        if shapefiles {
            findings.extend(save_layers(&folder.file("shp"), &layers, &self.study.crs)?);
        }
        folder.write("addresses.csv", &report::addresses(&told))?;
        folder.write("ranking.csv", &report::ranking(&told))?;
        if let Some(robust) = &self.rollout.robustness {
            folder.write("robustness.csv", &report::robustness(&told, robust))?;
            folder.write("sensitivity.csv", &report::sensitivity(robust))?;
        }
        if let Some(phases) = report::phases(&told) {
            folder.write("phases.csv", &phases)?;
        }
        folder.write("subsidy.csv", &report::subsidy(&told))?;
        folder.write("bill_of_quantities.csv", &report::bill(&told))?;
        folder.write("bill_by_group.csv", &report::bill_by_group(&told))?;
        folder.write("cables.csv", &report::cables(&told))?;
        folder.write("splices.csv", &report::splices(&told))?;
        if !self.plan.protection.parks.is_empty() {
            folder.write("redundancy.csv", &report::redundancy(&told))?;
            folder.write("second_routes.csv", &report::second_routes(&told))?;
        }
        folder.write("findings.csv", &report::findings_table(&findings))?;
        folder.write("scenario.toml", &self.study.scenario.to_toml())?;
        let mut summary = serde_json::to_string_pretty(&report::summary(&told)).expect("a JSON value can be written");
        summary.push('\n');
        folder.write("plan.json", &summary)?;
        folder.write("report.html", &report::page(&told))
    }
}
