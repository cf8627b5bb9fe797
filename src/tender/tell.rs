//! `comparison.json`: every figure with what it is made of, and the hashes of the inputs.

use serde_json::{Map, Value, json};

use crate::tender::figures::{Cell, Told, figures};
use crate::tender::ratio::{Ratio, shown};
use crate::tender::reprice::What;
use crate::tender::reversal::{Cause, Reversal};
use crate::tender::tables::warning;
use crate::units::Money;

/// An exact fraction: as it is, and to six digits.
fn exact(number: &Ratio) -> Value {
    json!({ "exact": number.to_string(), "decimal": shown(number, 6) })
}

fn cell(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Money(amount) => json!({ "cents": amount.cents() }),
        Cell::Count(number) => json!(number),
        Cell::Number(number, _) => json!(number),
        Cell::Percent(share) => json!({ "share": share }),
        Cell::Exact(number) => exact(number),
        Cell::Yes(yes) => json!(yes),
        Cell::Text(text) => json!(text),
    }
}

/// The comparison, with keys in alphabetical order.
#[must_use]
pub fn json(told: &Told<'_>) -> Value {
    let ground = &told.ground;
    let call = ground.call;
    let reference = ground.reference;
    let criteria: Vec<Value> = call
        .award
        .criteria
        .iter()
        .map(|criterion| {
            json!({
                "key": criterion.key, "name": criterion.label(), "points": exact(&criterion.points()),
                "euros": exact(&criterion.euros()), "scale": criterion.ends().map(|end| exact(&end)),
                "percent_by_score": criterion.shares.iter().map(|(score, percent)| (score.clone(), exact(&percent.0))).collect::<Map<_, _>>(),
            })
        })
        .collect();
    let inputs: Vec<Value> = told.files.iter().map(|(file, hash)| json!({"file": file, "sha256": hash})).collect();
    json!({
        "name": call.name,
        "award": {
            "method": call.award.method.name(),
            "formula": call.award.method.told()[0],
            "price_points": exact(&call.award.price_points()),
            "lower_bound": call.award.lower_bound.as_ref().map(|bound| exact(&bound.0)),
            "upper_bound": call.award.upper_bound.as_ref().map(|bound| exact(&bound.0)),
            "criteria": criteria,
        },
        "reference": {
            "cost_cents": reference.cost.cents(),
            "bound_cents": reference.bound.cents(),
            "optimal": reference.optimal,
            "length_mm": reference.length.millimetres(),
            "addresses": reference.addresses,
            "bill_cents": ground.bill.total().cents(),
        },
        "bids": told.bids.iter().enumerate().map(|(place, _)| bid(told, place)).collect::<Vec<_>>(),
        "figures": figure_list(told),
        "scores": scores(told),
        "robustness": robustness(told),
        "lots": lots(told),
        "inputs": inputs,
        "versions": { "vezel": env!("CARGO_PKG_VERSION"), "format": 1 },
    })
}

fn bid(told: &Told<'_>, place: usize) -> Value {
    let judged = &told.bids[place];
    let by_price =
        |what: What| -> Money { judged.priced.dues.iter().filter(|due| due.what == what).map(|due| due.cost).sum() };
    let least = judged.least.as_ref().map(|least| {
        json!({
            "cost_cents": least.cost.cents(), "bound_cents": least.bound.cents(), "optimal": least.optimal,
            "length_mm": least.length.millimetres(), "addresses": least.addresses,
        })
    });
    let outside: Vec<Value> = judged
        .outside
        .iter()
        .map(|band| json!({"price": band.key, "asked_cents": band.asked.cents(), "low_cents": band.low.cents(), "high_cents": band.high.cents()}))
        .collect();
    let not_scored = told.evaluation.not_scored.iter().find(|none| none.bid == place).map(|none| none.why.clone());
    let pops: Vec<Value> = judged
        .checked
        .pops
        .iter()
        .map(|(at, candidate)| json!({"x": at.x, "y": at.y, "candidate": candidate.map(|at| told.ground.candidates[at].key.clone())}))
        .collect();
    json!({
        "name": judged.bid.name,
        "bidder": judged.bid.sheet.bidder,
        "lots": judged.lots.iter().map(|&lot| told.ground.lots[lot].clone()).collect::<Vec<_>>(),
        "not_scored": not_scored,
        "repriced": {
            "cost_cents": judged.priced.cost.cents(),
            "followed_cents": by_price(What::Followed).cents(),
            "beside_cents": by_price(What::Beside).cents(),
            "drops_not_drawn_cents": by_price(What::Drop).cents(),
            "pops_cents": by_price(What::Pop).cents(),
            "length_mm": judged.priced.length.millimetres(),
            "followed_mm": judged.priced.followed.millimetres(),
        },
        "least": least,
        "estimate_cents": { "low": judged.estimate.low.cents(), "usual": judged.estimate.usual.cents(), "high": judged.estimate.high.cents() },
        "prices_outside": outside,
        "pops": pops,
        "findings": judged.findings.iter().map(|finding| json!({
            "severity": finding.severity.to_string(), "rule": finding.rule, "layer": finding.layer,
            "feature": finding.feature, "what": finding.what, "advice": finding.advice,
        })).collect::<Vec<_>>(),
    })
}

