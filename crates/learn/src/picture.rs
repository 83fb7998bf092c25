//! Pictures as SVG text: learning curves, the fit over one input, the contours over two.

mod axis;

use crate::Epoch;
use axis::Axis;
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
/// The plotting area inside the picture: left, top, right, bottom.
const FRAME: [f64; 4] = [76.0, 48.0, 696.0, 384.0];
const BLUE: &str = "#2563eb";
const ORANGE: &str = "#d97706";
const GREY: &str = "#64748b";
/// More points than this say no more to the eye.
const MOST_POINTS: usize = 2000;

/// The losses by epoch, training and validation, with the best epoch marked. The losses' axis is logarithmic where they span
/// more than a factor of ten.
pub fn learning_curves(epochs: &[Epoch], best_epoch: usize) -> String {
    let place = |epoch: &Epoch| epoch.number as f64;
    let train: Vec<_> = epochs.iter().map(|epoch| (place(epoch), epoch.train_loss)).collect();
    let validation: Vec<_> =
        epochs.iter().filter_map(|epoch| Some((place(epoch), epoch.validation_loss?))).collect();
    let losses = || train.iter().chain(&validation).map(|(_, loss)| *loss);
    let last = epochs.last().map_or(1.0, place);
    let mut picture = Picture::new(
        "Learning curves",
        ("epoch", Axis::exact(1.0, last.max(2.0))),
        ("loss", Axis::of_losses(losses())),
        FRAME[2],
    );
    picture.frame();
    picture.line(&train, BLUE);
    picture.line(&validation, ORANGE);
    picture.legend(0, BLUE, "training");
    if !validation.is_empty() {
        picture.legend(1, ORANGE, "validation");
    }
    let judged = if validation.is_empty() { &train } else { &validation };
    if let Some((epoch, loss)) = judged.iter().find(|(epoch, _)| *epoch == best_epoch as f64) {
        picture.mark(*epoch, *loss, &format!("best: epoch {best_epoch}, {}", short(*loss)));
    }
    picture.finish()
}

/// The model's curve over its one input, and the rows it is judged by: pairs of input and target.
pub fn fit(input: &str, target: &str, points: &[(f64, f64)], curve: &[(f64, f64)]) -> String {
    let all = || points.iter().chain(curve);
    let x = Axis::covering(all().map(|(x, _)| *x));
    let y = Axis::covering(all().map(|(_, y)| *y));
    let mut picture = Picture::new(&format!("{target} over {input}"), (input, x), (target, y), FRAME[2]);
    picture.frame();
    for (x, y) in thinned(points, MOST_POINTS) {
        picture.dot(*x, *y, 2.5, GREY, "none");
    }
    picture.line(curve, BLUE);
    picture.legend(0, GREY, "rows");
    picture.legend(1, BLUE, "model");
    picture.finish()
}

/// A model's values over a regular grid of two inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The first input's least and greatest value.
    pub x: (f64, f64),
    /// The second input's least and greatest value.
    pub y: (f64, f64),
    /// The number of values along each side.
    pub side: usize,
    /// The values, `side * side`: the first input runs fastest, both from their least value.
    pub values: Vec<f64>,
}

/// The model over its two inputs in bands of equal height, and rows as points in the colour of their target.
pub fn contour(inputs: [&str; 2], target: &str, grid: &Grid, points: &[[f64; 3]]) -> String {
    const RIGHT: f64 = 590.0;
    let (x, y) = (Axis::exact(grid.x.0, grid.x.1), Axis::exact(grid.y.0, grid.y.1));
    let title = format!("{target} over {} and {}", inputs[0], inputs[1]);
    let mut picture = Picture::new(&title, (inputs[0], x), (inputs[1], y), RIGHT);
    let values = grid.values.iter().copied().chain(points.iter().map(|point| point[2]));
    let scale = Axis::covering(values);
    let bands = scale.bands();
    picture.bands(grid, &bands);
    picture.frame();
    for [x, y, value] in thinned(points, MOST_POINTS) {
        picture.dot(*x, *y, 4.0, &colour(band(&bands, *value), bands.len() - 1), "#ffffff");
    }
    picture.colour_bar(&bands, RIGHT + 24.0);
    picture.finish()
}

/// A picture being drawn.
struct Picture {
    svg: String,
    x: Axis,
    y: Axis,
    names: [String; 2],
    right: f64,
}

