//! Recorded work has the results of work that is launched operation by operation, to the last bit.

use candle_core::Tensor;
use candle_core::backprop::GradStore;
use zerolab_models::networks::{LstmState, Network, PlannerNetworks};
use zerolab_models::{
    ForwardMode, Inputs, Leaf, Normalization, Optimizer, OptimizerSettings, Recorder, backward, ops,
};

use crate::cases::{Case, SAMPLES, cases, gpu, numbers};
use crate::closeness::{gradients, list};

/// The inputs of a small update.
#[derive(Clone)]
struct UpdateInputs {
    rows: Tensor,
    actions: Tensor,
    values: Tensor,
}

impl Inputs for UpdateInputs {
    fn tensors(&self) -> Vec<&Tensor> {
        vec![&self.rows, &self.actions, &self.values]
    }
}

/// The losses of one step of the model, and their gradients.
fn losses_and_gradients(
    networks: &PlannerNetworks,
    given: &UpdateInputs,
) -> candle_core::Result<(Tensor, GradStore)> {
    let latent = networks.represent(&given.rows, ForwardMode::Train)?;
    let target_projection = networks.target_projection(&given.rows)?.unwrap();
    let next = networks.advance(&latent, &given.actions, ForwardMode::Train)?;
    let memory = networks.blank_memory(SAMPLES)?.map(LstmState::constant);
    let (rewards, _) = networks.reward(&next, memory.as_ref(), ForwardMode::Train)?;
    let (values, policies) = networks.predict(&next, ForwardMode::Train)?;
    let foreseen = networks.predicted_projection(&next)?.unwrap();
    let leaves = [values.leaf()?, rewards.leaf()?, policies.leaf()?, foreseen.leaf()?];
    let [values, rewards, policies, foreseen] = leaves.each_ref().map(Leaf::tensor);
    let design = networks.design();
    let of_values = ops::cross_entropy(values, &ops::encode(&given.values, design.value_support)?)?;
    let of_rewards =
        ops::cross_entropy(rewards, &ops::encode(&given.values, design.reward_support)?)?;
    let of_policies = ops::cross_entropy(policies, &policies.detach())?;
    let of_latents = ops::negative_cosine(foreseen, &target_projection)?;
    let losses = (((of_values + of_rewards)? + of_policies)? + of_latents)?;
    let gradients = backward(&losses.mean_all()?, &leaves)?;
    Ok((losses, gradients))
}

/// With different inputs and weights each time.
#[test]
fn recorded_work_has_the_same_results() {
    let Some(gpu) = gpu() else { return };
    let as_trained = |case: &Case| case.value_prefix && case.normalization == Normalization::Batch;
    for case in cases().into_iter().filter(|case| case.shape == [3, 5, 4] && as_trained(case)) {
        let [recorded, plain] = [(); 2].map(|()| {
            let networks = case.planner(&gpu);
            let settings = OptimizerSettings::default();
            let optimizer = Optimizer::new(settings, networks.parameters()).unwrap();
            (networks, optimizer)
        });
        let mut recorder = Recorder::new(&gpu);
        let mut learn = |given: &UpdateInputs,
                         (networks, mut optimizer): (&PlannerNetworks, Optimizer),
                         records| {
            let work = |given: &UpdateInputs| losses_and_gradients(networks, given);
            let mut read = |(losses, store): &(Tensor, GradStore)| {
                optimizer.step(store, 0.1)?;
                Ok((list(losses), gradients(networks.parameters(), store)))
            };
            let found = if records {
                recorder.run(given, work, read)
            } else {
                work(given).and_then(|it| read(&it))
            };
            (found.unwrap(), optimizer)
        };
        let (mut first, mut second) = (recorded.1, plain.1);
        for time in 0..4 {
            let cells = case.observations().len();
            let actions: Vec<u32> = (0..SAMPLES as u32).map(|sample| (sample + time) % 3).collect();
            let given = UpdateInputs {
                rows: plain.0.rows(&numbers(cells, u64::from(time))).unwrap(),
                actions: plain.0.encoded(&actions).unwrap(),
                values: gpu.upload(numbers(SAMPLES, 50 + u64::from(time)), SAMPLES).unwrap(),
            };
            let (as_recorded, as_it_is);
            (as_recorded, first) = learn(&given, (&recorded.0, first), true);
            (as_it_is, second) = learn(&given, (&plain.0, second), false);
            assert!(as_recorded == as_it_is, "{case:?}: time {time}");
        }
        assert_eq!(gpu.recording_error(), None);
    }
}
