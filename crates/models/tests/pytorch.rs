//! Every network and loss against PyTorch: `golden/pytorch.py` computed outputs, losses and gradients in
//! double precision.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use candle_core::{Device as CandleDevice, Tensor, Var};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use zerolab_models::networks::{
    ActionEncoding, Design, Downsampling, LstmState, Network, NetworkSize, PlannerNetworks,
    QDesign, QNetwork,
};
use zerolab_models::{
    Device, ForwardMode, Leaf, Normalization, Parameters, Precision, Support, Traced, backward, ops,
};

const SAMPLES: usize = 8;
const UNROLL: usize = 2;
const ACTIONS: usize = 3;
const GRADIENT_SCALE: f64 = 0.5;

/// Largest error, relative to the largest number of the tensor.
const TOLERANCE: f32 = 1e-4;

/// A tensor's largest gradient counts as at least this fraction of the network's. Some gradients are 0 except
/// for rounding: that of a bias before batch normalization.
const CANCELLED: f32 = 1e-2;

const SIZE: NetworkSize = NetworkSize {
    channels: 3,
    blocks: 1,
    downsampling: Downsampling::None,
    action_encoding: ActionEncoding::OneHot,
    normalization: Normalization::Batch,
    head_normalization: Normalization::Layer,
    normalization_momentum: 0.1,
    precision: Precision::F32,
    head_channels: 2,
    head_hidden: 4,
    lstm_hidden: 4,
    projection: 6,
};

/// A file with PyTorch's tensors.
struct Golden {
    path: PathBuf,
    tensors: HashMap<String, Tensor>,
}

impl Golden {
    fn open(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let path = folder.join(format!("{name}.safetensors"));
        let tensors = candle_core::safetensors::load(&path, &CandleDevice::Cpu).unwrap();
        Self { path, tensors }
    }

    fn get(&self, name: &str) -> &Tensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("{}: no {name}", self.path.display()))
    }

    fn numbers(&self, name: &str) -> Vec<f32> {
        numbers(self.get(name))
    }

    fn step(&self, name: &str, step: usize) -> Tensor {
        self.get(name).get(step).unwrap()
    }

    /// Loads the file's weights, which must be all of the network's.
    fn load(&self, parameters: &Parameters) {
        parameters.load(&self.path).unwrap();
        let theirs = self.tensors.keys().filter(|name| !name.contains('/'));
        let mut theirs: Vec<&String> = theirs.collect();
        let ours = saved(parameters);
        theirs.sort_unstable();
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs);
    }

    fn compare(&self, name: &str, found: &Tensor) {
        let expected = self.numbers(name);
        close(name, &expected, &numbers(found), largest(&expected));
    }

    /// Compares the gradients of `loss` for all weights that it depends on.
    fn compare_gradients(
        &self,
        parameters: &Parameters,
        name: &str,
        loss: &Tensor,
        outputs: &[Leaf],
    ) {
        let gradients = backward(loss, outputs).unwrap();
        let expected = self.numbers(&format!("gradient/{name}"));
        let floor = CANCELLED * largest(&expected);
        let mut rest = expected.as_slice();
        let trained: BTreeMap<&String, &Var> =
            parameters.trained().iter().map(|(name, var)| (name, var)).collect();
        for (weight, var) in trained {
            let Some(found) = gradients.get(var) else { continue };
            let (expected, behind) = rest.split_at(var.elem_count());
            let what = format!("the gradient of {name} in {weight}");
            close(&what, expected, &numbers(found), largest(expected).max(floor));
            rest = behind;
        }
        assert_eq!(rest.len(), 0);
    }

    /// Compares the running statistics after learning.
    fn compare_statistics(&self, parameters: &Parameters) {
        let saved = saved(parameters);
        let statistics = saved.iter().filter(|(name, _)| name.ends_with(".running"));
        for (name, found) in statistics {
            self.compare(&format!("after/{name}"), found);
        }
    }
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn largest(numbers: &[f32]) -> f32 {
    numbers.iter().fold(0.0, |largest, number| largest.max(number.abs()))
}

