//! Canonical CBOR of a JSON value, which version 3 of `fractional` hashes.
//!
//! RFC 8949, section 4.2.1, with whole numbers as integers and maps ordered by their encoded keys: `1` and `1.0` are the
//! same user on every platform. Own code because the order and the shrinking of numbers decide in which bucket somebody
//! is; a library that changes its mind would move users.

use datalogic_rs::DataValue;

const UNSIGNED: u8 = 0 << 5;
const NEGATIVE: u8 = 1 << 5;
const TEXT: u8 = 3 << 5;
const ARRAY: u8 = 4 << 5;
const MAP: u8 = 5 << 5;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const HALF: u8 = 0xf9;
const SINGLE: u8 = 0xfa;
const DOUBLE: u8 = 0xfb;

/// Appends `value`.
pub(crate) fn write(value: &DataValue<'_>, out: &mut Vec<u8>) {
    match value {
        DataValue::Null => out.push(NULL),
        DataValue::Bool(true) => out.push(TRUE),
        DataValue::Bool(false) => out.push(FALSE),
        DataValue::Number(_) => number(value, out),
        DataValue::String(text) => self::text(text, out),
        DataValue::Array(items) => {
            head(ARRAY, items.len() as u64, out);
            items.iter().for_each(|item| write(item, out));
        }
        DataValue::Object(entries) => map(entries, out),
    }
}

/// Appends `[flag, key]`, what is hashed when a rule does not say by what.
pub(crate) fn write_pair(flag: &str, key: &str, out: &mut Vec<u8>) {
    head(ARRAY, 2, out);
    text(flag, out);
    text(key, out);
}

fn text(text: &str, out: &mut Vec<u8>) {
    head(TEXT, text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// Of a key written twice the last counts, as when JSON is read into a map.
fn map(entries: &[(&str, DataValue<'_>)], out: &mut Vec<u8>) {
    let mut encoded: std::collections::BTreeMap<Vec<u8>, &DataValue<'_>> = std::collections::BTreeMap::new();
    for (key, value) in entries {
        let mut bytes = Vec::with_capacity(key.len() + 1);
        text(key, &mut bytes);
        encoded.insert(bytes, value);
    }
    head(MAP, encoded.len() as u64, out);
    for (key, value) in encoded {
        out.extend_from_slice(&key);
        write(value, out);
    }
}

fn number(value: &DataValue<'_>, out: &mut Vec<u8>) {
    match value.as_i64() {
        Some(whole) => integer(whole, out),
        None => float(value.as_f64().unwrap_or(f64::NAN), out),
    }
}

fn integer(value: i64, out: &mut Vec<u8>) {
    match u64::try_from(value) {
        Ok(value) => head(UNSIGNED, value, out),
        Err(_) => head(NEGATIVE, !value as u64, out),
    }
}

/// The shortest of three forms that loses nothing.
fn float(value: f64, out: &mut Vec<u8>) {
    #[expect(clippy::cast_possible_truncation)]
    let single = value as f32;
    if f64::from(single).to_bits() != value.to_bits() {
        out.push(DOUBLE);
        out.extend_from_slice(&value.to_be_bytes());
    } else if let Some(half) = half(single) {
        out.push(HALF);
        out.extend_from_slice(&half.to_be_bytes());
    } else {
        out.push(SINGLE);
        out.extend_from_slice(&single.to_be_bytes());
    }
}

/// The bits of a half-precision number, when it is one.
fn half(value: f32) -> Option<u16> {
    let bits = value.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let exponent = ((bits >> 23) & 0xff) as i32 - 127;
    let fraction = bits & 0x007f_ffff;
    if (-14..=15).contains(&exponent) && fraction & 0x1fff == 0 {
        return Some(sign | (((exponent + 15) as u16) << 10) | (fraction >> 13) as u16);
    }
    if (-24..-14).contains(&exponent) {
        let shift = (-exponent - 1) as u32;
        let whole = fraction | 0x0080_0000;
        return (whole & ((1 << shift) - 1) == 0).then_some(sign | (whole >> shift) as u16);
    }
    (bits & 0x7fff_ffff == 0).then_some(sign)
}

fn head(kind: u8, value: u64, out: &mut Vec<u8>) {
    match value {
        0..=23 => out.push(kind | value as u8),
        24..=0xff => out.extend([kind | 24, value as u8]),
        0x100..=0xffff => {
            out.push(kind | 25);
            out.extend_from_slice(&(value as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(kind | 26);
            out.extend_from_slice(&(value as u32).to_be_bytes());
        }
        0x1_0000_0000.. => {
            out.push(kind | 27);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(value: f64) -> String {
        let mut out = Vec::new();
        float(value, &mut out);
        out.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 8949, appendix A.
    #[test]
    fn floats_are_as_short_as_they_can_be() {
        for (value, expected) in [
            (1.5, "f93e00"),
            (65504.0, "f97bff"),
            (5.960_464_477_539_063e-8, "f90001"),
            (0.000_061_035_156_25, "f90400"),
            (-4.1, "fbc010666666666666"),
            (3.402_823_466_385_288_6e38, "fa7f7fffff"),
            (1.0e300, "fb7e37e43c8800759c"),
        ] {
            assert_eq!(hex(value), expected, "{value}");
        }
    }

    #[test]
    fn integers_are_as_short_as_they_can_be() {
        for (value, expected) in [
            (23, vec![0x17]),
            (24, vec![0x18, 0x18]),
            (1000, vec![0x19, 0x03, 0xe8]),
            (-1, vec![0x20]),
            (-1000, vec![0x39, 0x03, 0xe7]),
            (1_000_000, vec![0x1a, 0x00, 0x0f, 0x42, 0x40]),
        ] {
            let mut out = Vec::new();
            integer(value, &mut out);
            assert_eq!(out, expected, "{value}");
        }
    }
}
