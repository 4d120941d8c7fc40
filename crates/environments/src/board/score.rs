//! The exact worth of a position: who wins, and how soon.

/// The worth of a position or a move for the player to move, if both play perfectly. Sooner wins are greater than later
/// ones, and later losses greater than sooner ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score(i16);

/// The magnitude of a win in no plies, greater than the number of plies of any game.
const NOW: i16 = i16::MAX;

impl Score {
    /// A draw.
    pub(super) const DRAW: Self = Self(0);
    /// The worth of a move that wins at once.
    pub(super) const WON: Self = Self(NOW - 1);

    /// The worth of a move for the player who makes it, from that of the next position for the other player.
    pub(super) fn of_move(next: Self) -> Self {
        // One ply later, both wins and losses are nearer to a draw.
        Self(-(next.0 - next.0.signum()))
    }

    /// 1 for a win, 0 for a draw, −1 for a loss.
    pub(super) fn result(self) -> i16 {
        self.0.signum()
    }

    /// The reward at the end, discounted by the number of plies before the one that earns it.
    pub(super) fn discounted(self, discount: f64) -> f64 {
        let plies = i32::from(NOW - self.0.abs());
        f64::from(self.result()) * discount.powi(plies - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_win_in_three_plies_is_a_loss_in_two_after_the_first() {
        let lost_in_two = Score::of_move(Score::WON);
        let won_in_three = Score::of_move(lost_in_two);
        assert!(won_in_three < Score::WON && won_in_three > Score::DRAW);
        assert!(lost_in_two < Score::of_move(won_in_three), "a later loss is better");
        let discounted = [Score::WON, lost_in_two, won_in_three, Score::DRAW];
        assert_eq!(discounted.map(|score| score.discounted(0.5)), [1.0, -0.5, 0.25, 0.0]);
        assert_eq!(discounted.map(|score| score.discounted(1.0)), [1.0, -1.0, 1.0, 0.0]);
        assert_eq!(discounted.map(Score::result), [1, -1, 1, 0]);
    }
}