impl Picture {
    fn new(title: &str, x: (&str, Axis), y: (&str, Axis), right: f64) -> Picture {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#334155\">\n\
             <title>{0}</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n",
            escaped(title)
        );
        let _ = writeln!(svg, "<text x=\"{}\" y=\"26\" font-size=\"16\">{}</text>", FRAME[0], escaped(title));
        Picture { svg, x: x.1, y: y.1, names: [escaped(x.0), escaped(y.0)], right }
    }

    fn at_x(&self, value: f64) -> f64 {
        FRAME[0] + self.x.share(value) * (self.right - FRAME[0])
    }

    fn at_y(&self, value: f64) -> f64 {
        FRAME[3] - self.y.share(value) * (FRAME[3] - FRAME[1])
    }

    /// Grid lines, tick labels, the names of the axes.
    fn frame(&mut self) {
        let [left, top, _, bottom] = FRAME;
        let right = self.right;
        for tick in self.x.ticks() {
            let x = self.at_x(tick);
            let _ = writeln!(
                self.svg,
                "<path d=\"M{x:.1} {top}V{bottom}\" stroke=\"#94a3b8\" stroke-opacity=\"0.3\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 19.0,
                short(tick)
            );
        }
        for tick in self.y.ticks() {
            let y = self.at_y(tick);
            let _ = writeln!(
                self.svg,
                "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#94a3b8\" stroke-opacity=\"0.3\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                left - 8.0,
                y + 4.5,
                short(tick)
            );
        }
        let (middle, height) = ((left + right) / 2.0, (top + bottom) / 2.0);
        let [x, y] = &self.names;
        let _ = writeln!(
            self.svg,
            "<path d=\"M{left} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"#94a3b8\"/>\n\
             <text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{x}</text>\n\
             <text transform=\"translate(18 {height:.1}) rotate(-90)\" text-anchor=\"middle\">{y}</text>",
            bottom + 42.0
        );
    }

    fn line(&mut self, points: &[(f64, f64)], stroke: &str) {
        if points.is_empty() {
            return;
        }
        self.svg.push_str("<polyline points=\"");
        for (x, y) in thinned(points, MOST_POINTS) {
            let _ = write!(self.svg, "{:.1},{:.1} ", self.at_x(*x), self.at_y(*y));
        }
        let _ = writeln!(
            self.svg,
            "\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"2\" stroke-linejoin=\"round\"/>"
        );
    }

    fn dot(&mut self, x: f64, y: f64, radius: f64, fill: &str, stroke: &str) {
        let (x, y) = (self.at_x(x), self.at_y(y));
        let _ = writeln!(
            self.svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{fill}\" fill-opacity=\"0.8\" stroke=\"{stroke}\"/>"
        );
    }

    /// A ring around a point of a curve, with words above it.
    fn mark(&mut self, x: f64, y: f64, words: &str) {
        let (x, y) = (self.at_x(x), self.at_y(y));
        let (anchor, words_x) = if x > (FRAME[0] + self.right) / 2.0 { ("end", x) } else { ("start", x) };
        let _ = writeln!(
            self.svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"none\" stroke=\"{ORANGE}\" stroke-width=\"2\"/>\
             <text x=\"{words_x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" \
             paint-order=\"stroke\" stroke=\"#ffffff\" stroke-width=\"4\">{}</text>",
            (y - 14.0).max(FRAME[1] + 12.0),
            escaped(words)
        );
    }

    fn legend(&mut self, place: usize, colour: &str, words: &str) {
        let x = self.right - 190.0 + 100.0 * place as f64;
        let _ = writeln!(
            self.svg,
            "<rect x=\"{x}\" y=\"17\" width=\"14\" height=\"4\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"24\">{}</text>",
            x + 20.0,
            escaped(words)
        );
    }

    /// Each band of values as one shape, built of the runs of neighbouring grid values that lie in it.
    fn bands(&mut self, grid: &Grid, bounds: &[f64]) {
        let colours = bounds.len() - 1;
        let mut shapes = vec![String::new(); colours];
        let side = grid.side.max(1);
        let width = (self.right - FRAME[0]) / side as f64;
        let height = (FRAME[3] - FRAME[1]) / side as f64;
        for (row, values) in grid.values.chunks(side).enumerate() {
            let top = FRAME[3] - (row + 1) as f64 * height;
            let mut start = 0;
            while start < values.len() {
                let here = band(bounds, values[start]);
                let run = values[start..].iter().take_while(|value| band(bounds, **value) == here).count();
                let left = FRAME[0] + start as f64 * width;
                // Half a unit more on each side hides the seams between neighbours.
                let _ = write!(
                    shapes[here],
                    "M{left:.1} {top:.1}h{:.1}v{:.1}h-{:.1}z",
                    run as f64 * width + 0.5,
                    height + 0.5,
                    run as f64 * width + 0.5
                );
                start += run;
            }
        }
        for (index, shape) in shapes.iter().enumerate().filter(|(_, shape)| !shape.is_empty()) {
            let _ = writeln!(self.svg, "<path d=\"{shape}\" fill=\"{}\"/>", colour(index, colours));
        }
    }

    fn colour_bar(&mut self, bounds: &[f64], left: f64) {
        let colours = bounds.len() - 1;
        let height = (FRAME[3] - FRAME[1]) / colours as f64;
        for (index, bound) in bounds.iter().enumerate() {
            let bottom = FRAME[3] - index as f64 * height;
            if index < colours {
                let fill = colour(index, colours);
                let top = bottom - height;
                let _ = writeln!(
                    self.svg,
                    "<rect x=\"{left}\" y=\"{top:.1}\" width=\"18\" height=\"{:.1}\" fill=\"{fill}\"/>",
                    height + 0.5
                );
            }
            let _ = writeln!(
                self.svg,
                "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                left + 25.0,
                bottom + 4.5,
                short(*bound)
            );
        }
    }

    fn finish(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// The band of a value between bounds, the first or last for values outside.
fn band(bounds: &[f64], value: f64) -> usize {
    bounds.partition_point(|bound| *bound <= value).saturating_sub(1).min(bounds.len().saturating_sub(2))
}

/// At most about `most` of the items, evenly chosen, the last among them.
fn thinned<T>(items: &[T], most: usize) -> impl Iterator<Item = &T> {
    let stride = items.len().div_ceil(most).max(1);
    let last = items.len().saturating_sub(1);
    items
        .iter()
        .enumerate()
        .filter(move |(place, _)| place % stride == 0 || *place == last)
        .map(|(_, item)| item)
}

/// Dark violet for the first of `count` bands, over blue and green, to yellow for the last: every step is lighter than the one
/// before, so that the order shows without colours too.
fn colour(index: usize, count: usize) -> String {
    const STOPS: [[f64; 3]; 6] = [
        [68.0, 1.0, 84.0],
        [65.0, 68.0, 135.0],
        [42.0, 120.0, 142.0],
        [34.0, 168.0, 132.0],
        [122.0, 209.0, 81.0],
        [253.0, 231.0, 37.0],
    ];
    let place = (STOPS.len() - 1) as f64 * index as f64 / count.saturating_sub(1).max(1) as f64;
    let before = (place as usize).min(STOPS.len() - 2);
    let share = place - before as f64;
    let [red, green, blue]: [u8; 3] = std::array::from_fn(|part| {
        (STOPS[before][part] * (1.0 - share) + STOPS[before + 1][part] * share).round() as u8
    });
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A number to three or four digits, without trailing zeros.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    let size = rounded.abs();
    if size == 0.0 || (1e-3..1e6).contains(&size) {
        format!("{}", rounded + 0.0)
    } else {
        format!("{rounded:e}")
    }
}

/// Text for XML: the signs of markup written out, control characters (which XML has no way to hold) left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(number: usize, train_loss: f64, validation_loss: Option<f64>) -> Epoch {
        Epoch { number, train_loss, validation_loss, best: false, rate: 0.1, seconds: 0.0 }
    }

    /// Every number in a coordinate is a number, and the tags are closed.
    fn check(svg: &str) {
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        for tag in ["text", "title", "svg"] {
            assert_eq!(
                svg.matches(&format!("<{tag}")).count(),
                svg.matches(&format!("</{tag}>")).count(),
                "{tag}"
            );
        }
    }

    #[test]
    fn curves_of_any_losses_are_drawn() {
        let falling: Vec<Epoch> =
            (1..=50).map(|number| epoch(number, 9.0 / number as f64, Some(10.0 / number as f64))).collect();
        let svg = learning_curves(&falling, 50);
        check(&svg);
        assert!(svg.contains("best: epoch 50") && svg.contains("validation") && svg.contains(">0.5</text>"));
        check(&learning_curves(&[], 0));
        check(&learning_curves(&[epoch(1, 0.0, None)], 1));
        check(&learning_curves(&[epoch(1, f64::NAN, Some(f64::INFINITY)), epoch(2, -1.0, Some(2.0))], 2));
        let many: Vec<Epoch> = (1..=20_000).map(|number| epoch(number, 1.0, None)).collect();
        assert!(learning_curves(&many, 1).len() < 100_000);
    }

    #[test]
    fn names_of_columns_cannot_break_the_markup() {
        let svg = fit("a<b & \"c\"\u{1}", "y", &[(0.0, 1.0), (1.0, 2.0)], &[(0.0, 1.0), (1.0, 2.0)]);
        check(&svg);
        assert!(svg.contains("a&lt;b &amp; &quot;c&quot;"));
    }

    #[test]
    fn contours_cover_the_grid_in_bands() {
        let side = 20;
        let values = (0..side * side).map(|place| (place % side) as f64 * (place / side) as f64).collect();
        let grid = Grid { x: (0.0, 1.0), y: (0.0, 1.0), side, values };
        let svg = contour(["x1", "x2"], "y", &grid, &[[0.0, 0.0, 0.0], [1.0, 1.0, 361.0]]);
        check(&svg);
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.matches("<path d=\"M").count() > 8);
        let flat = Grid { values: vec![3.0; side * side], ..grid };
        check(&contour(["x1", "x2"], "y", &flat, &[]));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(0.05 * 3.0), "0.15");
        assert_eq!(short(-0.0), "0");
        assert_eq!(short(1.5e-7), "1.5e-7");
    }

    #[test]
    fn thinning_keeps_the_ends() {
        let items: Vec<usize> = (0..10_000).collect();
        let kept: Vec<usize> = thinned(&items, 100).copied().collect();
        assert_eq!((kept.first(), kept.last(), kept.len()), (Some(&0), Some(&9999), 101));
    }
}
