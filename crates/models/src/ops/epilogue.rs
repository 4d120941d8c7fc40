//! The epilogue of a convolution: normalization by given moments, addition of a residual, ReLU.

use candle_core::{Result, Tensor, bail};
use pulp::{Simd, WithSimd};

use super::run::{Output, on_cpu, read};

/// Added to the variance, as in all networks of EfficientZero.
const EPSILON: f64 = 1e-5;

/// What follows a normalization.
#[derive(Clone, Copy, Debug)]
pub enum Epilogue<T> {
    /// Nothing.
    Nothing,
    /// `max(x, 0)`.
    Relu,
    /// `max(x + addend, 0)`, with an addend of the same shape.
    AddRelu(T),
}

impl<T> Epilogue<T> {
    /// [`Epilogue::Relu`] if `relu`, otherwise [`Epilogue::Nothing`].
    #[must_use]
    pub fn relu_if(relu: bool) -> Self {
        if relu { Self::Relu } else { Self::Nothing }
    }

    /// The same epilogue with another form of the addend.
    pub(crate) fn map<U>(self, form: impl FnOnce(T) -> U) -> Epilogue<U> {
        match self {
            Self::Nothing => Epilogue::Nothing,
            Self::Relu => Epilogue::Relu,
            Self::AddRelu(addend) => Epilogue::AddRelu(form(addend)),
        }
    }
}

/// [`on_cpu`] with the numbers of the epilogue's addend as well, of which there must be `count`.
pub(super) fn on_cpu_with_epilogue<const N: usize>(
    inputs: [&Tensor; N],
    (epilogue, count): (Epilogue<&Tensor>, usize),
    compute: impl FnOnce([&[f32]; N], Epilogue<&[f32]>) -> Vec<f32>,
) -> Result<Output> {
    match epilogue {
        Epilogue::Nothing => on_cpu(inputs, |all| compute(all, Epilogue::Nothing)),
        Epilogue::Relu => on_cpu(inputs, |all| compute(all, Epilogue::Relu)),
        Epilogue::AddRelu(addend) if addend.elem_count() == count => read([addend], |[addend]| {
            on_cpu(inputs, |all| compute(all, Epilogue::AddRelu(addend)))
        })?,
        Epilogue::AddRelu(addend) => bail!("cannot add {:?} to {count} numbers", addend.shape()),
    }
}

/// The lower limit of a fused ReLU's output; -∞ without ReLU.
pub(super) fn relu_floor(relu: bool) -> f32 {
    if relu { 0.0 } else { f32::NEG_INFINITY }
}

/// A normalization as a factor and a summand for each channel:
/// `γ (x - mean) / √(variance + ε) + β = scale x + shift`.
pub(super) fn scale_and_shift(
    gamma: &[f32],
    beta: &[f32],
    moments: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let (means, variances) = moments.split_at(gamma.len());
    let inverse = inverse_deviations(variances);
    let scale: Vec<f32> = inverse.iter().zip(gamma).map(|(i, gamma)| i * gamma).collect();
    let shift = means.iter().zip(&scale).zip(beta).map(|((mean, s), beta)| beta - mean * s);
    let shift = shift.collect();
    (scale, shift)
}

/// Checks the lengths of `gamma`, `beta` `[C]` and `moments` `[2C]`.
pub(super) fn check_width([gamma, beta, moments]: [&Tensor; 3], channels: usize) -> Result<()> {
    if [gamma.dims1()?, beta.dims1()?, moments.dims1()? / 2] != [channels; 3] {
        bail!("a normalization does not have {channels} channels");
    }
    Ok(())
}

/// `1 / √(variance + ε)` of each channel.
pub(super) fn inverse_deviations(variances: &[f32]) -> Vec<f32> {
    let inverse = |&variance: &f32| (1.0 / (f64::from(variance) + EPSILON).sqrt()) as f32;
    variances.iter().map(inverse).collect()
}

/// `y = max(scale · x + shift, floor)` for every number of a sample, then `max(y + addend, 0)` if there is an
/// addend.
#[derive(Debug)]
pub(super) struct FusedEpilogue<'a> {
    /// Repeated to the length of a sample, so that scale and sample are read in the same order.
    scale: Vec<f32>,
    shift: Vec<f32>,
    floor: f32,
    /// `[B · sample]`
    addend: Option<&'a [f32]>,
}

impl<'a> FusedEpilogue<'a> {
    /// For samples of `cells` rows, with `gamma`, `beta` `[C]` and `moments` `[2C]`.
    pub(super) fn new(
        [gamma, beta, moments]: [&[f32]; 3],
        epilogue: Epilogue<&'a [f32]>,
        cells: usize,
    ) -> Self {
        let (scale, shift) = scale_and_shift(gamma, beta, moments);
        let (scale, shift) = (scale.repeat(cells), shift.repeat(cells));
        let addend = if let Epilogue::AddRelu(addend) = epilogue { Some(addend) } else { None };
        Self { scale, shift, floor: relu_floor(matches!(epilogue, Epilogue::Relu)), addend }
    }

    /// Applies the epilogue to sample `index`, or to its first numbers if `sample` is shorter.
    pub(super) fn apply(&self, index: usize, sample: &mut [f32]) {
        let addend = self.addend.map(|all| &all[index * self.scale.len()..][..sample.len()]);
        pulp::Arch::new().dispatch(ApplyEpilogue { epilogue: self, addend, sample });
    }
}

struct ApplyEpilogue<'a> {
    epilogue: &'a FusedEpilogue<'a>,
    addend: Option<&'a [f32]>,
    sample: &'a mut [f32],
}

impl WithSimd for ApplyEpilogue<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let FusedEpilogue { scale, shift, floor, .. } = self.epilogue;
        let places = self.sample.iter_mut().zip(scale).zip(shift);
        match self.addend {
            None => places.for_each(|((x, scale), shift)| *x = (*x * scale + shift).max(*floor)),
            Some(addend) => places.zip(addend).for_each(|(((x, scale), shift), addend)| {
                *x = ((*x * scale + shift).max(*floor) + addend).max(0.0);
            }),
        }
    }
}
