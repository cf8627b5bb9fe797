//! Roads as in the NWB: one line from junction to junction, with the junctions' ids; railways and waters beside them.

use crate::generate::addresses::municipality;
use crate::generate::course;
use crate::generate::dice::Dice;
use crate::generate::lattice::Place;
use crate::generate::roads::{Class, Road, Roads, Work};
use crate::generate::settle::Settlements;
use crate::generate::streets::Street;
use crate::generate::table::{add, layer, line, text, whole};
use crate::generate::terrain::{Kind, Terrain};
use crate::geodata::{ColumnKind, Layer, Value};

/// First junction id and first road id.
const FIRST_JUNCTION: i64 = 231_000_000;
const FIRST_ROAD: i64 = 600_000_000;

/// The layer of roads, cut at junctions and at both ends of bridges, tunnels and ferries.
pub(super) fn wegvakken(seed: u64, roads: &Roads, streets: &[Street], settlements: &Settlements) -> Layer {
    let mut dice = Dice::new(seed, "surfaces");
    let mut layer = layer(
        "wegvakken",
        &[
            ("wvk_id", ColumnKind::Integer),
            ("jte_id_beg", ColumnKind::Integer),
            ("jte_id_end", ColumnKind::Integer),
            ("wegbehsrt", ColumnKind::Text),
            ("wegnummer", ColumnKind::Text),
            ("bst_code", ColumnKind::Text),
            ("stt_naam", ColumnKind::Text),
            ("gme_naam", ColumnKind::Text),
            ("verharding", ColumnKind::Text),
            ("kunstwerk", ColumnKind::Text),
        ],
    );
    for road in &roads.roads {
        let street = streets.get(road.street as usize);
        let seat = street.map_or(0, |street| municipality(street.village));
        let municipality_name = settlements.villages.get(seat as usize).map_or("", |village| &village.name);
        let surface = surface(&mut dice, road);
        let nodes: Vec<u32> = nodes(road);
        let places: Vec<(f64, _)> =
            road.cuts.iter().map(|&(metres, node)| (metres, roads.nodes[node as usize])).collect();
        for (index, course) in course::cut(&road.course, &places).into_iter().enumerate() {
            let work = work_on(road, index);
            let values = vec![
                whole(FIRST_ROAD + layer.features.len() as i64),
                whole(FIRST_JUNCTION + i64::from(nodes[index])),
                whole(FIRST_JUNCTION + i64::from(nodes[index + 1])),
                text(manager(road, work)),
                number(road),
                text(carriageway(road, work)),
                text(street.map_or("", |street| &street.name)),
                text(municipality_name),
                text(if work == Some(Work::Ferry) { "" } else { surface }),
                text(match work {
                    Some(Work::Bridge) => "brug",
                    Some(Work::Tunnel) => "tunnel",
                    Some(Work::Ferry) | None => "",
                }),
            ];
            add(&mut layer, line(&course), values);
        }
    }
    layer
}

/// All nodes of a road, in order.
fn nodes(road: &Road) -> Vec<u32> {
    let middle = road.cuts.iter().map(|&(_, node)| node);
    std::iter::once(road.ends[0]).chain(middle).chain([road.ends[1]]).collect()
}

/// The work that a piece between two cuts belongs to.
fn work_on(road: &Road, piece: usize) -> Option<Work> {
    let from = if piece == 0 { 0.0 } else { road.cuts[piece - 1].0 };
    let to = road.cuts.get(piece).map_or(f64::MAX, |&(metres, _)| metres);
    let covers = |&&(start, end, _): &&(f64, f64, Work)| start <= from + 0.001 && to <= end + 0.001;
    road.works.iter().find(covers).map(|&(_, _, work)| work)
}

/// Who manages the road: state, province, water board, municipality or other.
fn manager(road: &Road, work: Option<Work>) -> &'static str {
    match road.class {
        _ if work == Some(Work::Ferry) => "T",
        Class::Motorway | Class::Ramp => "R",
        Class::Provincial => "P",
        Class::Dike => "W",
        Class::Track if road.ends[1].is_multiple_of(3) => "T",
        _ => "G",
    }
}

fn number(road: &Road) -> Value {
    match (road.class, road.number) {
        (Class::Motorway | Class::Ramp, Some(number)) => text(format!("A{number}")),
        (Class::Provincial, Some(number)) => text(format!("N{number}")),
        _ => Value::Null,
    }
}

fn carriageway(road: &Road, work: Option<Work>) -> &'static str {
    match road.class {
        _ if work == Some(Work::Ferry) => "VD",
        Class::Motorway => "HR",
        Class::Ramp if road.ends[0].is_multiple_of(2) => "OPR",
        Class::Ramp => "AFR",
        Class::Cycle => "FP",
        Class::Street if road.ends[0].is_multiple_of(23) => "ERF",
        _ => "RB",
    }
}

/// Surface as the BGT says it.
fn surface(dice: &mut Dice, road: &Road) -> &'static str {
    let lot = dice.unit();
    let (sealed, bricks) = ("gesloten verharding", "open verharding");
    match (road.class, road.place) {
        (Class::Motorway | Class::Ramp | Class::Provincial, _) => sealed,
        (Class::Track, _) => {
            if lot < 0.7 {
                "onverhard"
            } else {
                "half verhard"
            }
        }
        (Class::Cycle, _) => {
            if lot < 0.6 {
                sealed
            } else {
                "half verhard"
            }
        }
        (Class::Street, _) => {
            if lot < 0.85 {
                bricks
            } else {
                sealed
            }
        }
        (Class::MainStreet, _) => {
            if lot < 0.6 {
                bricks
            } else {
                sealed
            }
        }
        (Class::ParkRoad, Place::Park(_)) => {
            if lot < 0.55 {
                bricks
            } else {
                sealed
            }
        }
        _ if lot < 0.86 => sealed,
        _ if lot < 0.94 => "half verhard",
        _ => bricks,
    }
}

/// The layer of water lines: rivers, brooks, ditches.
pub(super) fn water(seed: u64, terrain: &Terrain) -> Layer {
    let mut dice = Dice::new(seed, "water names");
    let mut layer = layer("water", &[("naam", ColumnKind::Text), ("type", ColumnKind::Text)]);
    for obstacle in &terrain.obstacles {
        let (kind, name) = match obstacle.kind {
            Kind::River => ("rivier", format!("{} IJselle", dice.pick(&["Oude", "Nieuwe", "Grote", "Lage"]))),
            Kind::Brook => {
                let start =
                    dice.pick(&["Baak", "Groen", "Buur", "Rams", "Leer", "Haart", "Visser", "Veen", "Boven", "Slinge"]);
                ("beek", format!("{start}{}", dice.pick(&["se Beek", "beek", "sche Laak", "goot"])))
            }
            Kind::Ditch => ("sloot", String::new()),
            Kind::Rail | Kind::Motorway => continue,
        };
        add(&mut layer, line(&obstacle.course), vec![text(name), text(kind)]);
    }
    layer
}

/// The layer of railways.
pub(super) fn spoor(terrain: &Terrain) -> Layer {
    let mut layer = layer("spoor", &[("id", ColumnKind::Integer)]);
    for obstacle in terrain.obstacles.iter().filter(|obstacle| obstacle.kind == Kind::Rail) {
        let id = layer.features.len() as i64 + 1;
        add(&mut layer, line(&obstacle.course), vec![whole(id)]);
    }
    layer
}
