//! How one field of a [`Params`](crate::Params) type is read: by its own type, and by that alone.

use crate::extract::describe::{Number, ParamInfo, ParamKind};
use crate::extract::params::faults::ParamFaults;
use crate::extract::params::source::{Found, Pair, ParamSource};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::str::FromStr;

/// A type that a field of a [`Params`](crate::Params) type can have: one that implements [`FromStr`], an `Option` or a
/// `Vec` of one, and with the feature `multipart` an `Upload`. `Via` tells the ways apart, `Value` is the type of one
/// value, and both are inferred. (An associated type in place of `Value` would make the compiler speak of `FromStr`,
/// and not in the words below.)
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of `Params`",
    label = "it cannot be read from the text of one parameter",
    note = "a field is a type that implements `std::str::FromStr`, an `Option` or a `Vec` of one; a struct with \
            `#[derive(Params)]` needs `#[param(flatten)]`"
)]
pub trait Field<Via, Value>: Sized {
    /// Reads it. `None` if it is not as it has to be: the faults then say why.
    fn read(
        source: &mut ParamSource<'_>,
        reader: &Reader<'_, Self, impl Parse<Value>, impl Fn(&Value) -> bool>,
        faults: &mut ParamFaults,
    ) -> Option<Self>;
}

/// What the derive says of a field.
#[derive(Debug)]
pub struct Reader<'i, T, P, C> {
    /// Its description.
    pub info: &'i ParamInfo,
    /// How its text is read: [`TypeOf::PARSE`].
    pub parse: P,
    /// What it is if it is absent.
    pub default: Option<fn() -> T>,
    /// Whether a value is in its range.
    pub is_in_range: C,
}

/// [`Field::read`]. The bound of a function is told in the words of the trait; that of a method is not.
#[inline]
pub fn read_field<T: Field<Via, Value>, Via, Value, P, C>(
    source: &mut ParamSource<'_>,
    reader: &Reader<'_, T, P, C>,
    faults: &mut ParamFaults,
) -> Option<T>
where
    P: Parse<Value>,
    C: Fn(&Value) -> bool,
{
    T::read(source, reader, faults)
}

/// Marks fields that stand once: inferred as `Via` of [`Field`].
#[derive(Debug)]
pub enum One {}

/// Marks fields that may be absent: inferred as `Via` of [`Field`].
#[derive(Debug)]
pub enum Maybe {}

/// Marks fields that are lists: inferred as `Via` of [`Field`].
#[derive(Debug)]
pub enum Many {}

