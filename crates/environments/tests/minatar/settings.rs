//! The settings of the games.

use zerolab_environments::{Environment, entries, find};

/// The game with these settings.
fn game(name: &str, settings: &str) -> Box<dyn Environment> {
    (find(name).unwrap().make)(&settings.parse().unwrap()).unwrap()
}

fn observation(environment: &dyn Environment) -> Vec<f32> {
    let mut observation = vec![f32::NAN; environment.description().observation_len()];
    environment.observe(&mut observation);
    observation
}

/// Every game's minimal actions, by their index among all, as the package has them.
const MINIMAL: [(&str, &[usize]); 5] = [
    ("minatar/asterix", &[0, 1, 2, 3, 4]),
    ("minatar/breakout", &[0, 1, 3]),
    ("minatar/freeway", &[0, 2, 4]),
    ("minatar/seaquest", &[0, 1, 2, 3, 4, 5]),
    ("minatar/space_invaders", &[0, 1, 3, 5]),
];

#[test]
fn every_game_has_its_options() {
    let games = entries().iter().filter(|entry| entry.name.starts_with("minatar/"));
    let lines = games.map(|entry| {
        let settings = (entry.resolve)(&toml::Table::new()).unwrap();
        let shape = (entry.make)(&settings).unwrap().description().observation_shape.clone();
        format!("{} {shape:?} {}", entry.name, settings.to_string().trim().replace('\n', ", "))
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
minatar/asterix [4, 10, 10] difficulty_ramping = true, max_steps = 5000, minimal_actions = false, sticky_action_probability = 0.1
minatar/breakout [4, 10, 10] max_steps = 5000, minimal_actions = false, standard_start = true, sticky_action_probability = 0.1
minatar/freeway [7, 10, 10] max_steps = 5000, minimal_actions = false, sticky_action_probability = 0.1
minatar/seaquest [10, 10, 10] difficulty_ramping = true, max_steps = 5000, minimal_actions = false, sticky_action_probability = 0.1
minatar/space_invaders [6, 10, 10] difficulty_ramping = true, max_steps = 5000, minimal_actions = false, sticky_action_probability = 0.1
"#);
}

/// The minimal actions do what they do among all six; the others do nothing.
#[test]
fn minimal_actions_are_those_that_do_something() {
    for (name, minimal) in MINIMAL {
        let deterministic = "sticky_action_probability = 0.0";
        let mut all = game(name, deterministic);
        let mut few = game(name, &format!("{deterministic}\nminimal_actions = true"));
        assert_eq!(all.description().num_actions, 6);
        assert_eq!(few.description().num_actions, minimal.len());
        for action_of_all in 0..6 {
            let action = minimal.iter().position(|&action| action == action_of_all).unwrap_or(0);
            all.reset(5);
            few.reset(5);
            // Four steps: so long the chicken of Freeway rests, and a second shot cannot be fired.
            for _ in 0..4 {
                assert_eq!(few.step(action), all.step(action_of_all), "{name}");
                assert_eq!(observation(few.as_ref()), observation(all.as_ref()), "{name}");
            }
        }
        let seen = minimal.iter().map(|&action| {
            all.reset(5);
            for _ in 0..4 {
                all.step(action).unwrap();
            }
            observation(all.as_ref()).into_iter().map(|number| number as u8).collect::<Vec<_>>()
        });
        let distinct: std::collections::BTreeSet<_> = seen.collect();
        // In the last row the chicken cannot go down, and on the surface the submarine not up.
        let same = usize::from(matches!(name, "minatar/freeway" | "minatar/seaquest"));
        assert_eq!(distinct.len(), minimal.len() - same, "{name}");
    }
}

#[test]
fn errors_say_which_values_are_possible() {
    let resolve = find("minatar/seaquest").unwrap().resolve;
    let message = |settings: &str| resolve(&settings.parse().unwrap()).unwrap_err().to_string();
    insta::assert_snapshot!(message("difficulty_ramping = 1"), @"`difficulty_ramping`: invalid type: integer `1`, expected a boolean");
    insta::assert_snapshot!(message("ramping = true"), @"`ramping`: unknown field `ramping`, expected one of `sticky_action_probability`, `minimal_actions`, `difficulty_ramping`, `max_steps`");
    let resolve = find("minatar/freeway").unwrap().resolve;
    let message = |settings: &str| resolve(&settings.parse().unwrap()).unwrap_err().to_string();
    insta::assert_snapshot!(message("difficulty_ramping = false"), @"`difficulty_ramping`: unknown field `difficulty_ramping`, expected one of `sticky_action_probability`, `minimal_actions`, `max_steps`");
}
