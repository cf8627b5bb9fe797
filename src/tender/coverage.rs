//! Which known lines do drawn lines follow, and how far?
//!
//! A drawn line is walked in short steps. Each step follows the nearest known line that runs the same way; what it covers
//! of it is added up as intervals, so that a line drawn twice counts once.

use geo::{Coord, LineString};
use rstar::primitives::{GeomWithData, Line as Piece};
use rstar::{PointDistance, RTree};

/// Longest step, in metres.
const STEP: f64 = 2.0;
/// Gaps as short as this, and ends as near, are covered too: a step may begin on one piece and end on the next.
const CLOSE: f64 = 2.5;
/// Cosine of the widest angle between a step and the line that it follows: 25 degrees.
const ALIGNED: f64 = 0.906;

/// Straight pieces of lines with the line and the piece's place in it.
type Pieces = RTree<GeomWithData<Piece<[f64; 2]>, (u32, u32)>>;

/// Known lines, indexed.
pub(super) struct Known<'a> {
    lines: Vec<&'a LineString<f64>>,
    along: Vec<Vec<f64>>,
    pieces: Pieces,
}

/// What drawn lines follow.
#[derive(Clone, Debug, Default)]
pub(super) struct Covered {
    /// Metres of each known line that are followed.
    pub(super) metres: Vec<f64>,
    /// Metres that were drawn, everything counted as often as it is drawn.
    pub(super) drawn: f64,
    /// Stretches that follow no known line.
    pub(super) beside: Vec<LineString<f64>>,
    /// Their length in metres.
    pub(super) beside_metres: f64,
}

impl<'a> Known<'a> {
    /// Indexes lines; those without length are never followed. Time: O(n log n).
    #[must_use]
    pub(super) fn new(lines: impl Iterator<Item = &'a LineString<f64>>) -> Self {
        let lines: Vec<&LineString<f64>> = lines.collect();
        let mut all = Vec::new();
        let mut along = Vec::with_capacity(lines.len());
        for (place, line) in lines.iter().enumerate() {
            let mut so_far = vec![0.0];
            for (piece, ends) in line.0.windows(2).enumerate() {
                let metres = apart(ends[0], ends[1]);
                so_far.push(so_far[piece] + metres);
                if metres > 0.0 {
                    let straight = Piece::new([ends[0].x, ends[0].y], [ends[1].x, ends[1].y]);
                    all.push(GeomWithData::new(straight, (place as u32, piece as u32)));
                }
            }
            along.push(so_far);
        }
        Self { lines, along, pieces: RTree::bulk_load(all) }
    }

    /// What the drawn lines follow within `near` metres. Time: O(steps × log n).
    #[must_use]
    pub(super) fn covered<'b>(&self, drawn: impl Iterator<Item = &'b LineString<f64>>, near: f64) -> Covered {
        let mut intervals: Vec<Vec<(f64, f64)>> = vec![Vec::new(); self.lines.len()];
        let mut found = Covered::default();
        for line in drawn {
            let mut stray: Vec<Coord<f64>> = Vec::new();
            for ends in line.0.windows(2) {
                let metres = apart(ends[0], ends[1]);
                let steps = (metres / STEP).ceil().max(1.0) as u32;
                found.drawn += metres;
                for step in 0..steps {
                    let at = |share: u32| ends[0] + (ends[1] - ends[0]) * (f64::from(share) / f64::from(steps));
                    let (from, to) = (at(step), at(step + 1));
                    if let Some((line, low, high)) = self.followed(from, to, near) {
                        intervals[line as usize].push((low, high));
                        end_stray(&mut stray, &mut found.beside);
                    } else {
                        found.beside_metres += apart(from, to);
                        if stray.is_empty() {
                            stray.push(from);
                        }
                        stray.push(to);
                    }
                }
            }
            end_stray(&mut stray, &mut found.beside);
        }
        let length = |place: usize| *self.along[place].last().unwrap_or(&0.0);
        found.metres = intervals.into_iter().enumerate().map(|(place, all)| united(all, length(place))).collect();
        found
    }

    /// The known line that a step follows, with the interval along it.
    fn followed(&self, from: Coord<f64>, to: Coord<f64>, near: f64) -> Option<(u32, f64, f64)> {
        let middle = (from + to) / 2.0;
        let step = to - from;
        let length = step.x.hypot(step.y);
        let aligned = |(line, piece): (u32, u32)| {
            let ends = &self.lines[line as usize].0[piece as usize..=piece as usize + 1];
            let way = ends[1] - ends[0];
            let cosine = (way.x * step.x + way.y * step.y).abs() / (way.x.hypot(way.y) * length).max(f64::MIN_POSITIVE);
            cosine >= ALIGNED
        };
        let around = self.pieces.locate_within_distance([middle.x, middle.y], near * near);
        let best = around
            .filter(|piece| aligned(piece.data))
            // Distances are compared in whole micrometres, so that lines drawn twice are told apart by their place.
            .map(|piece| ((piece.distance_2(&[middle.x, middle.y]).sqrt() * 1e6) as i64, piece.data))
            .min()?;
        let (line, piece) = best.1;
        let ends = &self.lines[line as usize].0[piece as usize..=piece as usize + 1];
        let project = |point: Coord<f64>| {
            let (way, offset) = (ends[1] - ends[0], point - ends[0]);
            let square = way.x * way.x + way.y * way.y;
            let share = ((way.x * offset.x + way.y * offset.y) / square).clamp(0.0, 1.0);
            self.along[line as usize][piece as usize] + share * square.sqrt()
        };
        let (a, b) = (project(from), project(to));
        Some((line, a.min(b), a.max(b)))
    }
}

