//! Learning curves as single numbers: the mean height, and the time to a threshold.

use super::survival::EventTime;

/// The mean height of a curve of (x, y) points with ascending x: its area by trapezoids, divided by its
/// width.
///
/// The height of a single point is its y. NaN if there are no points or x does not ascend.
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

/// When a curve of (x, y) points with ascending x first reaches `threshold`.
///
/// This is the x of the first point with y ≥ `threshold`. Nothing is interpolated, and later points do not
/// matter. A curve that never reaches the threshold is censored at its last point, whether the budget ended
/// there or the run stopped. `None` if there are no points or x does not ascend.
pub fn time_to_threshold(points: &[(f64, f64)], threshold: f64) -> Option<EventTime> {
    let (last, _) = points.last()?;
    ascends(points).then(|| match points.iter().find(|(_, y)| *y >= threshold) {
        Some((x, _)) => EventTime::Reached(*x),
        None => EventTime::Censored(*last),
    })
}

fn ascends(points: &[(f64, f64)]) -> bool {
    points.windows(2).all(|pair| pair[0].0 < pair[1].0)
}
