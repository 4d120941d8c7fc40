//! Reading settings: errors have the path of the wrong key, at any depth.

use serde::{Deserialize, Serialize};
use zerolab_settings::{read, write};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Outer {
    search: Search,
    sizes: Vec<u32>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Search {
    simulations: u32,
    discount: f64,
}

impl Default for Search {
    fn default() -> Self {
        Self { simulations: 50, discount: 0.997 }
    }
}

#[test]
fn defaults_are_written_out_and_read_back() {
    let settings: Outer = read(&"sizes = [1, 2]\nsearch.simulations = 4".parse().unwrap()).unwrap();
    let table = write(&settings).unwrap();
    insta::assert_snapshot!(table, @r#"
sizes = [1, 2]

[search]
discount = 0.997
simulations = 4
"#);
    assert_eq!(read::<Outer>(&table), Ok(settings));
}

#[test]
fn errors_name_the_key() {
    let error = |text: &str| {
        let error = read::<Outer>(&text.parse().unwrap()).unwrap_err();
        format!("[{}] {error}", error.path)
    };
    insta::assert_snapshot!(error("search.simulation = 4"), @"[search.simulation] `search.simulation`: unknown field `simulation`, expected `simulations` or `discount`");
    insta::assert_snapshot!(error("seach = 4"), @"[seach] `seach`: unknown field `seach`, expected `search` or `sizes`");
    insta::assert_snapshot!(error("search.simulations = -4"), @"[search.simulations] `search.simulations`: invalid value: integer `-4`, expected u32");
    insta::assert_snapshot!(error("search.discount = \"high\""), @r#"[search.discount] `search.discount`: invalid type: string "high", expected f64"#);
    insta::assert_snapshot!(error("search = 3"), @"[search] `search`: invalid type: integer `3`, expected struct Search");
    insta::assert_snapshot!(error("sizes = [1, \"two\"]"), @r#"[sizes[1]] `sizes[1]`: invalid type: string "two", expected u32"#);
}

#[test]
fn whole_numbers_may_have_an_exponent() {
    let settings: Outer = read(
        &"sizes = [1e1, 2, 3.0]\nsearch = { simulations = 1e5, discount = 1e0 }".parse().unwrap(),
    )
    .unwrap();
    assert_eq!((settings.sizes, settings.search.simulations), (vec![10, 2, 3], 100_000));
    assert_eq!(settings.search.discount, 1.0);
    for wrong in
        ["simulations = 1.5", "simulations = 1e15", "simulations = -1e1", "simulations = inf"]
    {
        let error = read::<Outer>(&format!("search.{wrong}").parse().unwrap()).unwrap_err();
        assert_eq!(error.path, "search.simulations", "{wrong}: {error}");
    }
    let error = read::<Outer>(&"search = 3.0".parse().unwrap()).unwrap_err();
    assert_eq!(error.message, "invalid type: floating point `3.0`, expected struct Search");
}

#[test]
fn a_number_that_toml_cannot_hold_is_an_error() {
    #[derive(Serialize)]
    struct Large {
        seed: u64,
    }
    assert!(write(&Large { seed: u64::MAX }).is_err());
}
