//! The text of a certificate, replayed line by line.

use crate::judge::Verdict;
use crate::judge::certificate::case::Case;
use crate::judge::certificate::instance::{Instance, lines, node};
use crate::judge::certificate::needless::Needless;

/// First line of every certificate that is understood.
const TITLE: &str = "vezel certificate 2";

/// What a certificate told, and what its cuts add up to; nothing but the faults, if there are any.
#[derive(Default)]
pub(super) struct Replayed {
    value: i128,
    claimed: i128,
    told: i128,
    bound: i128,
    faults: Vec<String>,
}

#[derive(Default)]
struct Head {
    nodes: Option<usize>,
    edges: Option<usize>,
    value: Option<i128>,
    claimed: Option<i128>,
    confirmed: Option<i128>,
    cutoff: Option<i128>,
}

/// The cases so far.
struct Replay {
    /// Without the edges that are not needed.
    instance: Instance,
    cutoff: i128,
    case: Option<Case>,
    /// Roots of the cases so far, and their prizes.
    gone: Vec<bool>,
    lost: i128,
    cases: usize,
    has_hub: bool,
    bound: i128,
    faults: Vec<String>,
}

/// Replays a certificate.
pub(super) fn replay(text: &str, instance: &Instance) -> Result<Replayed, String> {
    let mut head = Head::default();
    let mut replay: Option<Replay> = None;
    let mut needless = Needless::new(instance);
    let mut ended = false;
    for (line, words) in lines(text) {
        if line == 1 && words != TITLE {
            return Err(format!("line 1: it does not begin with `{TITLE}`"));
        }
        if line == 1 || words.starts_with('#') {
            continue;
        }
        let mut words = words.split_whitespace();
        let keyword = words.next().unwrap_or("");
        if keyword == "end" {
            ended = true;
            break;
        }
        match &mut replay {
            None if keyword == "case" => {
                let cutoff = head.cutoff.ok_or(format!("line {line}: a case begins before the cutoff is told"))?;
                let mut begun = Replay::new(needless.rest(), cutoff);
                begun.begin_case(&mut words, line)?;
                replay = Some(begun);
            }
            None if keyword == "D" => {
                if let Err(what) = needless.take_out(&mut words) {
                    let faults = vec![format!("line {line}: {what}")];
                    return Ok(Replayed { faults, ..Replayed::default() });
                }
            }
            None => head.read(keyword, &mut words, (instance, line))?,
            Some(replay) => replay.read(keyword, &mut words, line)?,
        }
        // What follows a fault rests on it.
        if let Some(spoilt) = replay.as_mut().filter(|replay| !replay.faults.is_empty()) {
            return Ok(Replayed { faults: std::mem::take(&mut spoilt.faults), ..Replayed::default() });
        }
    }
    if !ended {
        return Err("it has no `end`; is the file cut short?".to_owned());
    }
    let cutoff = head.cutoff.ok_or("it tells no cutoff")?;
    let mut replay = replay.unwrap_or_else(|| Replay::new(needless.rest(), cutoff));
    replay.end_case("end");
    head.judge(instance, &mut replay.faults);
    let (told, value) = (head.confirmed.ok_or("it tells no confirmed bound")?, head.value.ok_or("it tells no value")?);
    let claimed = head.claimed.ok_or("it tells no claimed bound")?;
    let bound = replay.whole();
    Ok(Replayed { value, claimed, told, bound, faults: replay.faults })
}

impl Head {
    fn read<'a>(
        &mut self,
        keyword: &str,
        words: &mut impl Iterator<Item = &'a str>,
        (instance, line): (&Instance, usize),
    ) -> Result<(), String> {
        let word = words.next();
        let count =
            || word.and_then(|word| word.parse().ok()).ok_or(format!("line {line}: `{keyword}` lacks a number"));
        match keyword {
            "name" => {}
            "nodes" => self.nodes = Some(count()?),
            "edges" => self.edges = Some(count()?),
            "value" => self.value = Some(instance.amount(word, line)?),
            "claimed" => self.claimed = Some(instance.amount(word, line)?),
            "confirmed" => self.confirmed = Some(instance.amount(word, line)?),
            "cutoff" => self.cutoff = Some(instance.amount(word, line)?),
            other => return Err(format!("line {line}: `{other}` before the first case")),
        }
        Ok(())
    }

    fn judge(&self, instance: &Instance, faults: &mut Vec<String>) {
        if self.nodes != Some(instance.nodes) || self.edges != Some(instance.edges.len()) {
            let (nodes, edges) = (instance.nodes, instance.edges.len());
            faults.push(format!("the certificate is not of this instance, which has {nodes} nodes and {edges} edges"));
        }
    }
}

