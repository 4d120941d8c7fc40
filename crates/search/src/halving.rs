//! The schedule of sequential halving (Karnin et al. 2013), as Gumbel MuZero uses it at the root.

/// What sequential halving asks of each of a search's simulations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Visits that the action which the simulation takes has had.
    pub visits: Vec<u32>,
    /// Actions that are still considered.
    pub considered: Vec<u32>,
}

impl Schedule {
    /// Of a search of so many simulations in which `considered` actions begin and the better half
    /// goes on after each phase. With one action or none left to choose between, the visits are
    /// 0, 1, 2, …
    ///
    /// Source: Danihelka et al. 2022, section 2 and figure 1; `mctx.seq_halving`.
    #[must_use]
    pub fn new(considered: usize, simulations: usize) -> Self {
        if considered <= 1 {
            let visits = (0..simulations as u32).collect();
            return Self { visits, considered: vec![considered as u32; simulations] };
        }
        let mut schedule = Self::default();
        let phases = considered.next_power_of_two().ilog2() as usize;
        // All that are left have as many visits.
        let (mut left, mut visits) = (considered, 0);
        while schedule.visits.len() < simulations {
            for _ in 0..(simulations / (phases * left)).max(1) {
                let simulated = (schedule.visits.len() + left).min(simulations);
                schedule.visits.resize(simulated, visits);
                schedule.considered.resize(simulated, left as u32);
                visits += 1;
            }
            left = (left / 2).max(2);
        }
        schedule
    }
}
