//! Recorded games, frame for frame.

use zerolab_environments::atari::GAMES;
use zerolab_environments::atari::emulator::Emulator;

use crate::digest::{digest, hexadecimal};

pub fn emulator(rom: &str) -> Emulator {
    let game = GAMES.iter().find(|game| game.rom == rom).expect("one of the games");
    game.load().expect("the recipe has put the ROMs where the program was built with")
}

/// `frame:value`, as in the golden files.
fn pairs(text: &str) -> Vec<(usize, i32)> {
    let pair = |text: &str| {
        let (frame, value) = text.split_once(':').expect("a pair");
        (frame.parse().unwrap(), value.parse().unwrap())
    };
    text.split_whitespace().map(pair).collect()
}

#[test]
fn every_frame_is_ale_pys() {
    let golden = include_str!("../golden/atari_frames.csv");
    let mut frames = 0;
    for row in golden.lines().skip(1) {
        let columns: Vec<&str> = row.split(',').collect();
        let [game, actions, rewards, lives, overs, digests] = columns[..] else { panic!("{row}") };
        let mut emulator = emulator(game);
        let (mut seen_rewards, mut seen_lives, mut seen_overs) = (vec![], vec![], vec![]);
        let (mut value, mut last, mut screen) = (0, emulator.lives(), vec![]);
        let mut digests = digests.split(' ');
        for (frame, action) in actions.bytes().enumerate() {
            if emulator.is_over() {
                emulator.begin();
            }
            let reward = emulator.act(usize::from(action - b'a'));
            let (now, over) = (emulator.lives(), emulator.is_over());
            emulator.screen(&mut screen);
            if reward != 0 {
                seen_rewards.push((frame, reward));
            }
            if now != last {
                last = now;
                seen_lives.push((frame, now));
            }
            if over {
                seen_overs.push(frame.to_string());
            }
            value = digest(value, &screen);
            value = digest(value, &[reward as u8, now as u8, u8::from(over)]);
            if frame % 100 == 99 {
                assert_eq!(Some(&*hexadecimal(value)), digests.next(), "{game}, frame {frame}");
            }
            frames += 1;
        }
        assert_eq!(seen_rewards, pairs(rewards), "{game}");
        assert_eq!(seen_lives, pairs(lives), "{game}");
        assert_eq!(seen_overs.join(" "), overs, "{game}");
    }
    assert_eq!(frames, 9 * 4000);
}
