//! Is a frontier monotone and undominated, and do its bounds follow from its lines?

use std::path::Path;

use serde_json::Value as Json;

use crate::judge::{Error, Verdict};

struct Frontier {
    need: i64,
    least_for_all: i64,
    /// Price and least sum.
    lines: Vec<(i64, i64)>,
}

fn number(value: &Json, key: &str) -> i64 {
    value.get(key).and_then(Json::as_i64).unwrap_or(i64::MIN / 1_000_000)
}

impl Frontier {
    fn least_cost(&self, need: i64) -> i64 {
        let left = i128::from(self.need - need);
        let lines = self.lines.iter().map(|&(price, value)| i128::from(value) - i128::from(price) * left);
        let all = if need == self.need { self.least_for_all } else { 0 };
        lines.max().unwrap_or(0).max(i128::from(all)) as i64
    }

    /// The most need for which every line allows the cost.
    fn most_need(&self, cost: i64) -> i64 {
        let allows = |need: i64| {
            self.lines.iter().all(|&(price, value)| {
                i128::from(price) * i128::from(self.need - need) + i128::from(cost) >= i128::from(value)
            })
        };
        let (mut low, mut high) = (0, self.need);
        while low < high {
            let middle = (low + high + 1) / 2;
            if allows(middle) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    }
}

pub(super) fn judge(folder: &Path) -> Result<Verdict, Error> {
    let fail = |name: &str, what: String| Error::Unreadable { path: folder.join(name).display().to_string(), what };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| fail(name, error.to_string()));
    let told: Json =
        serde_json::from_str(&read("frontier.json")?).map_err(|error| fail("frontier.json", error.to_string()))?;
    let listed = |key: &str| told.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    let lines: Vec<(i64, i64)> =
        listed("lines").iter().map(|line| (number(line, "price_cents"), number(line, "least_sum_cents"))).collect();
    let frontier = Frontier { need: number(&told, "need"), least_for_all: number(&told, "least_for_all_cents"), lines };
    let mut verdict = Verdict::default();
    verdict.demand(frontier.lines.iter().all(|line| line.0 >= 1), || "a price of need is below a cent".to_owned());
    let points = listed("points");
    for pair in points.windows(2) {
        let grows = |key: &str| number(&pair[0], key) < number(&pair[1], key);
        verdict.demand(grows("cost_cents") && grows("need"), || {
            let costs = [number(&pair[0], "cost_cents"), number(&pair[1], "cost_cents")];
            format!(
                "the plans of {} and {} cents: one dominates the other, or they are out of order",
                costs[0], costs[1]
            )
        });
    }
    for point in &points {
        let (cost, need) = (number(point, "cost_cents"), number(point, "need"));
        let least = frontier.least_cost(need);
        verdict.equal(&format!("bound of the plan of {cost} cents"), number(point, "bound_cents"), least);
        verdict
            .demand(least <= cost && need <= frontier.need, || format!("the plan of {cost} cents lies below a line"));
    }
    let rows = read("frontier.csv")?.lines().count() as i64 - 1;
    verdict.equal("rows of frontier.csv", rows, points.len() as i64);
    if let Some(answer) = told.get("budget").filter(|answer| !answer.is_null()) {
        let budget = number(answer, "budget_cents");
        let affordable = points.iter().filter(|point| number(point, "cost_cents") <= budget);
        let best = affordable.map(|point| number(point, "need")).max();
        let chosen = answer.get("best").map(|point| number(point, "need"));
        verdict.demand(best == chosen, || "a better plan lies within the budget".to_owned());
        verdict.equal("most need within the budget", number(answer, "most_need"), frontier.most_need(budget));
    }
    verdict.confirmed.push(format!("{} plans, none dominated, above {} lines", points.len(), frontier.lines.len()));
    Ok(verdict)
}
