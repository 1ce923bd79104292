//! RFC 8785 canonical JSON, integers only. serde_json writes strings as the RFC requires and sorts keys by bytes; for the ASCII keys of our
//! formats this equals the required order by UTF-16 units. Never reads JSON.

use serde::Serialize;
use serde_json::Value;

/// Why a value has no canonical form here.
#[derive(Debug, PartialEq, Eq)]
pub enum CanonicalError {
    /// A number that is not an integer of at most 2^53 − 1.
    Number,
    /// A key that is not plain ASCII.
    Key,
    /// A value that JSON can't represent.
    Unserialisable,
}

/// The canonical bytes of a value, ending with one line feed.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|_| CanonicalError::Unserialisable)?;
    ensure_canonical(&value)?;
    let mut bytes = serde_json::to_vec(&value).map_err(|_| CanonicalError::Unserialisable)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// [`to_vec`] for types whose fields are in the order of their names, with ASCII keys and small integers only: writes directly, without an
/// intermediate [`Value`]. Debug builds assert equal bytes.
pub fn to_vec_presorted<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    // Holds a month of a few thousand slides without reallocation.
    let mut bytes = Vec::with_capacity(1 << 20);
    serde_json::to_writer(&mut bytes, value).map_err(|_| CanonicalError::Unserialisable)?;
    bytes.push(b'\n');
    debug_assert_eq!(Ok(&bytes), to_vec(value).as_ref(), "a type whose fields are out of order");
    Ok(bytes)
}

fn ensure_canonical(value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Number(number) => {
            let fits = number.as_i64().is_some_and(|n| n.unsigned_abs() <= super::limits::MAX_INTEGER);
            if fits { Ok(()) } else { Err(CanonicalError::Number) }
        }
        Value::Array(items) => items.iter().try_for_each(ensure_canonical),
        Value::Object(map) => {
            map.iter().try_for_each(|(key, item)| if key.is_ascii() { ensure_canonical(item) } else { Err(CanonicalError::Key) })
        }
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_strings_escaped_as_the_rfc_says() {
        let value = serde_json::json!({"b": "\u{1f}\n\"/\u{7f}Đ€", "a": [1, -2, null, true]});
        assert_eq!(to_vec(&value).unwrap(), "{\"a\":[1,-2,null,true],\"b\":\"\\u001f\\n\\\"/\u{7f}Đ€\"}\n".as_bytes());
    }

    #[test]
    fn floats_big_integers_and_foreign_keys_are_refused() {
        assert_eq!(to_vec(&serde_json::json!([1.5])), Err(CanonicalError::Number));
        assert_eq!(to_vec(&serde_json::json!([1_u64 << 53])), Err(CanonicalError::Number));
        assert_eq!(to_vec(&serde_json::json!({"đ": 1})), Err(CanonicalError::Key));
    }
}
