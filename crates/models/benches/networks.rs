//! The cost of the planner's networks.
//!
//! `RAYON_NUM_THREADS=1 cargo bench -p zerolab-models --bench networks -- [--json] [START OF A LINE]`
//!
//! The first lines are the peak speed of matrix products with one and with two threads. Each further line has
//! the median wall and CPU time of a pass in milliseconds, the GFLOP/s of the wall time, and lower bounds of
//! the cost: the GFLOP, and the megabytes of weights and outputs, each written once and read once. On a busy
//! machine, use the CPU time with one thread.
//!
//! Sizes are the presets': `vector` is CartPole (4 numbers, 2 actions), `image` is MinAtar (4×10×10, 6
//! actions). `initial` is represent and predict, `recurrent` is step and predict, `update` is the losses of 5
//! unrolled steps and their gradient, without the optimizer. `analysis/against_pytorch.py` compares them with
//! PyTorch.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use candle_core::Result;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::ThreadPoolBuilder;
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;
use zerolab_models::networks::{Design, Network, NetworkSettings, PlannerNetworks};
use zerolab_models::{
    Device, ForwardMode, Layer, Support, Traced, backward, measured_peak_flops, ops,
};

/// The allocator of the program `zerolab`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// (name, shape of an observation, actions)
const NETWORKS: [(&str, &[usize], usize); 2] = [("vector", &[4], 2), ("image", &[4, 10, 10], 6)];

/// Batches of one environment, of a few environments, and of reanalysis.
const BATCHES: [usize; 5] = [1, 8, 32, 256, 1536];

/// (name, function that makes the pass, batches). The update's batch and steps are the presets'.
const OPERATIONS: [(&str, MakePass, &[usize]); 3] =
    [("initial", initial, &BATCHES), ("recurrent", recurrent, &BATCHES), ("update", update, &[64])];

/// Unrolled steps of an update.
const STEPS: usize = 5;

/// Each operation is measured at least this long, and at least [`PASSES`] times.
const TIME_PER_MEASUREMENT: Duration = Duration::from_millis(300);
const PASSES: usize = 5;

/// All measurements. Field names are the JSON keys.
#[derive(Serialize)]
struct Report {
    threads: usize,
    /// Threads, and the GFLOP/s of large matrix products.
    peaks: Vec<(usize, f64)>,
    networks: Vec<Size>,
    cells: Vec<Measurement>,
}

/// The size of a network.
#[derive(Serialize)]
struct Size {
    network: &'static str,
    parameters: u64,
}

/// The cost of one operation of one network with one batch.
#[derive(Serialize)]
struct Measurement {
    network: &'static str,
    operation: &'static str,
    batch: usize,
    megabytes: f64,
    #[serde(flatten)]
    cost: Cost,
}

/// Medians over passes.
#[derive(Serialize)]
struct Cost {
    milliseconds: f64,
    cpu_milliseconds: f64,
    gflop: f64,
    gflops_per_second: f64,
}

/// Does one pass and returns its multiply–accumulates.
type Pass<'a> = Box<dyn Fn() -> Result<u64> + 'a>;

/// Makes the pass of an operation for a batch.
type MakePass = fn(&PlannerNetworks, usize) -> Result<Pass<'_>>;

fn networks(observation_shape: &[usize], num_actions: usize) -> Result<PlannerNetworks> {
    let design = Design {
        observation_shape: observation_shape.to_vec(),
        num_actions,
        size: NetworkSettings::default().size(observation_shape).clone(),
        value_support: Support::new(15),
        reward_support: Support::new(5),
        value_prefix: true,
        consistency: true,
    };
    PlannerNetworks::new(design, &mut ChaCha8Rng::seed_from_u64(1), &Device::cpu())
}

fn observations(networks: &PlannerNetworks, samples: usize) -> Vec<f32> {
    let mut stream = ChaCha8Rng::seed_from_u64(2);
    let width: usize = networks.design().observation_shape.iter().product();
    (0..samples * width).map(|_| stream.random()).collect()
}

