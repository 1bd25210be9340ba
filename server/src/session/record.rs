//! A session as bytes: when it began and ends, and what is in it.

use crate::connection::session_slots::SessionRecord;

/// The first byte of the form that is written below. A session of another form is none.
const FORM: u8 = 1;

/// Bytes before the content.
const HEAD: usize = 17;

/// The form, two times as 64 bits of big endian, and JSON. The secret is not among them.
pub(super) fn encode(record: &SessionRecord) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + record.content.len());
    bytes.push(FORM);
    bytes.extend_from_slice(&record.begun.to_be_bytes());
    bytes.extend_from_slice(&record.expires.to_be_bytes());
    bytes.extend_from_slice(&record.content);
    bytes
}

/// A session that is over at `now` is none.
pub(super) fn decode(bytes: &[u8], secret: Option<[u8; 32]>, now: u64) -> Option<SessionRecord> {
    let (form, rest) = bytes.split_first()?;
    let (begun, rest) = rest.split_first_chunk::<8>()?;
    let (expires, content) = rest.split_first_chunk::<8>()?;
    let record = SessionRecord {
        secret,
        begun: u64::from_be_bytes(*begun),
        expires: u64::from_be_bytes(*expires),
        content: content.to_vec(),
    };
    (*form == FORM && now < record.expires).then_some(record)
}
