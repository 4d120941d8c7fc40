//! The schedule of sequential halving (Karnin et al. 2013), as Gumbel MuZero uses it at the root.

/// For each of `simulations`, how many visits the action that it takes has had, when `considered`
/// actions begin and the better half goes on after each phase.
///
/// With one action or none left to choose between, that is 0, 1, 2, …
/// Source: Danihelka et al. 2022, section 2 and figure 1; `mctx.seq_halving`.
#[must_use]
pub fn considered_visits(considered: usize, simulations: usize) -> Vec<u32> {
    if considered <= 1 {
        return (0..simulations as u32).collect();
    }
    let phases = considered.next_power_of_two().ilog2() as usize;
    let mut schedule = Vec::with_capacity(simulations + considered);
    let mut visits = vec![0; considered];
    let mut left = considered;
    while schedule.len() < simulations {
        for _ in 0..(simulations / (phases * left)).max(1) {
            schedule.extend_from_slice(&visits[..left]);
            visits[..left].iter_mut().for_each(|count| *count += 1);
        }
        left = (left / 2).max(2);
    }
    schedule.truncate(simulations);
    schedule
}
