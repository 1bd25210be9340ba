//! What the parameters of a type are, as data: for checks while compiling, for faults, and for documents.

use crate::error::fault::Place;
use std::fmt;

/// One parameter: its name, what it takes, and what its documentation says. A const of `#[derive(Params)]`
/// (`Params::FIELDS`), and of a parameter with `#[query]`, `#[header]` or `#[cookie]`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParamInfo {
    /// The name, as it is sent in a query, a cookie or a form.
    pub name: &'static str,
    /// The name as a header field: `if_match` is `If-Match`, unless it was given with `name = ".."`.
    pub header: &'static str,
    /// The documentation comment, whole.
    pub doc: &'static str,
    /// What one value is.
    pub kind: ParamKind,
    /// A request without it is refused.
    pub required: bool,
    /// It can be given more than once: a `Vec`.
    pub repeated: bool,
    /// The text of the default, if that is a literal. Without it `required` tells whether there is a default.
    pub default: Option<&'static str>,
    /// The text of an example of one value, for documents.
    pub example: Option<&'static str>,
    /// The least number that a value can be.
    pub minimum: Option<Bound>,
    /// The largest number that a value can be.
    pub maximum: Option<Bound>,
    /// The least length: characters of a text, or how many values there are of one that is repeated.
    pub min_length: Option<usize>,
    /// The largest length, as `min_length`.
    pub max_length: Option<usize>,
    /// The most bytes of a part of `multipart/form-data`.
    pub limit: Option<u64>,
    /// The media types that a part of `multipart/form-data` can have; all, if there are none.
    pub media_types: &'static [&'static str],
}

impl ParamInfo {
    /// A parameter that has to be there once.
    #[must_use]
    pub const fn new(name: &'static str, header: &'static str, kind: ParamKind) -> Self {
        Self {
            name,
            header,
            doc: "",
            kind,
            required: true,
            repeated: false,
            default: None,
            example: None,
            minimum: None,
            maximum: None,
            min_length: None,
            max_length: None,
            limit: None,
            media_types: &[],
        }
    }

    /// The name by which a request gives it in this place.
    #[must_use]
    pub const fn name_in(&self, place: Place) -> &'static str {
        match place {
            Place::Header => self.header,
            _ => self.name,
        }
    }

    /// What a value has to be, in words: `a whole number from 1 to 100`.
    #[must_use]
    pub fn expected(&self) -> String {
        let (minimum, maximum) = self.bounds();
        let mut text = self.kind.noun().to_owned();
        match (minimum, maximum) {
            (
                Some(from),
                Some(Bound {
                    inclusive: false,
                    number,
                }),
            ) => {
                text += &format!(" of at least {from}, less than {number}");
            }
            (Some(from), Some(to)) => text += &format!(" from {from} to {to}"),
            (Some(from), None) => text += &format!(" of at least {from}"),
            (
                None,
                Some(Bound {
                    inclusive: false,
                    number,
                }),
            ) => text += &format!(" less than {number}"),
            (None, Some(to)) => text += &format!(" of at most {to}"),
            (None, None) => {}
        }
        text
    }

    /// What a length has to be, in words: `from 1 to 64 characters`.
    #[must_use]
    pub fn expected_length(&self) -> String {
        let unit = if self.repeated {
            "values"
        } else {
            "characters"
        };
        match (self.min_length, self.max_length) {
            (Some(from), Some(to)) if from == to => format!("exactly {from} {unit}"),
            (Some(from), Some(to)) => format!("from {from} to {to} {unit}"),
            (Some(from), None) => format!("at least {from} {unit}"),
            (None, Some(to)) => format!("at most {to} {unit}"),
            (None, None) => format!("any number of {unit}"),
        }
    }

    /// Whether a text or a list may have this length.
    #[must_use]
    pub fn has_length(&self, length: usize) -> bool {
        self.min_length.is_none_or(|least| length >= least)
            && self.max_length.is_none_or(|most| length <= most)
    }

    /// The bounds of `range`, or else those of the type.
    fn bounds(&self) -> (Option<Bound>, Option<Bound>) {
        let (least, largest) = match self.kind {
            ParamKind::Integer { minimum, maximum } => (
                Some(Bound::inclusive(Number::Integer(minimum))),
                Some(Bound::inclusive(Number::Integer(maximum))),
            ),
            _ => (None, None),
        };
        // Where one end alone is given, the other of the type says nothing to a client.
        match (self.minimum, self.maximum) {
            (None, None) => (least, largest),
            given => given,
        }
    }
}

/// What one value of a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParamKind {
    /// A whole number, of a type that has these bounds.
    Integer {
        /// The least number of the type.
        minimum: i128,
        /// The largest number of the type; of `u128` what fits.
        maximum: i128,
    },
    /// A number with a fraction.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One character.
    Character,
    /// A `String`.
    Text,
    /// Another type that implements `FromStr`.
    Parsed,
    /// An uploaded file.
    File,
}

impl ParamKind {
    /// Whether a value is read from any text, and is no number, flag, character or file.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Parsed)
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Integer { .. } => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Character => "one character",
            Self::Text => "text in UTF-8",
            Self::Parsed => "another value: this one is not understood",
            Self::File => "a file",
        }
    }
}

