//! After the first search of a shape, simulations allocate nothing.

use std::convert::Infallible;

use allocation_counter::measure;
use zerolab_search::{Evaluations, Expansion, Model, Purpose, Roots, Search, Settings};

use crate::models::presets;

/// Different at every node, and deep.
struct Hashed;

impl Model for Hashed {
    type Error = Infallible;

    fn recurrent(&mut self, new: &Expansion<'_>, out: &mut Evaluations) -> Result<(), Infallible> {
        for (index, logit) in out.logits.iter_mut().enumerate() {
            *logit = ((new.node * 31 + index * 17) % 23) as f32 / 5.0;
        }
        for (row, (reward, value)) in out.rewards.iter_mut().zip(&mut out.values).enumerate() {
            *reward = ((new.parents[row] * 7 + new.actions[row] * 3) % 5) as f32;
            *value = (new.node % 7) as f32;
        }
        Ok(())
    }
}

#[test]
fn simulations_allocate_nothing_after_the_first_search() {
    let roots = Roots {
        num_actions: 6,
        values: vec![0.0; 3],
        logits: vec![0.0; 18],
        legal: None,
        seeds: vec![0, 1, 2],
    };
    let explore = Purpose::Explore { temperature: 1.0 };
    for (_, settings) in presets() {
        let [first, later] = [2, 200].map(|simulations| {
            let settings = Settings { simulations, ..settings.clone() };
            let mut search = Search::new(&settings, 0.9, Some(5));
            let mut counted = || {
                measure(|| {
                    let Ok(_) = search.run(&roots, explore, &mut Hashed);
                })
                .count_total
            };
            [counted(), counted(), counted()]
        });
        // What was found is allocated by every search, and the root's noise, but nothing by simulations.
        assert_eq!(first[1..], later[1..], "{settings:?}");
        assert!(later[1] < later[0], "{settings:?}: {later:?}");
    }
}
