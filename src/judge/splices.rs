//! Does the table of fibres tell of every connection once, over fibres and ports that no other has?

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::Verdict;
use crate::judge::files::Files;
use crate::judge::second::Second;

/// First and last number of `7-8` or `7`.
fn stretch(text: &str) -> Option<(i64, i64)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first <= last).then_some((first, last))
}

/// PoP, distribution point and connections of an address or park.
type Told = (String, String, i64);

pub(super) fn judge(files: &Files, second: &Second, verdict: &mut Verdict) {
    let mut wanted: BTreeMap<(String, String), Vec<Told>> = BTreeMap::new();
    for item in files.items("addresses").iter().filter(|item| item.text("status") == "connected") {
        let point = item.whole("cabinet").map_or(String::new(), |id| id.to_string());
        let told = (item.text("pop"), point, item.whole("units").unwrap_or(0));
        wanted.entry(("address".to_owned(), item.text("id"))).or_default().push(told);
    }
    for park in files.items("business_parks").iter().filter(|park| park.whole("connected") == Some(1)) {
        wanted.entry(("park".to_owned(), park.text("id"))).or_default().push((park.text("pop"), String::new(), 1));
    }
    for (park, pop) in &second.ends {
        wanted.entry(("park-second".to_owned(), park.clone())).or_default().push((pop.clone(), String::new(), 1));
    }
    let mut rows: BTreeMap<(String, String), BTreeMap<(String, String), i64>> = BTreeMap::new();
    let mut numbers = Numbers::default();
    for (place, row) in files.splices.iter().enumerate() {
        let field = |name: &str| row.get(name).map_or("", String::as_str).to_owned();
        *rows.entry((field("kind"), field("id"))).or_default().entry((field("pop"), field("cabinet"))).or_default() +=
            1;
        numbers.take(place + 2, &field, files, verdict);
    }
    for (what, told) in &wanted {
        let mut due: BTreeMap<(String, String), i64> = BTreeMap::new();
        for (pop, point, units) in told {
            *due.entry((pop.clone(), point.clone())).or_default() += units;
        }
        let found = rows.remove(what).unwrap_or_default();
        verdict.demand(found == due, || format!("splices.csv: {} {} is not told of as it is fed", what.0, what.1));
    }
    for (kind, id) in rows.keys() {
        verdict.faults.push(format!("splices.csv: {kind} {id} is not connected"));
    }
    verdict.confirmed.push(format!("{} rows of fibres, none used twice", files.splices.len()));
}

/// Fibres and ports in use.
#[derive(Default)]
struct Numbers {
    /// Fibres at PoPs and at points, by the place.
    fibres: BTreeSet<(String, i64)>,
    /// Fibres that feed a splitter, by PoP and number.
    shared: BTreeMap<(String, i64), (String, String)>,
    ports: BTreeSet<(String, String, String)>,
}

impl Numbers {
    fn take(&mut self, line: usize, field: &dyn Fn(&str) -> String, files: &Files, verdict: &mut Verdict) {
        let split = files.number("/scenario/architecture/split");
        let (pop, point) = (format!("pop {}", field("pop")), format!("cabinet {}", field("cabinet")));
        for (at, kind) in [(&pop, "pop"), (&point, "cabinet")] {
            let port = field(&format!("{kind}_splitter_port"));
            if !port.is_empty() {
                let fits = port.parse::<i64>().is_ok_and(|port| (1..=split).contains(&port));
                let free = self.ports.insert((at.clone(), field(&format!("{kind}_splitter")), port));
                verdict.demand(fits && free, || format!("splices.csv, row {line}: the splitter's port is not free"));
            }
        }
        let splitter = field("cabinet_splitter");
        let at_pop = stretch(&field("pop_fibres"));
        let Some((first, last)) = at_pop else {
            verdict.faults.push(format!("splices.csv, row {line}: no fibres at the PoP"));
            return;
        };
        if splitter.is_empty() {
            let free = (first..=last).all(|fibre| self.fibres.insert((pop.clone(), fibre)));
            verdict.demand(free, || format!("splices.csv, row {line}: a fibre of the PoP is used twice"));
        } else {
            let known = self.shared.entry((pop.clone(), first)).or_insert((point.clone(), splitter.clone()));
            let same = *known == (point.clone(), splitter) && first == last;
            verdict.demand(same && !self.fibres.contains(&(pop, first)), || {
                format!("splices.csv, row {line}: the splitter's fibre is used twice")
            });
        }
        if field("cabinet").is_empty() {
            return;
        }
        match stretch(&field("cabinet_fibres")) {
            Some((first, last)) => {
                let free = (first..=last).all(|fibre| self.fibres.insert((point.clone(), fibre)));
                verdict.demand(free, || format!("splices.csv, row {line}: a fibre of the cabinet is used twice"));
            }
            None => verdict.faults.push(format!("splices.csv, row {line}: no fibres at the cabinet")),
        }
    }
}
