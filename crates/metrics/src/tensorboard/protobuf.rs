//! The fields of TensorBoard's protocol buffers that a scalar needs, encoded by hand.
//!
//! Field numbers and types are from `event.proto` and `summary.proto` in `tensorboard/compat/proto/` of
//! TensorBoard (copies of TensorFlow's). The encoding is from "Encoding" in the guide to Protocol Buffers.
//!
//! * `Event`: `double wall_time = 1`, `int64 step = 2`, `string file_version = 3`, `Summary summary = 5`
//! * `Summary`: `repeated Value value = 1`
//! * `Summary.Value`: `string tag = 1`, `float simple_value = 2`

/// The version in files of TensorBoard's own writers.
const FILE_VERSION: &str = "brain.Event:2";

/// The first `Event` of a file.
pub(super) fn file_version(wall_time: f64) -> Vec<u8> {
    Message::default().double(1, wall_time).bytes(3, FILE_VERSION.as_bytes()).0
}

/// The `Event` with the values of some tags, at `wall_time` in seconds since 1970.
pub(super) fn summary(wall_time: f64, step: u64, scalars: &[(String, f32)]) -> Vec<u8> {
    let summary = scalars.iter().fold(Message::default(), |summary, (tag, value)| {
        summary.bytes(1, &Message::default().bytes(1, tag.as_bytes()).float(2, *value).0)
    });
    Message::default().double(1, wall_time).integer(2, step).bytes(5, &summary.0).0
}

/// The encoding of a field's value: the low three bits of the key.
#[derive(Clone, Copy)]
enum WireType {
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    Fixed32 = 5,
}

/// The bytes of a message.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn double(self, field: u64, value: f64) -> Self {
        self.key(field, WireType::Fixed64).raw(&value.to_le_bytes())
    }

    fn float(self, field: u64, value: f32) -> Self {
        self.key(field, WireType::Fixed32).raw(&value.to_le_bytes())
    }

    /// A zero is not written: it is the default of an absent integer.
    fn integer(self, field: u64, value: u64) -> Self {
        if value == 0 { self } else { self.key(field, WireType::Varint).varint(value) }
    }

    /// A string or a nested message.
    fn bytes(self, field: u64, value: &[u8]) -> Self {
        self.key(field, WireType::LengthDelimited).varint(value.len() as u64).raw(value)
    }

    fn key(self, field: u64, wire_type: WireType) -> Self {
        self.varint(field << 3 | wire_type as u64)
    }

    /// Seven bits for each byte, lowest first; the eighth bit says that more bytes follow.
    fn varint(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }
}
