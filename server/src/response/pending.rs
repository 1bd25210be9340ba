//! Header fields that were given before the head began: those that take the place of the reply's own, and those that
//! are only sent if nobody else sends them.

use crate::http1::{self, EncodeError};
use crate::response::field_lines::{adds_up, is_named, lines, name};
use crate::response::promised::Promised;
use crate::semantics::conditional::{ETag, Validators};

/// Encoded lines, each with its line end.
#[derive(Debug, Default)]
pub(crate) struct PendingFields {
    /// Take the place of fields of the same name.
    forced: Vec<u8>,
    /// Are sent unless the head has a field of that name.
    promised: Vec<u8>,
    /// The same, whatever is taken back: what is around the handler has promised them for the whole request.
    standing: Promised,
    /// The version of the answer, which meets the conditions of the request; without a tag it gets that of its bytes.
    version: Option<Box<Validators>>,
    /// One of them is not empty, or the response is unusual otherwise.
    any: bool,
}

impl PendingFields {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        !self.any
    }

    /// The response in hand is looked at, whatever is here.
    #[cfg(feature = "live")]
    pub(crate) fn set_unusual(&mut self) {
        self.any = true;
    }

    /// The response in hand begins anew.
    pub(crate) fn begin(&mut self) {
        self.forced.clear();
        self.promised.clear();
        self.version = None;
        self.standing.begin();
        self.any = !self.standing.is_empty();
    }

    /// The request is answered.
    pub(crate) fn clear(&mut self) {
        self.standing.clear();
        self.begin();
    }

    /// What is promised for the whole request, to be changed.
    pub(crate) fn standing(&mut self) -> &mut Promised {
        self.any = true;
        &mut self.standing
    }

    /// A field that takes the place of the head's own. The first of a name stands: what is around a reply decides.
    pub(crate) fn force(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Vec<u8>, &str) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.any = true;
        let start = self.forced.len();
        write(&mut self.forced, name)?;
        let (before, _) = self.forced.split_at(start);
        if !adds_up(name.as_bytes()) && lines(before).any(|line| is_named(line, name.as_bytes())) {
            self.forced.truncate(start);
        }
        Ok(())
    }

    /// A field that is sent unless the head has one of that name in the end.
    pub(crate) fn promise(&mut self, name: &str, value: &str) -> Result<(), EncodeError> {
        self.any = true;
        http1::field(&mut self.promised, name, value)
    }

    /// Gives the answer a version. The first one stands, as with fields.
    pub(crate) fn set_version(&mut self, version: Validators) {
        self.any = true;
        self.version.get_or_insert_with(|| Box::new(version));
    }

    /// The whole body is at hand: a version without a tag gets the digest of these bytes as its tag.
    #[cold]
    pub(crate) fn tag_by(&mut self, body: &[u8]) {
        if let Some(version) = self
            .version
            .as_deref_mut()
            .filter(|version| version.tag().is_none())
        {
            *version = version.clone().etag(ETag::of_bytes(body));
        }
    }

    #[inline]
    pub(crate) fn has_version(&self) -> bool {
        self.version.is_some()
    }

    pub(crate) fn take_version(&mut self) -> Option<Box<Validators>> {
        self.version.take()
    }

    /// Puts the forced fields in place of those of the head, which begins at `start`.
    #[inline]
    pub(crate) fn put_forced(&mut self, start: usize, bytes: &mut Vec<u8>) {
        if !self.forced.is_empty() {
            self.replace_fields(start, bytes);
        }
    }

    #[cold]
    fn replace_fields(&mut self, start: usize, bytes: &mut Vec<u8>) {
        for name in lines(&self.forced).filter_map(name) {
            if !adds_up(name) {
                remove_fields(start, bytes, name);
            }
        }
        bytes.append(&mut self.forced);
    }

    /// Adds the promised fields that the head, which begins at `start`, has not. So many of its bytes are the
    /// `first_lines`, of the server's own fields.
    pub(crate) fn put_promised(&mut self, start: usize, first_lines: usize, bytes: &mut Vec<u8>) {
        if !self.promised.is_empty() {
            self.put_promised_once(start, bytes);
        }
        self.standing.put(start, start + first_lines, bytes);
    }

    #[cold]
    fn put_promised_once(&mut self, start: usize, bytes: &mut Vec<u8>) {
        let end = bytes.len();
        for line in lines(&self.promised) {
            let Some(name) = name(line) else { continue };
            let head = bytes.get(start..end).unwrap_or_default();
            if !lines(head).any(|line| is_named(line, name)) {
                bytes.extend_from_slice(line);
            }
        }
        self.promised.clear();
    }

    /// Adds what is promised for the whole request behind a head that has nothing yet.
    pub(crate) fn put_standing(&mut self, bytes: &mut Vec<u8>) {
        self.standing.put_all(bytes);
    }
}

fn remove_fields(start: usize, bytes: &mut Vec<u8>, name: &[u8]) {
    let mut at = start;
    while let Some(line) = bytes.get(at..).and_then(|rest| lines(rest).next()) {
        let end = at + line.len();
        if is_named(line, name) {
            bytes.drain(at..end);
        } else {
            at = end;
        }
    }
}
