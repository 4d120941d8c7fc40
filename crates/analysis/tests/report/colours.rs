//! The colours of agents differ for everybody, on white and on dark backgrounds.

use std::collections::BTreeMap;

use crate::report_on;
use crate::synthetic::{ResultsFolder, finished_run};

type Colour = [f64; 3];

/// What people without red and without green cones see: G. M. Machado, M. M. Oliveira and L. A. F. Fernandes (2009),
/// severity 1, for linear sRGB.
const PROTANOPIA: [Colour; 3] = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
];
const DEUTERANOPIA: [Colour; 3] = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
];
const EVERYBODY: [Colour; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
/// From linear sRGB to CIE XYZ, relative to the white D65.
const XYZ: [Colour; 3] = [
    [0.433953, 0.376219, 0.189828],
    [0.212673, 0.715152, 0.072175],
    [0.017758, 0.109477, 0.872765],
];

/// The least distance in CIE 1976 L*a*b*. That of the green and the purple of Okabe and Ito (2008) is 8.8, for people
/// without green cones on a dark background.
const LEAST_DISTANCE: f64 = 8.0;
/// The least distance for people with all cones. That of the two blues is 15.7 on a dark background.
const LEAST_OF_ALL_CONES: f64 = 15.0;

fn times(matrix: [Colour; 3], colour: Colour) -> Colour {
    matrix.map(|row| row.iter().zip(colour).map(|(factor, part)| factor * part).sum())
}

fn linear(hexadecimal: &str) -> Colour {
    [1, 3, 5].map(|at| {
        let part = u8::from_str_radix(&hexadecimal[at..at + 2], 16).expect("a colour");
        match f64::from(part) / 255.0 {
            part if part <= 0.04045 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        }
    })
}

fn lab(linear: Colour) -> Colour {
    let [x, y, z] = times(XYZ, linear.map(|part| part.clamp(0.0, 1.0))).map(|part| {
        if part > 216.0 / 24_389.0 { part.cbrt() } else { (24_389.0 / 27.0 * part + 16.0) / 116.0 }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(one: Colour, other: Colour) -> f64 {
    one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt()
}

/// The colours of eight agents' lines, each with its colour on a dark background.
fn colours() -> Vec<[String; 2]> {
    let mut folder = ResultsFolder::new();
    for agent in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        folder.add(&finished_run("catch", agent, 0, &[1.0, 2.0]));
    }
    report_on(&folder);
    let page = folder.text("report.html");
    let rules = page.split("figure svg [stroke=\"").skip(1).filter_map(|rule| {
        let (light, rest) = rule.split_once("\"]{stroke:")?;
        Some((light.to_owned(), rest.split_once('}')?.0.to_owned()))
    });
    let dark: BTreeMap<String, String> = rules.filter(|(_, dark)| dark.starts_with('#')).collect();
    let svg = folder.text("figures/learning-curve-real-steps.svg");
    let lines = svg.split("<polyline").skip(1).filter_map(|line| {
        let (_, rest) = line.split_once("stroke=\"")?;
        Some(rest.split_once('"')?.0)
    });
    let mut found: Vec<[String; 2]> = Vec::new();
    for light in lines {
        if let Some(dark) = dark.get(light)
            && found.iter().all(|[known, _]| known != light)
        {
            found.push([light.to_owned(), dark.clone()]);
        }
    }
    found
}

#[test]
fn eight_agents_have_colours_that_differ_also_for_colour_blind_people() {
    let colours = colours();
    assert_eq!(colours.len(), 8, "{colours:?}");
    for (seen_by, least) in [
        (EVERYBODY, LEAST_OF_ALL_CONES),
        (PROTANOPIA, LEAST_DISTANCE),
        (DEUTERANOPIA, LEAST_DISTANCE),
    ] {
        for background in [0, 1] {
            for (place, one) in colours.iter().enumerate() {
                for other in &colours[..place] {
                    let (one, other) = (&one[background], &other[background]);
                    let [a, b] = [one, other].map(|it| lab(times(seen_by, linear(it))));
                    let far = distance(a, b);
                    assert!(far >= least, "{one} and {other}: {far:.1}");
                }
            }
        }
    }
}
