//! The gradient of every loss against finite differences, and the scaling of gradients.

use std::collections::BTreeMap;

use candle_core::{Tensor, Var};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{Network, PlannerNetworks};
use zerolab_models::{Traced, backward, ops};

use super::{
    VECTOR, batch, context, experience, fresh, networks, samples, settings, training_batch,
};
use crate::planner::Settings;
use crate::planner::learner::{Losses, unroll};
use crate::planner::reanalysis::FreshTargets;
use crate::planner::unrolled_batch::UnrolledBatch;

/// The inputs of an update of one batch.
struct Update<'a> {
    online: PlannerNetworks,
    batch: UnrolledBatch<'a>,
    fresh: FreshTargets,
    consistency_targets: Option<Tensor>,
    settings: Settings,
}

impl Update<'_> {
    fn losses(&self) -> Losses {
        let Self { online, batch, fresh, consistency_targets, settings } = self;
        let training_batch = training_batch(batch, fresh, online);
        unroll(online, &training_batch, settings, consistency_targets.as_ref()).unwrap()
    }
}

/// Runs `check` on an update of a batch with every kind of end.
fn with_update(changes: &str, check: impl FnOnce(&Update<'_>)) {
    let (settings, context) = (settings(changes), context(VECTOR));
    let (online, replay) = (networks(&settings, &context), experience(VECTOR));
    let batch = batch(samples(&replay, &[0, 5, 6, 9, 11, 17]), &settings, &context);
    let fresh = fresh(&online, &batch, &settings);
    let consistency_targets =
        training_batch(&batch, &fresh, &online).consistency_targets(&online).unwrap();
    check(&Update { online, batch, fresh, consistency_targets, settings });
}

/// `Σ c · loss` with a different weight `c` for each sample.
fn weighted(losses: &Tensor) -> Tensor {
    let weights: Vec<f32> = (0..losses.elem_count()).map(|b| 1.0 - 0.1 * b as f32).collect();
    let weights = Tensor::from_vec(weights, losses.dims(), losses.device()).unwrap();
    (losses * weights).unwrap().sum_all().unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn norm(numbers: &[f32]) -> f64 {
    numbers.iter().map(|x| f64::from(x * x)).sum::<f64>().sqrt()
}

fn unit(direction: &[f32]) -> Vec<f32> {
    let length = norm(direction) as f32;
    direction.iter().map(|x| x / length).collect()
}

/// The slope of `objective` along `direction` of length 1: central differences with `step` and half of it,
/// with Richardson extrapolation.
fn slope(var: &Var, direction: &[f32], step: f64, objective: &impl Fn() -> f64) -> f64 {
    let start = var.as_tensor().copy().unwrap();
    let direction = Tensor::from_vec(direction.to_vec(), var.dims(), var.device()).unwrap();
    let at = |step: f64| {
        var.set(&(&start + (&direction * step).unwrap()).unwrap()).unwrap();
        objective()
    };
    let difference = |step: f64| (at(step) - at(-step)) / (2.0 * step);
    let extrapolated = (4.0 * difference(step / 2.0) - difference(step)) / 3.0;
    var.set(&start).unwrap();
    extrapolated
}

/// Compares the gradient of a loss with finite differences for each parameter, along the gradient and along a
/// random direction. A longer step has less rounding error, but crosses more kinks of ReLUs.
fn check(changes: &str, longest_step: f64, loss: impl Fn(&Losses) -> Tensor) {
    with_update(changes, |update| {
        let objective =
            || numbers(&loss(&update.losses())).iter().enumerate().map(weigh).sum::<f64>();
        let losses = update.losses();
        let gradients = backward(&weighted(&loss(&losses)), &losses.outputs).unwrap();
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        let mut reached = 0;
        for (name, var) in update.online.parameters().trained() {
            let gradient = match gradients.get(var) {
                Some(gradient) => numbers(gradient),
                None => vec![0.0; var.elem_count()],
            };
            let any = (0..gradient.len()).map(|_| stream.random_range(-1.0..1.0)).collect();
            let length = norm(&gradient);
            let steepest = length > 1e-3;
            reached += usize::from(length > 0.1);
            for direction in [Some(any), steepest.then(|| gradient.clone())].into_iter().flatten() {
                let direction = unit(&direction);
                let pairs = direction.iter().zip(&gradient);
                let found: f64 = pairs.map(|(d, g)| f64::from(d * g)).sum();
                // Steep directions are also curved.
                let step = longest_step / (1.0 + 0.5 * found.abs());
                let expected = slope(var, &direction, step, &objective);
                let error = (found - expected).abs();
                assert!(error < 4e-3 + 0.02 * length, "{name}: {found} but {expected}");
            }
        }
        assert!(reached > 20, "only {reached} parameters have a large gradient");
    });
}

fn weigh((b, loss): (usize, &f32)) -> f64 {
    f64::from(*loss) * f64::from(1.0 - 0.1 * b as f32)
}

/// Without scaling: scaled gradients are not gradients of the loss.
const WHOLE: &str = "training.gradient_scaling = 'none'\n";

const LONG: f64 = 1.25e-3;
const SHORT: f64 = 5e-4;

#[test]
fn of_rewards() {
    check(&format!("{WHOLE} value_prefix.enabled = false"), LONG, |losses| losses.reward.clone());
}

#[test]
fn of_value_prefixes() {
    check(&format!("{WHOLE} value_prefix.horizon = 2"), LONG, |losses| losses.reward.clone());
}

#[test]
fn of_values() {
    check(WHOLE, LONG, |losses| losses.value.clone());
}

#[test]
fn of_policies() {
    check(WHOLE, LONG, |losses| losses.policy.clone());
}

/// The consistency targets have no gradient. Otherwise it would differ from these finite differences, which
/// keep them constant.
#[test]
fn of_consistency() {
    check(WHOLE, SHORT, |losses| losses.consistency.clone().unwrap());
}

#[test]
fn the_whole_is_the_weighted_sum() {
    let changes = "training = { value_weight = 0.5, reward_weight = 2.0, policy_weight = 3.0 }";
    with_update(&format!("{changes}\nconsistency.weight = 5.0"), |update| {
        let losses = update.losses();
        let total = numbers(&losses.total(&update.settings).unwrap());
        let [reward, value, policy] = [&losses.reward, &losses.value, &losses.policy].map(numbers);
        let consistency = numbers(losses.consistency.as_ref().unwrap());
        for (b, total) in total.iter().enumerate() {
            let terms = 2.0 * reward[b] + 0.5 * value[b] + 3.0 * policy[b] + 5.0 * consistency[b];
            assert!((total - terms).abs() < 1e-4, "{total} {terms}");
        }
    });
}

/// The gradient of the reward losses, by part of the networks.
fn reward_gradients(scaling: &str, unroll_steps: usize) -> BTreeMap<&'static str, Vec<f32>> {
    let mut parts = BTreeMap::new();
    let changes = format!(
        "training.gradient_scaling = '{scaling}'\n training.unroll_steps = {unroll_steps}\n
         value_prefix.enabled = false"
    );
    with_update(&changes, |update| {
        let losses = update.losses();
        let gradients = backward(&weighted(&losses.reward), &losses.outputs).unwrap();
        for (name, var) in update.online.parameters().trained() {
            let part = match name {
                name if name.starts_with("representation.") => "representation",
                name if name.starts_with("dynamics.reward") => "reward head",
                name if name.starts_with("dynamics.") => "dynamics",
                _ => continue,
            };
            let gradient = gradients.get(var).map_or_else(Vec::new, numbers);
            parts.entry(part).or_insert_with(Vec::new).extend(gradient);
        }
    });
    parts
}

fn halves(part: &[f32], of: &[f32], factor: f32) {
    assert!(norm(of) > 1e-3 && part.len() == of.len());
    for (half, whole) in part.iter().zip(of) {
        assert!((half - factor * whole).abs() < 1e-5, "{half} is not {factor} of {whole}");
    }
}

/// With one step the gradient passes once through the unrolled state and once into the first state.
#[test]
fn each_scaling_halves_in_its_own_places() {
    let whole = reward_gradients("none", 1);
    for (scaling, [head, dynamics, representation]) in
        [("paper", [1.0, 1.0, 0.5]), ("pseudocode", [1.0, 1.0, 1.0]), ("released", [1.0, 0.5, 0.5])]
    {
        let scaled = reward_gradients(scaling, 1);
        halves(&scaled["reward head"], &whole["reward head"], head);
        halves(&scaled["dynamics"], &whole["dynamics"], dynamics);
        halves(&scaled["representation"], &whole["representation"], representation);
    }
    // The paper halves once more, into the first state, for any unroll. This is the only difference to the
    // pseudocode.
    let (paper, pseudocode) = (reward_gradients("paper", 3), reward_gradients("pseudocode", 3));
    halves(&paper["representation"], &pseudocode["representation"], 0.5);
    halves(&paper["dynamics"], &pseudocode["dynamics"], 1.0);
}

/// s' = w s with w = 2 and a loss of 3 s_1 + 3 s_2. The gradient is 15, MuZero's is 12 and that of
/// EfficientZero's released code is 6, as measured with the published programs.
#[test]
fn a_chain_of_two_steps_has_the_known_gradients() {
    for (scaling, expected) in
        [("none", 15.0), ("paper", 12.0), ("pseudocode", 12.0), ("released", 6.0)]
    {
        let scaling = settings(&format!("training.gradient_scaling = '{scaling}'"));
        let scaling = scaling.training.gradient_scaling;
        let w = Var::new(&[2f32], &candle_core::Device::Cpu).unwrap();
        let weight = Traced::parameter(&w).reshape((1, 1)).unwrap();
        let mut state = Traced::constant(w.ones_like().unwrap()).reshape((1, 1)).unwrap();
        let mut states = Vec::new();
        for k in 1..=2 {
            let before = state.scale_gradient(scaling.before_step(k));
            state = ops::product(&before, &weight).unwrap().scale_gradient(scaling.into_state());
            states.push(state.clone());
        }
        let states = Traced::cat(&states).unwrap().leaf().unwrap();
        let loss = (states.tensor() * 3.0).unwrap().sum_all().unwrap();
        let gradients = backward(&loss, [&states]).unwrap();
        assert_eq!(numbers(gradients.get(&w).unwrap()), [expected], "{scaling:?}");
    }
}

/// Predictions of a state do not depend on other states.
const ALONE: &str =
    "network.vector = { normalization = 'layer', head_normalization = 'layer', channels = 16 }";

/// The pseudocode divides the losses of unrolled states by K, but not those of the first state.
#[test]
fn the_pseudocode_does_not_divide_the_first_losses() {
    let gradient = |scaling: &str, unroll_steps: usize| {
        let mut of_bias = Vec::new();
        let changes = format!(
            "{ALONE}\n training.gradient_scaling = '{scaling}'\n training.unroll_steps = {unroll_steps}"
        );
        with_update(&changes, |update| {
            let losses = update.losses();
            let gradients = backward(&weighted(&losses.value), &losses.outputs).unwrap();
            let trained = update.online.parameters().trained();
            let (_, bias) =
                trained.iter().find(|(name, _)| name == "prediction.value.output.bias").unwrap();
            of_bias = numbers(gradients.get(bias).unwrap());
        });
        of_bias
    };
    // The last layer's gradient passes through no state: it is the sum over states of (p - target).
    let (paper, pseudocode) = (gradient("paper", 3), gradient("pseudocode", 3));
    let (one_paper, one_pseudocode) = (gradient("paper", 1), gradient("pseudocode", 1));
    halves(&one_pseudocode, &one_paper, 1.0);
    let first: Vec<f32> =
        pseudocode.iter().zip(&paper).map(|(all, part)| (all - part) / 2.0).collect();
    assert!(norm(&first) > 1e-2);
    with_update(&format!("{ALONE}\n training.gradient_scaling = 'none'"), |update| {
        let values = update.batch.values(0, &update.fresh);
        let rows = update.online.rows(&update.batch.first_observations().numbers(VECTOR)).unwrap();
        let latent = update.online.represent(&rows, zerolab_models::ForwardMode::Train).unwrap();
        let (logits, _) =
            update.online.predict(&latent, zerolab_models::ForwardMode::Train).unwrap();
        let logits = logits.into_tensor();
        let atoms = logits.dim(1).unwrap();
        let mut expected = vec![0.0; atoms];
        for (b, (logits, value)) in logits.to_vec2::<f32>().unwrap().iter().zip(values).enumerate()
        {
            let mut target = vec![0.0; atoms];
            update.online.design().value_support.encode(value.unwrap(), &mut target);
            let mass: f32 = logits.iter().map(|x| x.exp()).sum();
            for atom in 0..atoms {
                expected[atom] +=
                    (1.0 - 0.1 * b as f32) * (logits[atom].exp() / mass - target[atom]);
            }
        }
        for (first, expected) in first.iter().zip(expected) {
            assert!((first - expected).abs() < 1e-4, "{first} {expected}");
        }
    });
}
