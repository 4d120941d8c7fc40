//! A generation of candidates: which episodes are left to play, their returns, and the best candidates.
//!
//! An episode is that of one candidate from its first step to its last. A lane whose episode ends takes the next one
//! that no lane has taken: first one of each candidate, then a second one of each, and so on. At the end of a generation
//! all its episodes are taken, but some are not finished. The lanes that are free then play the mean, and these episodes
//! do not count: otherwise short episodes would count more often than long ones.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::settings::Settings;

/// The candidates of a generation and what they reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Generation {
    /// `[population]` of `[P]`: their parameters.
    candidates: Vec<Vec<f32>>,
    /// Episodes of each candidate.
    episodes: usize,
    /// `[population]`: the sum of the returns of its finished episodes.
    returns: Vec<f64>,
    /// Episodes that a lane has taken.
    taken: usize,
    /// Episodes that have ended.
    finished: usize,
}

/// The distribution of the next generation, and the scores of this one.
pub(super) struct Fit {
    /// `[P]`
    pub(super) mean: Vec<f32>,
    /// `[P]`
    pub(super) deviation: Vec<f32>,
    /// The mean score of all candidates.
    pub(super) mean_return: f64,
    /// The mean score of the best candidates.
    pub(super) elite_return: f64,
}

impl Generation {
    /// Draws the candidates from a normal distribution of each parameter, `[P]`.
    pub(super) fn draw(
        settings: &Settings,
        mean: &[f32],
        deviation: &[f32],
        stream: &mut ChaCha8Rng,
    ) -> Self {
        let mut candidate = || {
            let distribution = mean.iter().zip(deviation);
            let draw = |(mean, deviation): (&f32, &f32)| {
                let normal: f32 = StandardNormal.sample(stream);
                mean + deviation * normal
            };
            distribution.map(draw).collect()
        };
        let Settings { population, episodes, .. } = *settings;
        let candidates = (0..population).map(|_| candidate()).collect();
        Self { candidates, episodes, returns: vec![0.0; population], taken: 0, finished: 0 }
    }

    /// `[P]`: the parameters of a candidate.
    pub(super) fn parameters(&self, candidate: usize) -> &[f32] {
        &self.candidates[candidate]
    }

    /// Takes the next episode that no lane has taken: its candidate; `None` if all are taken.
    pub(super) fn take(&mut self) -> Option<usize> {
        let population = self.candidates.len();
        let candidate = (self.taken < population * self.episodes).then(|| self.taken % population);
        self.taken += usize::from(candidate.is_some());
        candidate
    }

    /// Adds the return of a candidate's episode.
    pub(super) fn add(&mut self, candidate: usize, r#return: f64) {
        self.returns[candidate] += r#return;
        self.finished += 1;
    }

    /// Whether all episodes have ended.
    pub(super) fn is_finished(&self) -> bool {
        self.finished == self.candidates.len() * self.episodes
    }

    /// Mean and standard deviation of the parameters of the best candidates. Of equal candidates the first ones are
    /// taken.
    pub(super) fn fit(&self, elites: usize) -> Fit {
        let mut best: Vec<usize> = (0..self.candidates.len()).collect();
        best.sort_by(|&one, &other| self.returns[other].total_cmp(&self.returns[one]));
        best.truncate(elites);
        let of_parameter = |parameter: usize| {
            let values = || best.iter().map(|&it| f64::from(self.candidates[it][parameter]));
            let mean = values().sum::<f64>() / best.len() as f64;
            let squares = values().map(|value| (value - mean).powi(2)).sum::<f64>();
            (mean as f32, (squares / best.len() as f64).sqrt() as f32)
        };
        let (mean, deviation) = (0..self.candidates[0].len()).map(of_parameter).unzip();
        let score = |sum: f64, count: usize| sum / (count * self.episodes) as f64;
        let elite_sum = best.iter().map(|&it| self.returns[it]).sum();
        Fit {
            mean,
            deviation,
            mean_return: score(self.returns.iter().sum(), self.returns.len()),
            elite_return: score(elite_sum, best.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    fn generation(population: usize, episodes: usize) -> Generation {
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        let settings = Settings { population, episodes, ..Settings::default() };
        Generation::draw(&settings, &[1.0, -2.0], &[0.0, 3.0], &mut stream)
    }

    #[test]
    fn candidates_are_drawn_from_the_distribution() {
        let drawn = generation(4_000, 1);
        assert!((0..4_000).all(|it| drawn.parameters(it)[0] == 1.0));
        let Fit { mean, deviation, .. } = drawn.fit(4_000);
        // More than four standard errors.
        assert!((mean[1] + 2.0).abs() < 0.2 && (deviation[1] - 3.0).abs() < 0.15);
        assert_eq!((mean[0], deviation[0]), (1.0, 0.0));
    }

    #[test]
    fn each_candidate_has_its_episodes_and_the_best_are_fitted() {
        let mut generation = generation(3, 2);
        let taken: Vec<Option<usize>> = (0..7).map(|_| generation.take()).collect();
        let rounds = [Some(0), Some(1), Some(2), Some(0), Some(1), Some(2), None];
        assert_eq!(taken, rounds);
        for (candidate, r#return) in [(0, 1.0), (2, 4.0), (1, 3.0), (1, 4.0), (2, 4.0), (0, 1.0)] {
            assert!(!generation.is_finished());
            generation.add(candidate, r#return);
        }
        assert!(generation.is_finished());
        let fit = generation.fit(2);
        let [first, second] = [2, 1].map(|it| generation.parameters(it)[1]);
        assert!((fit.mean[1] - (first + second) / 2.0).abs() < 1e-5);
        assert!((fit.deviation[1] - (first - second).abs() / 2.0).abs() < 1e-5);
        assert_eq!((fit.mean_return, fit.elite_return), (17.0 / 6.0, 15.0 / 4.0));
    }
}
