//! Tables of a comparison: CSV text and an Excel workbook with real numbers.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::scenario::Unit;
use crate::tender::award::Formula;
use crate::tender::bid::Level;
use crate::tender::figures::{Cell, Told, figures};
use crate::tender::ratio::{approximate, shown};
use crate::tender::reversal::{Cause, Reversal};
use crate::units::Length;

fn csv(header: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let written = writer
        .write_record(header)
        .and_then(|()| rows.into_iter().try_for_each(|row| writer.write_record(&row)))
        .and_then(|()| writer.flush().map_err(Into::into));
    written.expect("writing to memory does not fail");
    String::from_utf8(writer.into_inner().expect("writing to memory does not fail")).expect("the rows are UTF-8")
}

fn words(header: &[&str]) -> Vec<String> {
    header.iter().map(|&word| word.to_owned()).collect()
}

fn names(told: &Told<'_>) -> Vec<String> {
    told.bids.iter().map(|judged| judged.bid.name.clone()).collect()
}

/// The side-by-side table: a row a figure, scores included, with how each is found.
#[must_use]
pub fn figures_csv(told: &Told<'_>) -> String {
    let mut header = words(&["group", "key", "figure", "cijfer", "unit", "reference"]);
    header.extend(names(told));
    header.push("how".to_owned());
    csv(&header, figure_rows(told).into_iter().map(|row| row.iter().map(Cell::plain).collect()))
}

/// The rows of the side-by-side table, as cells.
fn figure_rows(told: &Told<'_>) -> Vec<Vec<Cell>> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut rows = Vec::new();
    for group in figures(told) {
        for figure in group.rows {
            let mut row = vec![
                text(group.words[0]),
                text(&figure.key),
                text(&figure.words[0]),
                text(&figure.words[1]),
                text(figure.unit),
            ];
            row.extend(figure.cells);
            row.push(text(figure.how));
            rows.push(row);
        }
    }
    for (formula, standing) in &told.evaluation.standings {
        let Ok(standing) = standing else { continue };
        let key = formula.name();
        let place = |bid: usize| told.evaluation.scored.iter().position(|&scored| scored == bid);
        let mut add = |key: String, name: String, how: &str, of: &dyn Fn(usize) -> Cell| {
            let mut row = vec![
                text("Scores"),
                Cell::Text(key),
                Cell::Text(name.clone()),
                Cell::Text(name),
                text(""),
                Cell::Empty,
            ];
            row.extend((0..told.bids.len()).map(|bid| place(bid).map_or(Cell::Empty, of)));
            row.push(text(how));
            rows.push(row);
        };
        add(format!("{key}_rank"), format!("{key} rank"), formula.told()[0], &|at| {
            Cell::Count(standing.ranks[at] as i64)
        });
        add(format!("{key}_total"), format!("{key} score"), formula.told()[0], &|at| {
            standing.scores[at].total.clone().map_or(Cell::Empty, Cell::Exact)
        });
        add(format!("{key}_price"), format!("{key} price"), "price part of the score", &|at| {
            Cell::Exact(standing.scores[at].price.clone())
        });
        for (criterion, asked) in told.ground.call.award.criteria.iter().enumerate() {
            let name = format!("{key} {}", asked.label());
            add(format!("{key}_{}", asked.key), name, "quality part of the score", &|at| {
                Cell::Exact(standing.scores[at].quality[criterion].clone())
            });
        }
    }
    rows
}

fn level(level: Option<Level>) -> &'static str {
    match level {
        None => "",
        Some(Level::Offered) => "offered",
        Some(Level::Passed) => "passed",
        Some(Level::Connected) => "connected",
    }
}

/// The one address list with what became of each address in each bid.
#[must_use]
pub fn addresses_csv(told: &Told<'_>) -> String {
    let ground = &told.ground;
    let mut header = words(&["id", "asked", "tier", "colour", "lot"]);
    for name in names(told) {
        header.extend([format!("{name}: claimed"), format!("{name}: served"), format!("{name}: route_m")]);
    }
    let tiers = ground.scenario.tier_names();
    let rows = ground.region.addresses.iter().enumerate().map(|(place, address)| {
        let asked = address.standing == crate::region::Standing::Target;
        let lot = ground.lot_of[place].map_or(String::new(), |lot| ground.lots[lot].clone());
        let tier = tiers[usize::from(address.tier)].clone();
        let asked = if asked { "yes" } else { "no" }.to_owned();
        let mut row = vec![address.key.clone(), asked, tier, ground.colours[place].to_owned(), lot];
        for judged in told.bids {
            let seen = &judged.checked.addresses[place];
            row.push(level(seen.claimed).to_owned());
            row.push(level(seen.served).to_owned());
            row.push(seen.route.map_or(String::new(), |route| route.to_string()));
        }
        row
    });
    csv(&header, rows)
}

