//! What a learning curve says in one number: its mean height, and when it first reaches a threshold.

use super::survival::Time;

/// The area under a curve of (x, y) points with x ascending, divided by its width: its mean height.
///
/// Trapezoids. One point is its own height; no points, or x that does not ascend, is NaN.
pub fn area_under_curve(points: &[(f64, f64)]) -> f64 {
    match points {
        [(_, y)] => *y,
        [first, .., last] if ascends(points) => {
            let area: f64 = points
                .windows(2)
                .map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0)
                .sum();
            area / (last.0 - first.0)
        }
        _ => f64::NAN,
    }
}

/// When a curve of (x, y) points with x ascending first reaches `threshold`.
///
/// The x of the first point with y ≥ `threshold`: between two evaluations nothing is known, so nothing is
/// interpolated, and what comes after does not count. A curve that never reaches it is censored at its last
/// point, whether its budget ended there or the run died. `None` for no points, or x that does not ascend.
pub fn time_to_threshold(points: &[(f64, f64)], threshold: f64) -> Option<Time> {
    let (last, _) = points.last()?;
    ascends(points).then(|| match points.iter().find(|(_, y)| *y >= threshold) {
        Some((x, _)) => Time::Reached(*x),
        None => Time::Censored(*last),
    })
}

fn ascends(points: &[(f64, f64)]) -> bool {
    points.windows(2).all(|pair| pair[0].0 < pair[1].0)
}