fn figure_list(told: &Told<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    for group in figures(told) {
        for figure in group.rows {
            let names = std::iter::once("reference").chain(told.bids.iter().map(|judged| judged.bid.name.as_str()));
            let values: Map<String, Value> = names.map(str::to_owned).zip(figure.cells.iter().map(cell)).collect();
            all.push(json!({ "key": figure.key, "unit": figure.unit, "how": figure.how, "values": values }));
        }
    }
    all
}

fn scores(told: &Told<'_>) -> Vec<Value> {
    let name = |at: usize| told.bids[told.evaluation.scored[at]].bid.name.clone();
    let of_formula = |(formula, standing): &(
        crate::tender::award::Formula,
        Result<crate::tender::score::Standing, &'static str>,
    )| match standing {
        Err(lack) => json!({ "formula": formula.name(), "not_used": lack }),
        Ok(standing) => {
            let bids: Vec<Value> = standing
                .scores
                .iter()
                .enumerate()
                .map(|(at, score)| {
                    json!({
                        "bid": name(at), "rank": standing.ranks[at],
                        "price_cents": told.evaluation.entries[at].price.cents(),
                        "price": exact(&score.price),
                        "quality": score.quality.iter().map(exact).collect::<Vec<_>>(),
                        "total": score.total.as_ref().map(exact),
                    })
                })
                .collect();
            json!({ "formula": formula.name(), "told": formula.told()[0], "lower_wins": formula.lower_wins(), "bids": bids,
                    "winner": standing.winner().map(name), "tied": standing.is_tied() })
        }
    };
    told.evaluation.standings.iter().map(of_formula).collect()
}

fn robustness(told: &Told<'_>) -> Value {
    let evaluation = told.evaluation;
    let name = |at: usize| told.bids[evaluation.scored[at]].bid.name.clone();
    let label = |criterion: Option<usize>| {
        criterion.map_or("price".to_owned(), |at| told.ground.call.award.criteria[at].key.clone())
    };
    let reversal = |reversal: &Reversal| {
        let cause = match reversal.cause {
            Cause::Removed(gone) => json!({ "removed": name(gone) }),
            Cause::Added(price) => json!({ "added_at_cents": price.cents() }),
        };
        let pairs: Vec<[String; 2]> = reversal.pairs.iter().map(|&(one, other)| [name(one), name(other)]).collect();
        json!({ "formula": reversal.formula.name(), "cause": cause, "pairs": pairs, "winner_before": name(reversal.before),
                "winner_after": name(reversal.after), "warning": warning(told, reversal)[0] })
    };
    let intervals: Vec<Value> = evaluation
        .intervals
        .iter()
        .map(|interval| {
            json!({ "criterion": label(interval.criterion), "stated": exact(&interval.stated), "low": exact(&interval.low),
                    "high": interval.high.as_ref().map(exact), "low_rival": interval.low_rival.map(name), "high_rival": interval.high_rival.map(name) })
        })
        .collect();
    let what_if: Vec<Value> = evaluation
        .what_if
        .iter()
        .map(|case| {
            json!({ "bid": name(case.bid), "criterion": label(Some(case.criterion)), "given": case.given,
                    "turns_at": case.turns_at, "winner_then": case.winner_then.map(name) })
        })
        .collect();
    json!({
        "leave_one_out": evaluation.removed.iter().map(reversal).collect::<Vec<_>>(),
        "added_bid": evaluation.added.iter().map(reversal).collect::<Vec<_>>(),
        "weight_intervals": intervals,
        "what_if": what_if,
        "rank_acceptability": acceptability(told),
    })
}

/// Rank acceptability, central weights (price first) and confidence factor of each scored bid.
fn acceptability(told: &Told<'_>) -> Value {
    let Some(found) = &told.evaluation.acceptability else { return Value::Null };
    let bid = |at: usize| {
        let shares: Vec<f64> = (0..found.ranks.len()).map(|rank| found.share(at, rank)).collect();
        json!({ "bid": told.bids[told.evaluation.scored[at]].bid.name, "by_rank": shares,
                "central_weights": found.central_weights[at], "confidence": found.confidence[at] })
    };
    json!({ "samples": found.samples, "bids": (0..found.ranks.len()).map(bid).collect::<Vec<_>>() })
}

fn lots(told: &Told<'_>) -> Value {
    if told.ground.lots.is_empty() {
        return Value::Null;
    }
    let lot_names = |lots: &[usize]| lots.iter().map(|&lot| told.ground.lots[lot].clone()).collect::<Vec<_>>();
    let offer = |at: usize| {
        let offer = &told.evaluation.offers[at];
        json!({ "bid": told.bids[offer.bid].bid.name, "lots": lot_names(&offer.lots), "price_cents": offer.price.cents() })
    };
    let awards: Vec<Value> = told
        .evaluation
        .lot_awards
        .iter()
        .map(|award| json!({ "total_cents": award.total.cents(), "offers": award.offers.iter().map(|&at| offer(at)).collect::<Vec<_>>() }))
        .collect();
    json!({
        "lots": told.ground.lots,
        "offers": (0..told.evaluation.offers.len()).map(offer).collect::<Vec<_>>(),
        "award": awards.first(),
        "runner_up": awards.get(1),
    })
}
