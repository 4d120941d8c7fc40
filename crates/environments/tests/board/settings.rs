//! The settings of the games.

use zerolab_environments::find;

fn refused(settings: &str) -> String {
    let entry = find("board/connect4").unwrap();
    (entry.resolve)(&settings.parse().unwrap()).unwrap_err().to_string()
}

#[test]
fn impossible_boards_are_refused() {
    insta::assert_snapshot!(refused("rows = 0"), @"`rows`: must be at least 1");
    insta::assert_snapshot!(refused("columns = 1"), @"`columns`: must be at least 2, not 1");
    insta::assert_snapshot!(refused("columns = 10"), @"`rows`: columns * (rows + 1) must be at most 64, not 70");
    insta::assert_snapshot!(refused("rows = 4294967295\ncolumns = 4294967295"), @"`rows`: columns * (rows + 1) must be at most 64, not 18446744069414584320");
    insta::assert_snapshot!(refused("length = 1"), @"`length`: must be from 2 to 7 on this board, not 1");
    insta::assert_snapshot!(refused("length = 8"), @"`length`: must be from 2 to 7 on this board, not 8");
}

#[test]
fn a_board_gives_its_shape() {
    let shape = |settings: &str| {
        let game = (find("board/connect4").unwrap().make)(&settings.parse().unwrap()).unwrap();
        (game.description().observation_shape.clone(), game.description().num_actions)
    };
    assert_eq!(shape(""), (vec![3, 6, 7], 7));
    assert_eq!(shape("rows = 7\ncolumns = 8"), (vec![3, 7, 8], 8));
}
