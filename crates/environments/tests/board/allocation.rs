//! Playing allocates no memory, and neither does the opponent's search.

use crate::tree::game;

#[test]
fn a_step_allocates_nothing() {
    for name in ["board/tictactoe", "board/connect4", "board/pawns"] {
        let mut game = game(name, "", 0);
        let mut observation = vec![0.0; game.description().observation_len()];
        let mut legal = vec![false; game.description().num_actions];
        // A perfect opponent solves the game before its first move.
        assert!(game.opponent_action().is_some());
        let allocated = allocation_counter::measure(|| {
            while let Some(action) = game.opponent_action() {
                game.step(action).unwrap();
                game.observe(&mut observation);
                game.legal_actions(&mut legal);
            }
        });
        assert_eq!(allocated.count_total, 0, "{name}");
    }
}