#[diagnostic::do_not_recommend]
impl<T: FromStr> Field<One, T> for T {
    #[inline]
    fn read(
        source: &mut ParamSource<'_>,
        reader: &Reader<'_, Self, impl Parse<T>, impl Fn(&T) -> bool>,
        faults: &mut ParamFaults,
    ) -> Option<Self> {
        match source.one(reader.info) {
            Found::One(pair) if !reader.is_absent(&pair) => reader.value(&pair, faults),
            Found::Several => reader.several(faults),
            _ => match reader.default {
                Some(default) => Some(default()),
                None => {
                    faults.missing(reader.info);
                    None
                }
            },
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> Field<Maybe, T> for Option<T> {
    #[inline]
    fn read(
        source: &mut ParamSource<'_>,
        reader: &Reader<'_, Self, impl Parse<T>, impl Fn(&T) -> bool>,
        faults: &mut ParamFaults,
    ) -> Option<Self> {
        match source.one(reader.info) {
            Found::One(pair) if !reader.is_blank(&pair) => reader.value(&pair, faults).map(Some),
            Found::Several => reader.several(faults),
            _ => Some(reader.default.and_then(|default| default())),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> Field<Many, T> for Vec<T> {
    fn read(
        source: &mut ParamSource<'_>,
        reader: &Reader<'_, Self, impl Parse<T>, impl Fn(&T) -> bool>,
        faults: &mut ParamFaults,
    ) -> Option<Self> {
        let pairs = source.all(reader.info);
        if pairs.is_empty()
            && let Some(default) = reader.default
        {
            return Some(default());
        }
        let mut values = Vec::with_capacity(pairs.len());
        let mut sound = true;
        for pair in pairs.iter().filter(|pair| !reader.is_blank(pair)) {
            match reader.value(pair, faults) {
                Some(value) => values.push(value),
                // One fault for all values of a name: they have the same words.
                None => {
                    sound = false;
                    break;
                }
            }
        }
        if sound && !reader.info.has_length(values.len()) {
            faults.wrong_length(reader.info);
            sound = false;
        }
        sound.then_some(values)
    }
}

impl<T, P, C> Reader<'_, T, P, C> {
    /// The value of this pair.
    #[inline]
    fn value<V: FromStr>(&self, pair: &Pair<'_>, faults: &mut ParamFaults) -> Option<V>
    where
        P: Parse<V>,
        C: Fn(&V) -> bool,
    {
        let Some(text) = pair.text() else {
            faults.not_utf8(self.info);
            return None;
        };
        let measured = self.info.min_length.is_some() || self.info.max_length.is_some();
        if measured && !self.info.repeated && !self.info.has_length(text.chars().count()) {
            faults.wrong_length(self.info);
            return None;
        }
        let by_from_str = |text: &str| text.parse().ok();
        let value = if pair.is_bare {
            self.parse.bare(by_from_str)
        } else {
            self.parse.parse(text, by_from_str)
        };
        match value {
            Some(value) if (self.is_in_range)(&value) => Some(value),
            _ => {
                faults.malformed(self.info);
                None
            }
        }
    }

    #[cold]
    fn several<V>(&self, faults: &mut ParamFaults) -> Option<V> {
        faults.repeated(self.info);
        None
    }

    /// Whether an optional value was left empty: a form sends all its fields.
    fn is_blank<V>(&self, pair: &Pair<'_>) -> bool
    where
        P: Parse<V>,
    {
        pair.is_empty() && !P::TAKES_EMPTY && !(pair.is_bare && P::TAKES_BARE)
    }

    /// The same for one that has to be there: only with a default is there another choice than a fault.
    fn is_absent<V>(&self, pair: &Pair<'_>) -> bool
    where
        P: Parse<V>,
    {
        self.default.is_some() && self.is_blank(pair)
    }
}

/// How the text of one value is read.
///
/// It has no bound by [`FromStr`], and is given how that would read the text: [`Field`] has the bound, and a type
/// without it would be told of twice.
pub trait Parse<T> {
    /// An empty text is a value, and not a field that was left empty.
    const TAKES_EMPTY: bool = false;

    /// A name without `=` is a value.
    const TAKES_BARE: bool = false;

    /// The value of this text; `None` if it is none.
    fn parse(&self, text: Cow<'_, str>, by_from_str: impl Fn(&str) -> Option<T>) -> Option<T>;

    /// The value of a name without `=`.
    fn bare(&self, by_from_str: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.parse(Cow::Borrowed(""), by_from_str)
    }
}

/// By [`FromStr`].
#[derive(Clone, Copy, Debug)]
pub struct ByFromStr;

impl<T> Parse<T> for ByFromStr {
    #[inline]
    fn parse(&self, text: Cow<'_, str>, by_from_str: impl Fn(&str) -> Option<T>) -> Option<T> {
        by_from_str(&text)
    }
}

/// The text itself: it is not copied a second time where it had to be decoded.
#[derive(Clone, Copy, Debug)]
pub struct AsText;

impl Parse<String> for AsText {
    const TAKES_EMPTY: bool = true;

    #[inline]
    fn parse(&self, text: Cow<'_, str>, _: impl Fn(&str) -> Option<String>) -> Option<String> {
        Some(text.into_owned())
    }
}

/// `true`, `false`, `1`, `0`, `on`, which is what a box of a form that is ticked sends, and the bare name.
#[derive(Clone, Copy, Debug)]
pub struct AsFlag;

impl Parse<bool> for AsFlag {
    const TAKES_BARE: bool = true;

    fn parse(&self, text: Cow<'_, str>, _: impl Fn(&str) -> Option<bool>) -> Option<bool> {
        match &*text {
            "true" | "1" | "on" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    fn bare(&self, _: impl Fn(&str) -> Option<bool>) -> Option<bool> {
        Some(true)
    }
}

/// What the type of a field says of itself. The derive knows types by their text only, so it writes
/// `TypeOf::<T>::KIND`: the inherent consts win for the types that have some, and those of [`AnyType`] stand in for all
/// others. So aliases work, and types of generic structs are read by `FromStr`.
#[derive(Debug)]
pub struct TypeOf<T>(PhantomData<T>);

/// See [`TypeOf`].
pub trait AnyType {
    /// A request without it is refused.
    const REQUIRED: bool = true;
    /// It can be given more than once.
    const REPEATED: bool = false;
    /// What one value is.
    const KIND: ParamKind = ParamKind::Parsed;
    /// How one value is read.
    const PARSE: ByFromStr = ByFromStr;
}

impl<T> AnyType for TypeOf<T> {}

impl<T> TypeOf<Option<T>> {
    /// As [`AnyType::REQUIRED`].
    pub const REQUIRED: bool = false;
}

impl<T> TypeOf<Vec<T>> {
    /// As [`AnyType::REQUIRED`].
    pub const REQUIRED: bool = false;
    /// As [`AnyType::REPEATED`].
    pub const REPEATED: bool = true;
}

macro_rules! known {
    ($($type:ty: $kind:expr, $parse:ident;)*) => {$(
        known!(one $type, $kind, $parse);
        known!(one Option<$type>, $kind, $parse);
        known!(one Vec<$type>, $kind, $parse);
    )*};
    (one $type:ty, $kind:expr, $parse:ident) => {
        impl TypeOf<$type> {
            /// As [`AnyType::KIND`].
            pub const KIND: ParamKind = $kind;
            /// As [`AnyType::PARSE`].
            pub const PARSE: $parse = $parse;
        }
    };
}

known! {
    String: ParamKind::Text, AsText;
    bool: ParamKind::Boolean, AsFlag;
    char: ParamKind::Character, ByFromStr;
    f32: ParamKind::Number, ByFromStr;
    f64: ParamKind::Number, ByFromStr;
}

macro_rules! integers {
    ($($type:ident: $largest:expr;)*) => {$(
        known! {
            $type: ParamKind::Integer { minimum: $type::MIN as i128, maximum: $largest }, ByFromStr;
        }
        impl TypeOf<$type> {
            /// The number as those of all types.
            #[must_use]
            pub const fn number(number: $type) -> Number {
                Number::Integer(number as i128)
            }
        }
    )*};
}

integers! {
    u8: u8::MAX as i128;
    u16: u16::MAX as i128;
    u32: u32::MAX as i128;
    u64: u64::MAX as i128;
    usize: usize::MAX as i128;
    i8: i8::MAX as i128;
    i16: i16::MAX as i128;
    i32: i32::MAX as i128;
    i64: i64::MAX as i128;
    isize: isize::MAX as i128;
    i128: i128::MAX;
    // What fits.
    u128: i128::MAX;
}

macro_rules! floats {
    ($($type:ident)*) => {$(
        impl TypeOf<$type> {
            /// The number as those of all types.
            #[must_use]
            pub const fn number(number: $type) -> Number {
                Number::Float(number as f64)
            }
        }
    )*};
}

floats! { f32 f64 }