fn end_stray(stray: &mut Vec<Coord<f64>>, beside: &mut Vec<LineString<f64>>) {
    let line = std::mem::take(stray);
    if line.len() > 1 {
        beside.push(LineString(straightened(&line)));
    }
}

/// The same course without points in the middle of straight stretches.
fn straightened(line: &[Coord<f64>]) -> Vec<Coord<f64>> {
    let mut kept: Vec<Coord<f64>> = Vec::new();
    for (place, point) in line.iter().enumerate() {
        let bends = match (kept.last(), line.get(place + 1)) {
            (Some(before), Some(after)) => {
                let (way, next) = (*point - *before, *after - *point);
                (way.x * next.y - way.y * next.x).abs() > 1e-6 * way.x.hypot(way.y) * next.x.hypot(next.y)
            }
            _ => true,
        };
        if bends {
            kept.push(*point);
        }
    }
    kept
}

/// Length of the union of intervals on a line, gaps and ends that are as short as a step included.
fn united(mut intervals: Vec<(f64, f64)>, length: f64) -> f64 {
    if intervals.is_empty() || length <= 0.0 {
        return 0.0;
    }
    intervals.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut sum = 0.0;
    let (mut low, mut high) = intervals[0];
    low = if low <= CLOSE { 0.0 } else { low };
    let seen: f64 = intervals.iter().map(|(low, high)| high - low).sum();
    for &(from, to) in &intervals[1..] {
        if from - high <= CLOSE {
            high = high.max(to);
        } else {
            sum += high - low;
            (low, high) = (from, to);
        }
    }
    sum += if length - high <= CLOSE { length - low } else { high - low };
    // What closing gaps adds must not exceed what was seen: a touched corner is no followed line.
    if sum > 2.0 * seen { seen } else { sum }
}

fn apart(a: Coord<f64>, b: Coord<f64>) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> LineString<f64> {
        LineString(points.iter().map(|&(x, y)| Coord { x, y }).collect())
    }

    #[test]
    fn lines_that_are_followed_count_once_and_the_rest_lies_beside() {
        let known =
            [line(&[(0.0, 0.0), (50.0, 0.0)]), line(&[(50.0, 0.0), (100.0, 0.0)]), line(&[(50.0, 0.0), (50.0, 30.0)])];
        let index = Known::new(known.iter());
        // One course over two lines, drawn twice with a metre between, and then across the field.
        let drawn =
            [line(&[(0.0, 0.5), (75.0, 0.5)]), line(&[(75.0, -0.5), (0.0, -0.5)]), line(&[(75.0, 0.0), (75.0, 40.0)])];
        let found = index.covered(drawn.iter(), 3.0);
        let rounded: Vec<i64> = found.metres.iter().map(|metres| metres.round() as i64).collect();
        assert_eq!(rounded, [50, 25, 0]);
        assert_eq!(found.beside_metres.round() as i64, 40);
        assert_eq!(found.beside, [line(&[(75.0, 0.0), (75.0, 40.0)])]);
    }
}
