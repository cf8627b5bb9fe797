//! Small charts as SVG text: bars by year, and lines of points. Words on axes are given in two languages.

use std::fmt::Write;

/// A word in English and in Dutch.
pub(super) type Words = (&'static str, &'static str);

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 66.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 40.0;

/// A bar of a year: what may be used, and what is used; and a figure that grows from year to year.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) most: f64,
    pub(super) used: f64,
    pub(super) so_far: f64,
}

/// Both languages of a word, one of which the page's style hides.
pub(super) fn text(words: Words, x: f64, y: f64, anchor: &str) -> String {
    let (english, dutch) = words;
    format!(
        "<text class=\"en\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{english}</text>\
         <text class=\"nl\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{dutch}</text>"
    )
}

/// A round step of which about five make up the range.
pub(super) fn step(range: f64) -> f64 {
    let rough = (range / 5.0).max(1e-9);
    let power = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    power * steps.into_iter().find(|&step| step * power >= rough).unwrap_or(10.0)
}

/// A number for an axis: `1.5M`, `250k`, `40`.
pub(super) fn short(number: f64) -> String {
    let trimmed = |number: f64| {
        let text = format!("{number:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match number.abs() {
        size if size >= 1e6 => format!("{}M", trimmed(number / 1e6)),
        size if size >= 1e3 => format!("{}k", trimmed(number / 1e3)),
        _ => trimmed(number),
    }
}

/// The frame of a chart: where numbers lie, and its axes.
pub(super) struct Frame {
    pub(super) most_x: f64,
    pub(super) most_y: f64,
}

impl Frame {
    pub(super) fn x(&self, number: f64) -> f64 {
        LEFT + number / self.most_x.max(1e-9) * (WIDTH - LEFT - RIGHT)
    }

    pub(super) fn y(&self, number: f64) -> f64 {
        HEIGHT - BOTTOM - number / self.most_y.max(1e-9) * (HEIGHT - TOP - BOTTOM)
    }

    pub(super) fn begin(name: Words) -> String {
        format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{} / {}\">",
            name.0, name.1
        )
    }

    /// Lines and numbers of the upright axis.
    pub(super) fn upright(&self, svg: &mut String, name: Words) {
        let step = step(self.most_y);
        let mut number = 0.0;
        while number <= self.most_y * 1.0001 {
            let y = self.y(number);
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 4.0,
                short(number)
            );
            number += step;
        }
        svg.push_str(&text(name, 4.0, 11.0, "start"));
    }

    /// Numbers of the level axis.
    pub(super) fn level(&self, svg: &mut String, name: Words) {
        let step = step(self.most_x);
        let mut number = 0.0;
        while number <= self.most_x * 1.0001 {
            let x = self.x(number);
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{:.1}\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                HEIGHT - BOTTOM,
                HEIGHT - BOTTOM + 15.0,
                short(number)
            );
            number += step;
        }
        svg.push_str(&text(name, WIDTH - RIGHT, HEIGHT - 6.0, "end"));
    }
}

/// Bars of what is used of what may be used, with a line of what has been reached so far.
pub(super) fn bars(bars: &[Bar], name: Words, upright: Words, line: Words) -> String {
    let most = bars.iter().map(|bar| bar.most.max(bar.used)).fold(1.0, f64::max);
    let reached = bars.iter().map(|bar| bar.so_far).fold(1.0, f64::max);
    let frame = Frame { most_x: bars.len() as f64, most_y: most };
    let mut svg = Frame::begin(name);
    frame.upright(&mut svg, upright);
    let wide = (frame.x(1.0) - frame.x(0.0)) * 0.56;
    let mut course = String::new();
    for (place, bar) in bars.iter().enumerate() {
        let middle = frame.x(place as f64 + 0.5);
        for (class, number) in [("budget", bar.most), ("spent", bar.used)] {
            let top = frame.y(number);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{:.1}\"/>",
                middle - wide / 2.0,
                frame.y(0.0) - top
            );
        }
        let _ = write!(
            svg,
            "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - BOTTOM + 16.0,
            bar.label
        );
        let y = frame.y(bar.so_far / reached * most * 0.94);
        let _ = write!(course, "{middle:.1},{y:.1} ");
        let _ = write!(
            svg,
            "<circle class=\"mark\" cx=\"{middle:.1}\" cy=\"{y:.1}\" r=\"4\"/>\
             <text class=\"value\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            y - 8.0,
            bar.so_far
        );
    }
    let _ = write!(svg, "<polyline class=\"line\" points=\"{}\"/>", course.trim_end());
    svg.push_str(&text(line, WIDTH - 4.0, HEIGHT - 6.0, "end"));
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_steps_and_short_numbers() {
        assert!((step(23.0) - 5.0).abs() < 1e-12);
        assert!((step(1_100_000.0) - 250_000.0).abs() < 1e-6);
        assert_eq!([short(1_500_000.0), short(250_000.0), short(40.0)], ["1.5M", "250k", "40"]);
    }
}