/// Every price that is due on each bid's routes; the costs of a bid add up to its cost at the scenario's prices.
#[must_use]
pub fn repriced_csv(told: &Told<'_>) -> String {
    let ground = &told.ground;
    let header = words(&["bid", "why", "segment", "road", "price", "unit", "quantity", "price_eur", "cost_eur"]);
    let mut rows = Vec::new();
    for judged in told.bids {
        for due in &judged.priced.dues {
            let segment = due.segment.map(|edge| &ground.network.segments[edge.index()]);
            let road =
                segment.and_then(|segment| segment.road).map(|road| ground.region.roads[road.0 as usize].key.clone());
            let unit = due.price.map_or(Unit::Each, |id| ground.prices.unit(id));
            let quantity = match unit {
                Unit::Metre => Length::from_millimetres(due.quantity).to_string(),
                Unit::Each | Unit::Percent => due.quantity.to_string(),
            };
            rows.push(vec![
                judged.bid.name.clone(),
                due.what.word().to_owned(),
                due.segment.map_or(String::new(), |edge| edge.0.to_string()),
                road.unwrap_or_default(),
                due.price.map_or("layers.pops".to_owned(), |id| ground.prices.key(id).to_owned()),
                if unit == Unit::Metre { "m" } else { "each" }.to_owned(),
                quantity,
                due.price.map_or_else(|| due.cost.to_string(), |id| ground.prices.money(id).to_string()),
                due.cost.to_string(),
            ]);
        }
    }
    csv(&header, rows)
}

/// Every finding about each bid.
#[must_use]
pub fn findings_csv(told: &Told<'_>) -> String {
    let header = words(&["bid", "severity", "rule", "layer", "feature", "what", "advice"]);
    let rows = told.bids.iter().flat_map(|judged| {
        judged.findings.iter().map(|finding| {
            vec![
                judged.bid.name.clone(),
                finding.severity.to_string(),
                finding.rule.to_owned(),
                finding.layer.clone(),
                finding.feature.clone(),
                finding.what.clone(),
                finding.advice.clone(),
            ]
        })
    });
    csv(&header, rows)
}

/// A warning about a reversal, in English and Dutch; it names the formula and the bids.
pub(super) fn warning(told: &Told<'_>, reversal: &Reversal) -> [String; 2] {
    let name = |at: usize| told.bids[told.evaluation.scored[at]].bid.name.as_str();
    let formula = reversal.formula.name();
    let pairs: Vec<String> =
        reversal.pairs.iter().map(|&(one, other)| format!("{} / {}", name(one), name(other))).collect();
    let pairs = pairs.join(", ");
    let (cause, dutch) = match reversal.cause {
        Cause::Removed(gone) => {
            (format!("Without {}, which does not win,", name(gone)), format!("Zonder {}, die niet wint,", name(gone)))
        }
        Cause::Added(price) => (
            format!("A further bid at EUR {price} with the lowest quality scores would not win, but"),
            format!("Een extra inschrijving van EUR {price} met de laagste kwaliteitsscores wint niet, maar"),
        ),
    };
    let (winner, winner_dutch) = if reversal.before == reversal.after {
        (format!("{} stays first", name(reversal.before)), format!("{} blijft eerste", name(reversal.before)))
    } else {
        (
            format!("the winner changes from {} to {}", name(reversal.before), name(reversal.after)),
            format!("de winnaar verandert van {} in {}", name(reversal.before), name(reversal.after)),
        )
    };
    [
        format!("{formula}: {cause} the order changes for {pairs}; {winner}."),
        format!("{formula}: {dutch} verandert de volgorde van {pairs}; {winner_dutch}."),
    ]
}

/// Warnings of reversals under the method that decides, in English.
#[must_use]
pub fn warnings(told: &Told<'_>) -> Vec<String> {
    let method = told.ground.call.award.method;
    let all = told.evaluation.removed.iter().chain(&told.evaluation.added);
    all.filter(|reversal| reversal.formula == method).map(|reversal| warning(told, reversal)[0].clone()).collect()
}

/// An Excel workbook: the side-by-side table, scores, firmness, findings, input files. Its dates are fixed.
///
/// # Errors
/// What the library says, if the workbook cannot be made.
pub fn workbook(told: &Told<'_>) -> Result<Vec<u8>, String> {
    book(told).map_err(|error| error.to_string())
}