/// One end of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// The number at the end.
    pub number: Number,
    /// Whether the number itself is in the range.
    pub inclusive: bool,
}

impl Bound {
    /// The number itself is in the range.
    #[must_use]
    pub const fn inclusive(number: Number) -> Self {
        Self {
            number,
            inclusive: true,
        }
    }

    /// The number itself is not in the range.
    #[must_use]
    pub const fn exclusive(number: Number) -> Self {
        Self {
            number,
            inclusive: false,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number.fmt(f)
    }
}

/// A number of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// A whole number.
    Integer(i128),
    /// A number with a fraction.
    Float(f64),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
        }
    }
}

/// The parameters of a type with `#[derive(Params)]`: its own, and those of the fields with `#[param(flatten)]`. A
/// tree, since consts of generic types cannot be put together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamFields {
    /// The parameters of the type itself, in the order of its fields.
    pub own: &'static [ParamInfo],
    /// Those of its flattened fields.
    pub flat: &'static [&'static ParamFields],
}

impl ParamFields {
    /// No parameter.
    pub const NONE: Self = Self {
        own: &[],
        flat: &[],
    };

    /// All parameters: its own first, then those of the flattened fields.
    ///
    /// ```
    /// # #[cfg(feature = "params")] {
    /// use doget::Params;
    ///
    /// #[derive(Params)]
    /// struct Paging {
    ///     #[param(default = 1)]
    ///     page: u32,
    /// }
    ///
    /// #[derive(Params)]
    /// struct Search {
    ///     /// Words to look for.
    ///     q: String,
    ///     #[param(flatten)]
    ///     paging: Paging,
    /// }
    ///
    /// let names: Vec<&str> = Search::FIELDS.iter().map(|field| field.name).collect();
    /// assert_eq!(names, ["q", "page"]);
    /// # }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &'static ParamInfo> {
        let mut groups = vec![*self];
        let mut own: &'static [ParamInfo] = &[];
        std::iter::from_fn(move || {
            loop {
                if let Some((first, rest)) = own.split_first() {
                    own = rest;
                    return Some(first);
                }
                let group = groups.pop()?;
                own = group.own;
                groups.extend(group.flat.iter().rev().map(|group| **group));
            }
        })
    }

    /// The largest `limit` of any of them, for a check while compiling.
    #[must_use]
    pub const fn largest_limit(&self) -> u64 {
        let mut largest = 0;
        let mut position = 0;
        while position < self.own.len() {
            if let Some(limit) = self.own[position].limit
                && limit > largest
            {
                largest = limit;
            }
            position += 1;
        }
        position = 0;
        while position < self.flat.len() {
            let limit = self.flat[position].largest_limit();
            if limit > largest {
                largest = limit;
            }
            position += 1;
        }
        largest
    }

    /// Whether one of them is a file, for a check while compiling: only `Multipart<T>` has files.
    #[must_use]
    pub const fn has_files(&self) -> bool {
        let mut position = 0;
        while position < self.own.len() {
            if matches!(self.own[position].kind, ParamKind::File) {
                return true;
            }
            position += 1;
        }
        position = 0;
        while position < self.flat.len() {
            if self.flat[position].has_files() {
                return true;
            }
            position += 1;
        }
        false
    }

    /// The parameter of this name in this place.
    pub fn find(&self, place: Place, name: &str) -> Option<&'static ParamInfo> {
        self.iter().find(|info| match place {
            Place::Header => info.header.eq_ignore_ascii_case(name),
            _ => info.name == name,
        })
    }
}

/// What a parameter of a method takes from one place of the request.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParamGroup {
    /// Where the values stand.
    pub place: Place,
    /// The parameters.
    pub fields: ParamFields,
    /// Names that are none of these are refused.
    pub exact: bool,
    /// All of them can be absent together.
    pub optional: bool,
    /// They are the parts of a body of `multipart/form-data`, which may have so many bytes.
    pub multipart: Option<u64>,
}

impl ParamGroup {
    /// Parameters of this place.
    #[must_use]
    pub const fn new(place: Place, fields: ParamFields) -> Self {
        Self {
            place,
            fields,
            exact: false,
            optional: false,
            multipart: None,
        }
    }

    /// Names that are none of these are refused.
    #[must_use]
    pub const fn exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }

    /// All of them can be absent together.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// They are the parts of a body of `multipart/form-data` of at most so many bytes.
    #[must_use]
    pub const fn multipart(mut self, max_size: u64) -> Self {
        self.multipart = Some(max_size);
        self
    }

    /// What is wrong with them where they stand, for a check while compiling.
    #[must_use]
    pub const fn fault(&self) -> Option<&'static str> {
        match self.multipart {
            None if self.fields.has_files() => {
                Some("only `Multipart<T>` has files: a field of this type is an `Upload`")
            }
            Some(max_size) if self.fields.largest_limit() > max_size => Some(
                "a field may have more bytes than the whole body: raise `MultipartLimits::max_size` with \
                 `#[params(limits = ..)]`, or lower the `limit` of the field",
            ),
            _ => None,
        }
    }

    #[cfg(feature = "params")]
    #[track_caller]
    pub(crate) const fn refuse_fault(&self) {
        if let Some(fault) = self.fault() {
            panic!("{}", fault);
        }
    }
}
