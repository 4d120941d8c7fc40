//! Properties of every search, over random batches, masks, settings and purposes.

use proptest::prelude::*;
use zerolab_search::{Prior, Purpose, Roots, Search, Settings};

use crate::models::{ResultWithTrees, Rule, StepOutput, presets, search};

/// A batch of roots, each in an environment of its own.
#[derive(Debug, Clone)]
struct Batch {
    settings: Settings,
    purpose: Purpose,
    actions: usize,
    logit_scale: f32,
    roots: Vec<Root>,
}

#[derive(Debug, Clone)]
struct Root {
    initial: u64,
    seed: u64,
    legal: Vec<bool>,
}

fn mixed(state: u64, action: u64) -> u64 {
    let h =
        (state ^ action.wrapping_mul(0xA24B_AED4_963E_E407)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    let h = (h ^ (h >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (h ^ (h >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB)
}

/// A number in [-1, 1].
fn real(state: u64, kind: u64) -> f32 {
    (mixed(state, kind) >> 40) as f32 / 8_388_608.0 - 1.0
}

impl Batch {
    fn logits(&self, state: u64) -> Vec<f32> {
        (0..self.actions as u64)
            .map(|action| self.logit_scale * real(state, 100 + action))
            .collect()
    }

    fn search(&self, order: &[usize]) -> ResultWithTrees {
        self.search_with(&mut Search::new(&self.settings, 0.9, Some(3)), order)
    }

    fn search_with(&self, search: &mut Search, order: &[usize]) -> ResultWithTrees {
        let roots: Vec<&Root> = order.iter().map(|index| &self.roots[*index]).collect();
        let mut model =
            Rule::new(roots.iter().map(|root| root.initial).collect(), |state, action| {
                let state = mixed(*state, action as u64);
                let discount = mixed(state, 3).is_multiple_of(8).then_some(0.0);
                StepOutput {
                    state,
                    // Coarse, so that ties happen.
                    reward: (2.0 * real(state, 1)).round(),
                    value: real(state, 2),
                    logits: self.logits(state),
                    discount,
                }
            });
        let roots = Roots {
            num_actions: self.actions,
            values: roots.iter().map(|root| real(root.initial, 2)).collect(),
            logits: roots.iter().flat_map(|root| self.logits(root.initial)).collect(),
            legal: Some(roots.iter().flat_map(|root| root.legal.clone()).collect()),
            seeds: roots.iter().map(|root| root.seed).collect(),
        };
        ResultWithTrees::by(search, &roots, self.purpose, &mut model)
    }
}

fn batches() -> impl Strategy<Value = Batch> {
    let settings = prop::sample::select(presets()).prop_map(|(_, settings)| settings);
    let purpose = prop_oneof![
        Just(Purpose::Greedy),
        prop_oneof![Just(0.0_f32), 0.05_f32..2.0]
            .prop_map(|temperature| Purpose::Explore { temperature }),
    ];
    (settings, purpose, 0_u32..40, 1_usize..9).prop_flat_map(
        |(settings, purpose, simulations, actions)| {
            let legal = prop::collection::vec(any::<bool>(), actions)
                .prop_filter("one action is legal", |legal| legal.contains(&true));
            let root = (any::<u64>(), any::<u64>(), legal);
            let root = root.prop_map(|(initial, seed, legal)| Root { initial, seed, legal });
            prop::collection::vec(root, 1..5).prop_map(move |roots| {
                let settings = Settings { simulations, ..settings.clone() };
                Batch { settings, purpose, actions, logit_scale: 3.0, roots }
            })
        },
    )
}

/// One root's part of the results.
fn row(
    found: &ResultWithTrees,
    index: usize,
    actions: usize,
) -> impl PartialEq + std::fmt::Debug + use<> {
    let row = index * actions..(index + 1) * actions;
    (
        found.actions[index],
        found.policies[row.clone()].to_vec(),
        found.visits[row.clone()].to_vec(),
        found.values[index].to_bits(),
        found.q[row].to_vec(),
        found.trees[index].clone(),
    )
}

proptest! {
    #[test]
    fn what_is_found_is_sound(batch in batches()) {
        let all: Vec<usize> = (0..batch.roots.len()).collect();
        let found = batch.search(&all);
        for (index, root) in batch.roots.iter().enumerate() {
            let row = index * batch.actions..(index + 1) * batch.actions;
            let (visits, policy) = (&found.visits[row.clone()], &found.policies[row.clone()]);
            prop_assert_eq!(visits.iter().sum::<u32>(), batch.settings.simulations);
            prop_assert!((policy.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{:?}", policy);
            prop_assert!(root.legal[found.actions[index] as usize]);
            for (action, legal) in root.legal.iter().enumerate() {
                prop_assert!(*legal || (visits[action] == 0 && policy[action] == 0.0));
                prop_assert!(visits[action] > 0 || found.q[row.start + action] == 0.0);
            }
            let nodes = &found.trees[index];
            prop_assert_eq!(nodes.len(), batch.settings.simulations as usize + 1);
            for (number, node) in nodes.iter().enumerate() {
                let below = nodes.iter().filter(|below| below.parent == Some(number as u32));
                let (mut visits, mut prior) = (1, 0.0);
                for below in below {
                    prop_assert_eq!(below.depth, node.depth + 1);
                    visits += below.visits;
                    prior += below.prior;
                }
                prop_assert_eq!(node.visits, visits);
                prop_assert!(prior < 1.0 + 1e-5);
            }
        }
    }

    #[test]
    fn a_root_depends_on_neither_its_batch_nor_the_order(
        (batch, order) in batches().prop_flat_map(|batch| {
            let order: Vec<usize> = (0..batch.roots.len()).collect();
            (Just(batch), Just(order).prop_shuffle())
        }),
    ) {
        let all: Vec<usize> = (0..batch.roots.len()).collect();
        let (together, permuted) = (batch.search(&all), batch.search(&order));
        prop_assert_eq!(&together, &batch.search(&all));
        for (place, index) in order.into_iter().enumerate() {
            let expected = row(&together, index, batch.actions);
            let alone = batch.search(&[index]);
            prop_assert_eq!(&row(&alone, 0, batch.actions), &expected);
            prop_assert_eq!(&row(&permuted, place, batch.actions), &expected);
        }
    }

    /// An earlier search's data in the memory does not matter, be it larger or smaller than the new one.
    #[test]
    fn a_search_begins_anew(batch in batches(), other in batches()) {
        let all: Vec<usize> = (0..batch.roots.len()).collect();
        let others: Vec<usize> = (0..other.roots.len()).collect();
        let mut used = Search::new(&batch.settings, 0.9, Some(3));
        other.search_with(&mut used, &others);
        let again = batch.search_with(&mut used, &all);
        prop_assert_eq!(again, batch.search(&all));
    }
}

/// Enough roots for two threads to share them.
#[test]
fn the_number_of_threads_does_not_matter() {
    for (name, settings) in presets() {
        let root = |index: u64| Root {
            initial: mixed(index, 7),
            seed: index,
            legal: (0..6)
                .map(|action| action == 0 || !mixed(index, 8 + action).is_multiple_of(3))
                .collect(),
        };
        let settings = Settings { simulations: 40, ..settings };
        let purpose = Purpose::Explore { temperature: 1.0 };
        let roots = (0..1000).map(root).collect();
        let batch = Batch { settings, purpose, actions: 6, logit_scale: 3.0, roots };
        let all: Vec<usize> = (0..batch.roots.len()).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| batch.search(&all))
        };
        assert!(on(1) == on(2), "{name}");
    }
}

proptest! {
    /// Without simulations both policies are the softmax of the legal logits.
    #[test]
    fn priors_are_the_softmax(
        row in prop::collection::vec((-40.0_f32..40.0, any::<bool>()), 1..30),
        gumbel in any::<bool>(),
    ) {
        let (logits, mut legal): (Vec<f32>, Vec<bool>) = row.into_iter().unzip();
        legal[0] = true;
        let weight = |(logit, legal): (&f32, &bool)| if *legal { f64::from(*logit).exp() } else { 0.0 };
        let weights: Vec<f64> = logits.iter().zip(&legal).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let settings = if gumbel { Settings::gumbel_muzero() } else { Settings::efficientzero() };
        let roots = Roots {
            num_actions: logits.len(),
            values: vec![0.0],
            logits,
            legal: Some(legal),
            seeds: vec![0],
        };
        let settings = Settings { simulations: 0, ..settings };
        let mut model = Rule::new(vec![()], |(), _| unreachable!());
        let found = search(&settings, 0.9, None, &roots, Purpose::Greedy, &mut model);
        for (share, weight) in found.policies.iter().zip(weights) {
            let expected = weight / sum;
            let error = (f64::from(*share) - expected).abs();
            // A difference of logits near 80 is rounded by 4e-6.
            prop_assert!(error <= 6e-6 * expected + 1e-37, "{} is not {}", share, expected);
        }
    }
}

proptest! {
    /// With a uniform prior the network's policy has no effect, not even in the policy target.
    #[test]
    fn a_uniform_prior_is_that_of_equal_logits(batch in batches()) {
        let all: Vec<usize> = (0..batch.roots.len()).collect();
        let uniform = Settings { prior: Prior::Uniform, ..batch.settings.clone() };
        let equal = Batch { logit_scale: 0.0, ..batch.clone() };
        let found = Batch { settings: uniform, ..batch }.search(&all);
        prop_assert_eq!(found, equal.search(&all));
    }
}

/// With a broken model the search ends, and takes a legal action.
#[test]
fn a_model_of_nan_is_survived() {
    for (_, settings) in presets() {
        let settings = Settings { simulations: 50, ..settings };
        for purpose in [Purpose::Greedy, Purpose::Explore { temperature: 1.0 }] {
            let mut model = Rule::new(vec![()], |(), _| StepOutput {
                state: (),
                reward: f32::NAN,
                value: f32::NAN,
                logits: vec![f32::NAN; 3],
                discount: None,
            });
            let roots = Roots {
                num_actions: 3,
                values: vec![f32::NAN],
                logits: vec![f32::NAN; 3],
                legal: Some(vec![false, true, true]),
                seeds: vec![0],
            };
            let found = search(&settings, 0.9, None, &roots, purpose, &mut model);
            assert_eq!(found.visits[0], 0);
            assert_ne!(found.actions, [0]);
        }
    }
}