fn book(told: &Told<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_title(&told.ground.call.name).set_creation_datetime(&made));
    let bold = Format::new().set_bold();
    let head = |sheet: &mut Worksheet, header: &[String]| -> Result<(), XlsxError> {
        for (column, word) in header.iter().enumerate() {
            sheet.write_string_with_format(0, column as u16, word, &bold)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    };
    let mut header = words(&["group", "key", "figure", "cijfer", "unit", "reference"]);
    header.extend(names(told));
    header.push("how".to_owned());
    fill(book.add_worksheet().set_name("comparison")?, &header, &figure_rows(told), &head)?;
    let firm = firmness_rows(told);
    let header = words(&["kind", "formula", "what", "from", "to", "text", "tekst"]);
    fill(book.add_worksheet().set_name("robustness")?, &header, &firm, &head)?;
    let text = |text: &str| Cell::Text(text.to_owned());
    let findings: Vec<Vec<Cell>> = told
        .bids
        .iter()
        .flat_map(|judged| judged.findings.iter().map(|finding| (judged.bid.name.as_str(), finding)))
        .map(|(bid, finding)| {
            let severity = finding.severity.to_string();
            [bid, &severity, finding.rule, &finding.layer, &finding.feature, &finding.what, &finding.advice]
                .map(text)
                .to_vec()
        })
        .collect();
    let header = words(&["bid", "severity", "rule", "layer", "feature", "what", "advice"]);
    fill(book.add_worksheet().set_name("findings")?, &header, &findings, &head)?;
    let files: Vec<Vec<Cell>> = told.files.iter().map(|(file, hash)| vec![text(file), text(hash)]).collect();
    fill(book.add_worksheet().set_name("inputs")?, &words(&["file", "sha256"]), &files, &head)?;
    book.save_to_buffer()
}

/// Writes the header of a sheet.
type Head<'a> = dyn Fn(&mut Worksheet, &[String]) -> Result<(), XlsxError> + 'a;

fn fill(sheet: &mut Worksheet, header: &[String], rows: &[Vec<Cell>], head: &Head<'_>) -> Result<(), XlsxError> {
    head(sheet, header)?;
    let euros = Format::new().set_num_format("#,##0.00");
    let share = Format::new().set_num_format("0.00%");
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let (row, column) = (row as u32 + 1, column as u16);
            match cell {
                Cell::Empty => continue,
                Cell::Money(amount) => sheet.write_number_with_format(row, column, amount.euros(), &euros)?,
                Cell::Count(number) => sheet.write_number(row, column, *number as f64)?,
                Cell::Number(number, _) => sheet.write_number(row, column, *number)?,
                Cell::Percent(part) => sheet.write_number_with_format(row, column, *part, &share)?,
                Cell::Exact(number) => sheet.write_number(row, column, approximate(number))?,
                Cell::Yes(_) | Cell::Text(_) => sheet.write_string(row, column, cell.plain())?,
            };
        }
    }
    Ok(())
}

/// Reversals, weight intervals and what-ifs as rows.
fn firmness_rows(told: &Told<'_>) -> Vec<Vec<Cell>> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let evaluation = told.evaluation;
    let name = |at: usize| told.bids[evaluation.scored[at]].bid.name.clone();
    let mut rows = Vec::new();
    for (kind, reversals) in [("bid removed", &evaluation.removed), ("bid added", &evaluation.added)] {
        for reversal in reversals {
            let [english, dutch] = warning(told, reversal);
            let (from, to) = (name(reversal.before), name(reversal.after));
            rows.push(vec![
                text(kind),
                text(reversal.formula.name()),
                Cell::Empty,
                Cell::Text(from),
                Cell::Text(to),
                Cell::Text(english),
                Cell::Text(dutch),
            ]);
        }
    }
    let method = told.ground.call.award.method;
    for interval in &evaluation.intervals {
        let label = interval.criterion.map_or("price", |at| told.ground.call.award.criteria[at].label());
        let high = interval.high.clone().map_or(Cell::Empty, Cell::Exact);
        let what = format!("the winner stays; stated: {}", shown(&interval.stated, 2));
        rows.push(vec![
            text("weight"),
            text(method.name()),
            text(label),
            Cell::Exact(interval.low.clone()),
            high,
            Cell::Text(what),
            Cell::Empty,
        ]);
    }
    if let Some(found) = &evaluation.acceptability {
        for at in 0..found.ranks.len() {
            for rank in 0..found.ranks.len() {
                let (share, what) = (Cell::Percent(found.share(at, rank)), format!("rank {}", rank + 1));
                let words = [text("rank acceptability"), text(method.name()), Cell::Text(name(at)), share, Cell::Empty];
                rows.push(words.into_iter().chain([Cell::Text(what), Cell::Empty]).collect());
            }
        }
    }
    for case in &evaluation.what_if {
        let label = format!("{}: {}", name(case.bid), told.ground.call.award.criteria[case.criterion].label());
        let turns = case.turns_at.as_deref().map_or(Cell::Empty, text);
        let then = case
            .winner_then
            .map_or("no score on the scale changes the winner".to_owned(), |at| format!("{} wins", name(at)));
        rows.push(vec![
            text("what if"),
            text(method.name()),
            Cell::Text(label),
            text(&case.given),
            turns,
            Cell::Text(then),
            Cell::Empty,
        ]);
    }
    rows
}

/// Formulas with which nothing can reverse are told too: that they were tried.
pub(super) fn untouched(told: &Told<'_>) -> Vec<Formula> {
    let moved = |formula: Formula| {
        let mut all = told.evaluation.removed.iter().chain(&told.evaluation.added);
        all.any(|reversal| reversal.formula == formula)
    };
    let usable = told.evaluation.standings.iter().filter(|(_, standing)| standing.is_ok());
    usable.map(|(formula, _)| *formula).filter(|&formula| !moved(formula)).collect()
}