fn actions(networks: &PlannerNetworks, samples: usize) -> Vec<u32> {
    (0..samples as u32).map(|sample| sample % networks.design().num_actions as u32).collect()
}

fn initial(networks: &PlannerNetworks, batch: usize) -> Result<Pass<'_>> {
    let observations = observations(networks, batch);
    Ok(Box::new(move || {
        networks.initial(&networks.rows(&observations)?)?;
        Ok(networks.counter().take())
    }))
}

fn recurrent(networks: &PlannerNetworks, batch: usize) -> Result<Pass<'_>> {
    let (latent, _) = networks.initial(&networks.rows(&observations(networks, batch))?)?;
    let memory = networks.blank_memory(batch)?;
    let actions = actions(networks, batch);
    Ok(Box::new(move || {
        networks.recurrent(&latent, &networks.encoded(&actions)?, memory.as_ref())?;
        Ok(networks.counter().take())
    }))
}

/// An update of the planner with given targets.
fn update(networks: &PlannerNetworks, batch: usize) -> Result<Pass<'_>> {
    let (first, later) = (observations(networks, batch), observations(networks, STEPS * batch));
    let actions = actions(networks, batch);
    let design = networks.design();
    let (steps, states) = (STEPS * batch, (STEPS + 1) * batch);
    let target = |support: Support, count: usize| {
        let mut rows = vec![0.0; count * support.atoms()];
        rows.chunks_exact_mut(support.atoms()).for_each(|row| support.encode(1.5, row));
        networks.device().upload(rows, (count, support.atoms()))
    };
    let (value, reward) =
        (target(design.value_support, states)?, target(design.reward_support, steps)?);
    let uniform = vec![1.0 / design.num_actions as f32; states * design.num_actions];
    let policy = networks.device().upload(uniform, (states, design.num_actions))?;
    Ok(Box::new(move || {
        let target_projection = networks.target_projection(&networks.rows(&later)?)?;
        let without_gradient = networks.counter().take();
        let mut latent = networks.represent(&networks.rows(&first)?, ForwardMode::Train)?;
        let mut latents = vec![latent.clone()];
        for _ in 0..STEPS {
            let before = latent.scale_gradient(0.5);
            latent = networks.advance(&before, &networks.encoded(&actions)?, ForwardMode::Train)?;
            latents.push(latent.clone());
        }
        let latents = Traced::cat(&latents)?;
        let unrolled = latents.rows(batch, steps)?;
        let (values, policies) = networks.predict(&latents, ForwardMode::Train)?;
        let rewards = networks.rewards(&unrolled, batch, STEPS, ForwardMode::Train)?.leaf()?;
        let (values, policies) = (values.leaf()?, policies.leaf()?);
        let mut loss = (ops::cross_entropy(values.tensor(), &value)?.sum_all()? * 0.25)?;
        loss = (loss + ops::cross_entropy(policies.tensor(), &policy)?.sum_all()?)?;
        loss = (loss + ops::cross_entropy(rewards.tensor(), &reward)?.sum_all()?)?;
        let mut outputs = vec![values, policies, rewards];
        if let (Some(target_projection), Some(predicted)) =
            (&target_projection, networks.predicted_projection(&unrolled)?)
        {
            let predicted = predicted.leaf()?;
            let losses = ops::negative_cosine(predicted.tensor(), target_projection)?;
            loss = (loss + (losses.sum_all()? * 2.0)?)?;
            outputs.push(predicted);
        }
        backward(&(loss / (batch * STEPS) as f64)?, &outputs)?;
        // A backward pass costs two forward passes.
        Ok(3 * networks.counter().take() + without_gradient)
    }))
}

