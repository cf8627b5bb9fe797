//! Plane geometry of courses (polylines): where one is after so many metres, where two cross, how one wavers.

use geo::Coord;

use crate::generate::dice::Dice;

/// The course of a road, brook or railway: two points or more.
pub(super) type Course = Vec<Coord<f64>>;

/// Rounds to whole millimetres.
pub(super) fn to_millimetre(point: Coord<f64>) -> Coord<f64> {
    Coord { x: (point.x * 1000.0).round() / 1000.0, y: (point.y * 1000.0).round() / 1000.0 }
}

/// Distance between two points, in metres.
pub(super) fn distance(a: Coord<f64>, b: Coord<f64>) -> f64 {
    size(b - a)
}

/// Length of a vector.
pub(super) fn size(vector: Coord<f64>) -> f64 {
    (vector.x * vector.x + vector.y * vector.y).sqrt()
}

/// The vector of length one in the direction from `a` to `b`.
pub(super) fn heading(a: Coord<f64>, b: Coord<f64>) -> Coord<f64> {
    let length = distance(a, b).max(1e-9);
    (b - a) / length
}

/// A vector turned a quarter to the left.
pub(super) fn left_of(vector: Coord<f64>) -> Coord<f64> {
    Coord { x: -vector.y, y: vector.x }
}

/// Length of a course, in metres.
pub(super) fn length(course: &[Coord<f64>]) -> f64 {
    course.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
}

/// The point after so many metres, and the direction of the course there.
pub(super) fn at(course: &[Coord<f64>], metres: f64) -> (Coord<f64>, Coord<f64>) {
    let mut left = metres.max(0.0);
    for (index, pair) in course.windows(2).enumerate() {
        let piece = distance(pair[0], pair[1]);
        if left <= piece || index + 2 == course.len() {
            let direction = heading(pair[0], pair[1]);
            return (pair[0] + direction * left.min(piece), direction);
        }
        left -= piece;
    }
    (course[0], Coord { x: 1.0, y: 0.0 })
}

/// The pieces between the given places, which are in metres from the start, increasing, inside the course.
pub(super) fn cut(course: &[Coord<f64>], places: &[(f64, Coord<f64>)]) -> Vec<Course> {
    let mut pieces = Vec::with_capacity(places.len() + 1);
    let mut piece = vec![course[0]];
    let (mut next, mut gone) = (0, 0.0);
    for pair in course.windows(2) {
        let step = distance(pair[0], pair[1]);
        while next < places.len() && places[next].0 <= gone + step {
            let point = places[next].1;
            if piece.len() > 1 && distance(piece[piece.len() - 1], point) < 0.5 {
                piece.pop();
            }
            piece.push(point);
            pieces.push(std::mem::replace(&mut piece, vec![point]));
            next += 1;
        }
        if distance(piece[piece.len() - 1], pair[1]) >= 0.5 || piece.len() == 1 {
            piece.push(pair[1]);
        } else {
            let last = piece.len() - 1;
            piece[last] = pair[1];
        }
        gone += step;
    }
    pieces.push(piece);
    pieces
}

/// Where two segments cross, as the share of the first; `None` where they do not or are parallel.
pub(super) fn crossing(a: [Coord<f64>; 2], b: [Coord<f64>; 2]) -> Option<f64> {
    let (along, other, gap) = (a[1] - a[0], b[1] - b[0], b[0] - a[0]);
    let turn = cross(along, other);
    if turn == 0.0 {
        return None;
    }
    let (share, share_other) = (cross(gap, other) / turn, cross(gap, along) / turn);
    ((0.0..=1.0).contains(&share) && (0.0..=1.0).contains(&share_other)).then_some(share)
}

/// The cross product of two vectors.
pub(super) fn cross(a: Coord<f64>, b: Coord<f64>) -> f64 {
    a.x * b.y - a.y * b.x
}

/// Distance from a point to a segment, in metres.
pub(super) fn distance_to_segment(point: Coord<f64>, segment: [Coord<f64>; 2]) -> f64 {
    let along = segment[1] - segment[0];
    let square = along.x * along.x + along.y * along.y;
    let gap = point - segment[0];
    let share = if square > 0.0 { ((gap.x * along.x + gap.y * along.y) / square).clamp(0.0, 1.0) } else { 0.0 };
    distance(point, segment[0] + along * share)
}

/// The course moved to its left by so many metres; negative to its right.
pub(super) fn beside(course: &[Coord<f64>], metres: f64) -> Course {
    let last = course.len() - 1;
    let moved = |index: usize| {
        let before = course[index.saturating_sub(1)];
        let after = course[(index + 1).min(last)];
        to_millimetre(course[index] + left_of(heading(before, after)) * metres)
    };
    (0..course.len()).map(moved).collect()
}

/// A course from `from` to `to` that wavers to both sides: each wave has a spacing and a size, in metres.
pub(super) fn wavering(dice: &mut Dice, from: Coord<f64>, to: Coord<f64>, waves: &[(f64, f64)], step: f64) -> Course {
    let total = distance(from, to);
    let side = left_of(heading(from, to));
    let count = (total / step).ceil().max(1.0) as usize;
    let mut course: Course = (0..=count).map(|index| from + (to - from) * (index as f64 / count as f64)).collect();
    for &(spacing, size) in waves {
        let knots: Vec<f64> = (0..(total / spacing) as usize + 4).map(|_| dice.around(size)).collect();
        for (index, point) in course.iter_mut().enumerate() {
            let place = total * index as f64 / count as f64 / spacing;
            *point = *point + side * smooth(&knots[place as usize..], place.fract());
        }
    }
    course.into_iter().map(to_millimetre).collect()
}

/// Cubic B-spline through the first four knots: smooth, and never beyond them.
fn smooth(knots: &[f64], share: f64) -> f64 {
    let rest = 1.0 - share;
    let weights = [
        rest * rest * rest,
        3.0 * share * share * share - 6.0 * share * share + 4.0,
        3.0 * rest * rest * rest - 6.0 * rest * rest + 4.0,
        share * share * share,
    ];
    weights.iter().zip(knots).map(|(weight, knot)| weight * knot / 6.0).sum()
}

/// A gently bent course between two points; `bend` is the height of its bow as a share of its length.
pub(super) fn bent(dice: &mut Dice, from: Coord<f64>, to: Coord<f64>, bend: f64) -> Course {
    let total = distance(from, to);
    let steps = ((total / 70.0) as usize).clamp(1, 16);
    let side = left_of(heading(from, to)) * total;
    let (bow, twist) = (dice.around(bend), dice.around(bend));
    let point = |index: usize| {
        let share = index as f64 / steps as f64;
        let hill = 4.0 * share * (1.0 - share);
        let lean = 1.5 * hill * (1.0 - 2.0 * share);
        to_millimetre(from + (to - from) * share + side * (bow * hill + twist * lean))
    };
    let mut course: Course = (0..=steps).map(point).collect();
    course[0] = from;
    course[steps] = to;
    course
}