fn close(what: &str, expected: &[f32], found: &[f32], scale: f32) {
    assert_eq!(expected.len(), found.len(), "{what}");
    for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
        let off = (expected - found).abs();
        assert!(off <= TOLERANCE * scale, "{what}[{at}] is {found}, not {expected} (of {scale})");
    }
}

/// All tensors of a network by name, saved and loaded.
fn saved(parameters: &Parameters) -> BTreeMap<String, Tensor> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    parameters.save(&path).unwrap();
    candle_core::safetensors::load(path, &CandleDevice::Cpu).unwrap().into_iter().collect()
}

/// Unrolls the model as an update does and compares all outputs. Returns each loss: weighted, averaged over
/// samples and steps.
fn unroll(
    networks: &PlannerNetworks,
    golden: &Golden,
    mode: ForwardMode,
) -> (Vec<(&'static str, Tensor)>, Vec<Leaf>) {
    let kind = if mode == ForwardMode::Train { "train" } else { "infer" };
    let compare = |k: usize, what: &str, found: &Tensor| {
        golden.compare(&format!("{kind}/{k}/{what}"), found);
    };
    let mut losses = BTreeMap::from(["reward", "value", "policy", "consistency"].map(|name| {
        (name, Tensor::zeros(SAMPLES, candle_core::DType::F32, &CandleDevice::Cpu).unwrap())
    }));
    let mut add = |name: &str, loss: Tensor| {
        let sum = losses.get_mut(name).unwrap();
        *sum = (&*sum + loss).unwrap();
    };
    let targets = (mode == ForwardMode::Train).then(|| {
        let targets = networks
            .target_projection(&networks.rows(&golden.numbers("input/next_observations")).unwrap());
        let targets = targets.unwrap().unwrap();
        golden.compare("train/hindsight", &targets);
        targets
    });
    let mut outputs = Vec::new();
    let mut leaf = |output: &Traced| {
        let leaf = output.leaf().unwrap();
        outputs.push(leaf.clone());
        leaf
    };
    let entropy = |logits: &Leaf, targets: &str, step| {
        ops::cross_entropy(logits.tensor(), &golden.step(targets, step)).unwrap()
    };
    let mut latent = networks
        .represent(&networks.rows(&golden.numbers("input/observations")).unwrap(), mode)
        .unwrap();
    let mut memory = networks.blank_memory(SAMPLES).unwrap().map(LstmState::constant);
    for k in 0..=UNROLL {
        if k > 0 {
            let before = latent.scale_gradient(GRADIENT_SCALE);
            let actions: Vec<u32> = golden.step("input/actions", k - 1).to_vec1().unwrap();
            let next = networks
                .step(&before, &networks.encoded(&actions).unwrap(), memory.as_ref(), mode)
                .unwrap();
            compare(k, "rewards", next.reward_logits.tensor());
            if let Some(memory) = &next.memory {
                compare(k, "output", memory.output.tensor());
                compare(k, "cell", memory.cell.tensor());
            }
            add("reward", entropy(&leaf(&next.reward_logits), "input/rewards", k - 1));
            (latent, memory) = (next.latent, next.memory);
        }
        compare(k, "latent", latent.tensor());
        let (values, policies) = networks.predict(&latent, mode).unwrap();
        compare(k, "values", values.tensor());
        compare(k, "policies", policies.tensor());
        let (values, policies) = (leaf(&values), leaf(&policies));
        add("value", entropy(&values, "input/values", k));
        add("policy", entropy(&policies, "input/policies", k));
        if let (Some(targets), 1..) = (&targets, k) {
            let predicted = leaf(&networks.predicted_projection(&latent).unwrap().unwrap());
            compare(k, "foreseen", predicted.tensor());
            let target = targets.narrow(0, (k - 1) * SAMPLES, SAMPLES).unwrap();
            let loss = ops::negative_cosine(predicted.tensor(), &target).unwrap();
            add("consistency", (loss * golden.step("input/seen", k - 1)).unwrap());
        }
    }
    let weighted_mean = |loss: Tensor| {
        let weighted = (loss * golden.get("input/weights")).unwrap().sum_all().unwrap();
        (weighted / (SAMPLES * UNROLL) as f64).unwrap()
    };
    let losses = losses.into_iter().map(|(name, loss)| (name, weighted_mean(loss)));
    (losses.collect(), outputs)
}

fn planner(name: &str, observation_shape: &[usize], value_prefix: bool, size: NetworkSize) {
    let golden = Golden::open(name);
    let design = Design {
        observation_shape: observation_shape.to_vec(),
        num_actions: ACTIONS,
        size,
        value_support: Support::new(3),
        reward_support: Support::new(2),
        value_prefix,
        consistency: true,
    };
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    let networks = PlannerNetworks::new(design, &mut stream, &Device::cpu()).unwrap();
    golden.load(networks.parameters());
    unroll(&networks, &golden, ForwardMode::Infer);
    let (losses, outputs) = unroll(&networks, &golden, ForwardMode::Train);
    for (name, loss) in losses {
        golden.compare_gradients(networks.parameters(), name, &loss, &outputs);
    }
    golden.compare_statistics(networks.parameters());
}

fn q_network(name: &str, observation_shape: &[usize], size: &NetworkSize) {
    let golden = Golden::open(name);
    let (mut stream, device) = (ChaCha8Rng::seed_from_u64(1), Device::cpu());
    let design = QDesign { num_actions: ACTIONS, atoms: 1, dueling: false, noisy: false };
    let network = QNetwork::new(observation_shape, design, size, &mut stream, &device).unwrap();
    golden.load(network.parameters());
    let observations = golden.numbers("input/observations");
    let values = |mode| {
        let values = network.forward(&observations, mode, None).unwrap();
        values.reshape(((), ACTIONS)).unwrap().leaf().unwrap()
    };
    golden.compare("infer/values", values(ForwardMode::Infer).tensor());
    let values = values(ForwardMode::Train);
    golden.compare("train/values", values.tensor());
    let errors = (values.tensor() - golden.get("input/targets")).unwrap();
    let loss = (((errors.sqr().unwrap() + 1.0).unwrap().sqrt().unwrap()) - 1.0).unwrap();
    let loss = loss.mean_all().unwrap();
    golden.compare_gradients(network.parameters(), "error", &loss, &[values]);
    golden.compare_statistics(network.parameters());
}

/// The moments of only three channels are sensitive to rounding.
const LAYER: NetworkSize = NetworkSize { normalization: Normalization::Layer, channels: 6, ..SIZE };
/// Like the paper's networks, where these differ from [`SIZE`].
const PUBLISHED: NetworkSize = NetworkSize {
    downsampling: Downsampling::Sixteenth,
    action_encoding: ActionEncoding::Share,
    head_normalization: Normalization::Batch,
    ..SIZE
};

#[test]
fn networks_of_vectors() {
    planner("vector", &[4], true, NetworkSize { blocks: 2, ..LAYER });
    let size = NetworkSize { downsampling: Downsampling::None, channels: 6, ..PUBLISHED };
    planner("vector_batch", &[4], false, size);
}

#[test]
fn networks_of_images() {
    planner("image", &[2, 2, 3], false, SIZE);
    planner("image_layer", &[2, 2, 3], true, NetworkSize { channels: 5, ..LAYER });
}

#[test]
fn networks_of_large_images() {
    planner("downsampling", &[1, 17, 17], true, PUBLISHED);
}

#[test]
fn q_networks() {
    q_network("q_vector", &[4], &LAYER);
    q_network("q_downsampling", &[1, 17, 17], &PUBLISHED);
}