/// The least megabytes that a pass reads and writes.
fn megabytes(networks: &PlannerNetworks, operation: &str, batch: usize) -> f64 {
    let of = |part: &str, samples: usize| -> f64 {
        let layers = networks.parts().iter().filter(|known| known.name == part);
        let layers = layers.flat_map(|part| &part.layers).filter(|layer| layer.macs > 0);
        let outputs = |layer: &Layer| layer.output_shape.iter().product::<usize>() * samples;
        4e-6 * layers
            .map(|layer| (layer.parameters as usize + 2 * outputs(layer)) as f64)
            .sum::<f64>()
    };
    let (later, all) = (STEPS * batch, (STEPS + 1) * batch);
    match operation {
        "initial" => of("representation", batch) + of("prediction", batch),
        "recurrent" => of("dynamics", batch) + of("prediction", batch),
        // The backward pass reads and writes twice what the forward pass does.
        _ => {
            let unrolled = of("dynamics", later) + of("projector", later) + of("predictor", later);
            let learning = of("representation", batch) + of("prediction", all) + unrolled;
            3.0 * learning + of("representation", later) + of("projector", later)
        }
    }
}

fn measure(pass: &Pass<'_>) -> Result<Cost> {
    // The first pass allocates memory that the others reuse.
    let _first = pass()?;
    let (start_of_all, mut wall, mut cpu, mut macs) = (Instant::now(), Vec::new(), Vec::new(), 0);
    while wall.len() < PASSES || start_of_all.elapsed() < TIME_PER_MEASUREMENT {
        let (start, cpu_start) = (Instant::now(), cpu_seconds());
        macs = pass()?;
        cpu.push(cpu_seconds() - cpu_start);
        wall.push(start.elapsed().as_secs_f64());
    }
    let (wall, cpu) = (median(wall), median(cpu));
    Ok(Cost {
        milliseconds: 1e3 * wall,
        cpu_milliseconds: 1e3 * cpu,
        gflop: 2e-9 * macs as f64,
        gflops_per_second: 2e-9 * macs as f64 / wall,
    })
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// CPU time of all threads of the program.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

/// The peak with one thread and with two, each twice: a difference shows that the machine is busy.
fn peaks() -> Result<Vec<(usize, f64)>> {
    let peak = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(candle_core::Error::wrap)?;
        Ok((threads, 1e-9 * pool.install(|| measured_peak_flops(&Device::cpu()))?))
    };
    [1, 2, 1, 2].into_iter().map(peak).collect()
}

/// Measures the operations whose lines start with `prefix`.
fn report(prefix: &str) -> Result<Report> {
    let threads = rayon::current_num_threads();
    let mut report = Report { threads, peaks: peaks()?, networks: Vec::new(), cells: Vec::new() };
    for (network, shape, num_actions) in NETWORKS {
        let networks = networks(shape, num_actions)?;
        report.networks.push(Size { network, parameters: networks.parameters().count() });
        for (operation, make, batches) in OPERATIONS {
            for &batch in batches {
                if !format!("{network} {operation} {batch}").starts_with(prefix) {
                    continue;
                }
                let cost = measure(&make(&networks, batch)?)?;
                let megabytes = megabytes(&networks, operation, batch);
                report.cells.push(Measurement { network, operation, batch, megabytes, cost });
            }
        }
    }
    Ok(report)
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let json = env::args().any(|argument| argument == "--json");
    // Cargo adds `--bench`.
    let prefix = env::args().skip(1).find(|argument| !argument.starts_with("--"));
    // RAYON_NUM_THREADS threads. Candle reads the variable once for its own pool, so all work must run in
    // this one.
    let pool = ThreadPoolBuilder::new().build()?;
    let report = pool.install(|| report(prefix.as_deref().unwrap_or_default()))?;
    let mut out = io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
        return Ok(());
    }
    for (threads, peak) in report.peaks {
        writeln!(out, "{threads} threads: matrix products at {peak:.0} GFLOP/s")?;
    }
    writeln!(out, "below {} threads", report.threads)?;
    writeln!(
        out,
        "network operation batch gflop megabytes milliseconds cpu_milliseconds gflops_per_second"
    )?;
    for Measurement { network, operation, batch, megabytes, cost } in report.cells {
        let Cost { milliseconds, cpu_milliseconds, gflop, gflops_per_second } = cost;
        writeln!(
            out,
            "{network} {operation} {batch} {gflop:.4} {megabytes:.2} {milliseconds:.3} {cpu_milliseconds:.3} \
             {gflops_per_second:.1}"
        )?;
    }
    Ok(())
}
