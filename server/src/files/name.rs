//! The name of a file in a listing.

use std::fmt;
use std::ops::Deref;

/// Bytes of a name that take no allocation of their own.
const SHORT: usize = 30;

/// A name. A listing has ten thousand of them, most of them short, and gives them all up at once.
#[derive(Clone)]
pub(crate) enum Name {
    Short { bytes: [u8; SHORT], length: u8 },
    Long(Box<[u8]>),
}

impl From<&[u8]> for Name {
    fn from(name: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..name.len()), u8::try_from(name.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(name);
                Self::Short { bytes, length }
            }
            _ => Self::Long(name.into()),
        }
    }
}

impl Name {
    /// How many bytes it takes beside its own size.
    pub(crate) fn allocated(&self) -> usize {
        match self {
            Self::Short { .. } => 0,
            Self::Long(name) => name.len(),
        }
    }
}

impl Deref for Name {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short { bytes, length } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(name) => name,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_length_are_what_they_were() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 255] {
            let bytes = vec![b'x'; length];
            let name = Name::from(&bytes[..]);
            assert_eq!(*name, bytes[..]);
            assert_eq!(matches!(name, Name::Short { .. }), length <= SHORT);
        }
        assert_eq!(Name::from(&b"a"[..]), Name::from(&b"a"[..]));
        assert_ne!(Name::from(&b"a"[..]), Name::from(&b"a\0"[..]));
    }
}
