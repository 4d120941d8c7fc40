//! The cost of a search without its model: microseconds per simulation and root.
//!
//! `cargo bench -p zerolab-search --bench search -- [BEGINNING OF A LINE [SEARCHES]]`
//!
//! Two fillings: "zeros" (rewards, values and logits are 0) and "normal" (drawn from N(0, 1)), which makes
//! deeper trees. The model copies precomputed tables in the first search and does nothing afterwards.
//! Each time is the fastest of several searches, because other load on the machine only adds time.

use std::convert::Infallible;
use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::ThreadPoolBuilder;
use zerolab_search::{Evaluations, Expansion, Model, Purpose, Roots, Search, Settings};

/// (threads, actions, simulations, batches)
const SHAPES: [(usize, usize, u32, &[usize]); 4] = [
    (1, 3, 16, &[1, 8, 64]),
    (1, 18, 50, &[1, 8, 64, 256, 1536]),
    (2, 18, 50, &[256, 1536]),
    (1, 18, 200, &[1, 8, 64]),
];

/// For each search, filling and shape.
const TIME_PER_CELL: Duration = Duration::from_millis(300);

/// Copies one precomputed table for each simulation.
struct Tables {
    /// Indexed by node number minus 1.
    tables: Vec<Evaluations>,
    /// Whether the first search has copied all of them.
    copied: bool,
}

impl Tables {
    fn new(simulations: u32, batch: usize, actions: usize, filling: &str) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        let mut row = |length: usize| -> Vec<f32> {
            match filling {
                "zeros" => vec![0.0; length],
                _ => (0..length).map(|_| StandardNormal.sample(&mut stream)).collect(),
            }
        };
        let table = |_| Evaluations {
            rewards: row(batch),
            values: row(batch),
            logits: row(batch * actions),
            discounts: vec![0.0; batch],
        };
        Self { tables: (0..simulations).map(table).collect(), copied: false }
    }
}

impl Model for Tables {
    type Error = Infallible;

    fn recurrent(
        &mut self,
        expansion: &Expansion<'_>,
        out: &mut Evaluations,
    ) -> Result<(), Infallible> {
        // Afterwards every simulation's evaluations still hold the table.
        if !self.copied {
            let table = &self.tables[expansion.node - 1];
            out.rewards.copy_from_slice(&table.rewards);
            out.values.copy_from_slice(&table.values);
            out.logits.copy_from_slice(&table.logits);
            self.copied = expansion.node == self.tables.len();
        }
        Ok(())
    }
}

fn roots(batch: usize, actions: usize, filling: &str) -> Roots {
    let Evaluations { values, logits, .. } =
        Tables::new(1, batch, actions, filling).tables.remove(0);
    Roots { num_actions: actions, values, logits, legal: None, seeds: (0..batch as u64).collect() }
}

/// Microseconds per simulation and root, and the mean depth of the new nodes. Runs `searches` searches,
/// or as many as the time allows.
fn measure(
    settings: &Settings,
    batch: usize,
    actions: usize,
    filling: &str,
    searches: Option<u32>,
) -> (f64, f64) {
    let roots = roots(batch, actions, filling);
    let mut model = Tables::new(settings.simulations, batch, actions, filling);
    let mut search = Search::new(settings, 0.997, None);
    let began = Instant::now();
    let (mut fastest, mut done) = (f64::INFINITY, 0);
    while searches.map_or(done < 3 || began.elapsed() < TIME_PER_CELL, |searches| done < searches) {
        let start = Instant::now();
        let Ok(result) = search.run(&roots, Purpose::Explore { temperature: 1.0 }, &mut model);
        fastest = fastest.min(start.elapsed().as_secs_f64());
        std::hint::black_box(result);
        done += 1;
    }
    let simulations = f64::from(settings.simulations) * batch as f64;
    let nodes = (0..batch).flat_map(|root| search.nodes(root));
    let depth: f64 = nodes.map(|node| f64::from(node.depth)).sum();
    (1e6 * fastest / simulations, depth / simulations)
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`.
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let wanted = arguments.next();
    let searches = arguments.next().map(|number| number.parse()).transpose()?;
    let presets = [
        ("efficientzero", Settings::efficientzero()),
        ("muzero", Settings::muzero()),
        ("mctx-muzero", Settings::mctx_muzero()),
        ("gumbel-muzero", Settings::gumbel_muzero()),
        ("efficientzero-v2", Settings::efficientzero_v2(18)),
    ];
    let mut out = io::stdout().lock();
    writeln!(out, "form filling threads actions simulations batch us_per_simulation mean_depth")?;
    for (form, settings) in presets {
        for (threads, actions, simulations, batches) in SHAPES {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
            for filling in ["zeros", "normal"] {
                for &batch in batches {
                    let cell =
                        format!("{form} {filling} {threads} {actions} {simulations} {batch}");
                    if wanted.as_ref().is_some_and(|wanted| !cell.starts_with(wanted.as_str())) {
                        continue;
                    }
                    let settings = Settings { simulations, ..settings.clone() };
                    let (time, depth) =
                        pool.install(|| measure(&settings, batch, actions, filling, searches));
                    writeln!(out, "{cell} {time:.3} {depth:.2}")?;
                }
            }
        }
    }
    Ok(())
}
