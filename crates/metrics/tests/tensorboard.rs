//! Event files compared with TensorBoard's own writer, and read by another decoder and by TensorBoard itself.

mod any_record;
mod one_of_each;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use any_record::any_record;
use one_of_each::one_of_each;
use proptest::prelude::*;
use prost::Message;
use serde::Deserialize;
use zerolab_metrics::tensorboard::tfrecord::crc32c;
use zerolab_metrics::tensorboard::{event, file_name, header};
use zerolab_metrics::{EpisodeRecord, EvaluationRecord, LearningRecord, Record};

const STARTED: u64 = 1_800_000_000;

#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

/// A point as TensorBoard shows it.
#[derive(Debug, PartialEq, PartialOrd, Deserialize)]
struct Point {
    tag: String,
    step: i64,
    wall_time: f64,
    value: String,
}

fn file(records: &[Record]) -> Vec<u8> {
    let events = records.iter().flat_map(|record| event(record, STARTED));
    header(STARTED).into_iter().chain(events).collect()
}

/// Decodes the frames of a file. Nothing may be left over, checksums must match, and an event may have only
/// the fields above, in their canonical encoding.
fn decode(mut file: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    while !file.is_empty() {
        let (length, rest) = file.split_first_chunk::<8>().unwrap();
        let (length_checksum, rest) = rest.split_first_chunk::<4>().unwrap();
        let (data, rest) = rest.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
        let (data_checksum, rest) = rest.split_first_chunk::<4>().unwrap();
        assert_eq!(unmasked(*length_checksum), crc32c(length));
        assert_eq!(unmasked(*data_checksum), crc32c(data));
        let event = Event::decode(data).unwrap();
        assert_eq!(event.encode_to_vec(), data);
        events.push(event);
        file = rest;
    }
    events
}

fn unmasked(checksum: [u8; 4]) -> u32 {
    let rotated = u32::from_le_bytes(checksum).wrapping_sub(0xa282_ead8);
    rotated.rotate_left(15)
}

fn points(events: Vec<Event>) -> Vec<Point> {
    let of_event = |event: Event| {
        let values = event.summary.unwrap_or_default().value.into_iter();
        values.map(move |value| Point {
            tag: value.tag,
            step: event.step,
            wall_time: event.wall_time,
            value: value.simple_value.unwrap().to_string(),
        })
    };
    events.into_iter().flat_map(of_event).collect()
}

fn learning(real_steps: u64, wall_seconds: f64, losses: &[(&str, f64)]) -> Record {
    let losses = losses.iter().map(|&(name, loss)| (name.to_owned(), loss)).collect();
    Record::Learning(LearningRecord { real_steps, updates: 1, losses, wall_seconds })
}

/// Unusual records, and some that give no event.
fn unusual_records() -> Vec<Record> {
    let empty = EvaluationRecord {
        real_steps: 20,
        updates: 0,
        returns: Vec::new(),
        performances: Vec::new(),
        lengths: Vec::new(),
        events: BTreeMap::new(),
        wall_seconds: 3.0,
    };
    vec![
        learning(17, 2.5, &[]),
        learning(18, 2.5, &[("é 策略/x", f64::INFINITY), ("", f64::NAN), ("tiny", 1e-300)]),
        learning(18, 2.5, &[("tiny", -0.1), ("huge", 1e300)]),
        Record::Evaluation(empty),
        learning(i64::MAX as u64, 1e9, &[("tiny", 0.1)]),
    ]
}

#[test]
fn checksums_are_those_of_the_examples_in_rfc_3720() {
    let ascending: [u8; 32] = std::array::from_fn(|index| index as u8);
    let descending: [u8; 32] = std::array::from_fn(|index| 31 - index as u8);
    // "An iSCSI - SCSI Read (10) Command PDU"
    let mut command = [0; 48];
    for (index, byte) in [
        (0, 0x01),
        (1, 0xc0),
        (16, 0x14),
        (22, 0x04),
        (27, 0x14),
        (31, 0x18),
        (32, 0x28),
        (40, 0x02),
    ] {
        command[index] = byte;
    }
    // Appendix B.4 lists the bytes in the order of transmission: lowest first.
    assert_eq!(crc32c(&[0; 32]).to_le_bytes(), [0xaa, 0x36, 0x91, 0x8a]);
    assert_eq!(crc32c(&[0xff; 32]).to_le_bytes(), [0x43, 0xab, 0xa8, 0x62]);
    assert_eq!(crc32c(&ascending).to_le_bytes(), [0x4e, 0x79, 0xdd, 0x46]);
    assert_eq!(crc32c(&descending).to_le_bytes(), [0x5c, 0xdb, 0x3f, 0x11]);
    assert_eq!(crc32c(&command).to_le_bytes(), [0x56, 0x3a, 0x96, 0xd9]);
}