impl Replay {
    fn new(instance: Instance, cutoff: i128) -> Self {
        Self {
            cutoff,
            case: None,
            gone: vec![false; instance.nodes],
            instance,
            lost: 0,
            cases: 0,
            has_hub: false,
            bound: cutoff,
            faults: Vec::new(),
        }
    }

    fn read<'b>(
        &mut self,
        keyword: &str,
        words: &mut impl Iterator<Item = &'b str>,
        line: usize,
    ) -> Result<(), String> {
        let nodes = self.instance.nodes;
        if keyword == "case" {
            self.end_case(&line.to_string());
            return self.begin_case(words, line);
        }
        let Some(case) = &mut self.case else { return Err(format!("line {line}: no case has begun")) };
        let done = match keyword {
            "round" => {
                let ended = case.end_set();
                case.end_round();
                case.begin_round(self.cutoff - case.extra);
                ended
            }
            "T" => {
                let terminal = node(words.next(), nodes, line)?;
                let ended = case.end_set();
                ended.and(case.begin_set(terminal))
            }
            "N" => {
                let mut done = Ok(());
                for word in words {
                    done = done.and(case.join(node(Some(word), nodes, line)?));
                }
                done
            }
            "R" => case.pay(self.instance.amount(words.next(), line)?),
            other => return Err(format!("line {line}: `{other}` in a case")),
        };
        if let Err(what) = done {
            self.faults.push(format!("line {line}: {what}"));
        }
        Ok(())
    }

    fn begin_case<'b>(&mut self, words: &mut impl Iterator<Item = &'b str>, line: usize) -> Result<(), String> {
        let instance = &self.instance;
        self.cases += 1;
        if self.has_hub || (instance.is_rooted() && self.cases > 1) {
            self.faults.push(format!("line {line}: the cases before it hold every tree"));
        }
        match words.next() {
            Some("root") => {
                let root = node(words.next(), instance.nodes, line)?;
                let fits = if instance.is_rooted() { instance.required[root] } else { instance.prizes[root] > 0 };
                if !fits || self.gone[root] {
                    self.faults.push(format!("line {line}: node {} cannot be the root of a case", root + 1));
                }
                self.case = Some(Case::new(instance, Some(root), 0, &self.gone));
                self.gone[root] = true;
                self.lost += instance.prizes[root];
            }
            Some("hub") if !instance.is_rooted() => {
                let price = instance.amount(words.next(), line)?;
                self.case = Some(Case::new(instance, None, price, &self.gone));
                self.has_hub = true;
            }
            _ => {
                return Err(format!("line {line}: a case begins at a root or, where no tree is sure of one, at a hub"));
            }
        }
        Ok(())
    }

    fn end_case(&mut self, line: &str) {
        let Some(mut case) = self.case.take() else { return };
        if let Err(what) = case.end_set() {
            self.faults.push(format!("before line {line}: {what}"));
        }
        case.end_round();
        let mut bound = self.cutoff.min(case.extra + case.best);
        if self.has_hub {
            // A tree without any prize hangs from no hub, and loses them all.
            let all: i128 = self.instance.prizes.iter().sum();
            bound = bound.min(all).max(self.lost);
        }
        self.bound = self.bound.min(bound);
    }

    /// What all cases prove together.
    fn whole(&self) -> i128 {
        match (self.instance.is_rooted(), self.has_hub, self.cases) {
            (true, _, 0) => 0,
            (true, _, _) | (false, true, _) => self.bound,
            // Trees that hold none of the roots lose their prizes.
            (false, false, _) => self.bound.min(self.lost),
        }
    }
}

impl Replayed {
    /// Compares; `value` is that of the tree, if one was judged.
    pub(super) fn judge(self, instance: &Instance, value: Option<i128>, verdict: &mut Verdict) {
        let before = verdict.faults.len();
        if !self.faults.is_empty() {
            verdict.faults.extend(self.faults);
            return;
        }
        verdict.demand(self.told == self.bound, || {
            let (told, bound) = (instance.shown(self.told), instance.shown(self.bound));
            format!("the confirmed bound: told {told}, recomputed {bound}")
        });
        if let Some(value) = value {
            verdict.demand(value == self.value, || {
                let (told, value) = (instance.shown(self.value), instance.shown(value));
                format!("the certificate is of a tree of value {told}, the solution's is {value}")
            });
            verdict.demand(self.bound <= value, || "the bound is above the value".to_owned());
        }
        if verdict.faults.len() > before {
            return;
        }
        verdict.confirmed.push(format!("the bound {}", instance.shown(self.bound)));
        if self.claimed > self.bound {
            let claimed = instance.shown(self.claimed);
            verdict.confirmed.push(format!("no more than that; the solver's own bound {claimed} rests on its word"));
        }
    }
}
