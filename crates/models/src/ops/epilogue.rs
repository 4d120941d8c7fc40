//! What stands behind a convolution in acting: a normalisation by running moments, what is added, a ReLU.

use pulp::{Simd, WithSimd};

use super::batch_norm::{floor, scale_and_shift};
use super::normalised::Then;

/// `max(scale · x + shift, floor)` of every number of a sample, and then perhaps `max(that + beside, 0)`.
#[derive(Debug)]
pub(super) struct Finish<'a> {
    /// As many as a sample has numbers, so that they are read as it is.
    scale: Vec<f32>,
    shift: Vec<f32>,
    floor: f32,
    /// `[B · sample]`
    beside: Option<&'a [f32]>,
}

impl<'a> Finish<'a> {
    /// For samples of `cells` rows. The normalisation's numbers are `gamma`, `beta` `[C]` and `moments` `[2C]`.
    pub(super) fn new(
        [gamma, beta, moments]: [&[f32]; 3],
        then: Then<&'a [f32]>,
        cells: usize,
    ) -> Self {
        let (scale, shift) = scale_and_shift(gamma, beta, moments);
        let (scale, shift) = (scale.repeat(cells), shift.repeat(cells));
        let beside = if let Then::AddRelu(beside) = then { Some(beside) } else { None };
        Self { scale, shift, floor: floor(matches!(then, Then::Relu)), beside }
    }

    /// Finishes the numbers of sample `index`, or as many of its first as there are.
    pub(super) fn apply(&self, index: usize, sample: &mut [f32]) {
        let beside = self.beside.map(|all| &all[index * self.scale.len()..][..sample.len()]);
        pulp::Arch::new().dispatch(Finishing { finish: self, beside, sample });
    }
}

struct Finishing<'a> {
    finish: &'a Finish<'a>,
    beside: Option<&'a [f32]>,
    sample: &'a mut [f32],
}

impl WithSimd for Finishing<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Finish { scale, shift, floor, .. } = self.finish;
        let places = self.sample.iter_mut().zip(scale).zip(shift);
        match self.beside {
            None => places.for_each(|((x, scale), shift)| *x = (*x * scale + shift).max(*floor)),
            Some(beside) => places.zip(beside).for_each(|(((x, scale), shift), beside)| {
                *x = ((*x * scale + shift).max(*floor) + beside).max(0.0);
            }),
        }
    }
}