#[test]
fn the_bytes_are_those_of_tensorboards_own_writer() {
    let records = [
        learning(0, 0.0, &[("value", 0.75)]),
        Record::Episode(EpisodeRecord {
            real_steps: 300,
            updates: 0,
            lane: 0,
            r#return: -9.5,
            performance: 0.0,
            length: 9,
            truncated: false,
            events: BTreeMap::new(),
            wall_seconds: 0.25,
        }),
        learning(1 << 40, 3600.125, &[("policy é 策略", 1e-8), ("value", f64::NAN)]),
    ];
    assert_eq!(file(&records), include_bytes!("goldens/events.tfevents"));
}

#[test]
fn each_kind_of_record_has_its_scalars() {
    let points = points(decode(&file(&[one_of_each(), unusual_records()].concat())));
    let lines = points.iter().map(|point| {
        format!("{} {} {:?} {}\n", point.step, point.tag, point.wall_time, point.value)
    });
    insta::assert_snapshot!(lines.collect::<String>());
}

#[test]
fn the_documentation_names_each_tag() {
    let document = include_str!("../../../docs/records.md");
    let (_, section) = document.split_once("\n## TensorBoard\n").unwrap();
    for Point { tag, .. } in points(decode(&file(&one_of_each()))) {
        let tag = tag.replace("loss/value", "loss/<name>").replace("/acting_", "/<phase>_");
        let tag = tag.replace(".hack", ".<event>");
        assert!(section.contains(&format!("`{tag}`")), "docs/records.md does not name {tag}");
    }
}

#[test]
#[ignore = "needs TensorBoard from PyPI: see .ci/run"]
fn tensorboard_reads_what_was_written() {
    let python = std::env::var("ZEROLAB_TENSORBOARD_PYTHON")
        .expect("ZEROLAB_TENSORBOARD_PYTHON names a Python interpreter that has TensorBoard");
    let file = file(&[one_of_each(), unusual_records()].concat());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tensorboard");
    // TensorBoard reads every event file in the folder.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(file_name(STARTED)), &file).unwrap();

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/read_events.py");
    let output = Command::new(python).arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut theirs: Vec<Point> = serde_json::from_slice(&output.stdout).unwrap();
    // Python prints 32-bit numbers with the digits of 64-bit numbers.
    for point in &mut theirs {
        point.value = (point.value.parse::<f64>().unwrap() as f32).to_string();
    }

    let mut ours = points(decode(&file));
    for points in [&mut ours, &mut theirs] {
        points.sort_by(|a, b| a.partial_cmp(b).unwrap());
    }
    assert_eq!(theirs, ours);
}

proptest! {
    #[test]
    fn any_record_is_one_whole_event_or_none(record in any_record(), started in 1..1_u64 << 40) {
        let events = decode(&event(&record, started));
        let nothing = match &record {
            Record::Evaluation(evaluation) => evaluation.returns.is_empty(),
            Record::Learning(learning) => learning.losses.is_empty(),
            Record::Episode(_) | Record::Cost(_) => false,
            Record::Phase(_) => true,
        };
        prop_assert_eq!(events.len(), usize::from(!nothing));
        for event in events {
            prop_assert_eq!(event.step as u64, record.real_steps());
            prop_assert!(event.wall_time >= started as f64);
            let values: BTreeMap<String, f32> = event.summary.unwrap().value.into_iter()
                .map(|value| (value.tag, value.simple_value.unwrap()))
                .collect();
            if let Record::Learning(learning) = &record {
                prop_assert_eq!(values.len(), learning.losses.len());
                for (name, loss) in &learning.losses {
                    let value = values[&format!("loss/{name}")];
                    prop_assert!(value == *loss as f32 || !loss.is_finite() && value.is_nan());
                }
            }
        }
    }
}
