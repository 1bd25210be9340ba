//! [`Multipart`]: a form with files as a type of the program's own.

use super::limits::MultipartLimits;
use super::parts::{Part, Parts};
use super::upload::Upload;
use crate::error::fault::Place;
use crate::extract::describe::{ParamGroup, ParamInfo, ParamKind};
use crate::extract::form::FORM_REFUSALS;
use crate::extract::params::faults::ParamFaults;
use crate::extract::params::field::{Field, Parse, Reader, TypeOf};
use crate::extract::params::source::{Pair, PairTable, ParamSource};
use crate::extract::params::{Params, read_with};
use crate::{Answers, FromRequest, OptionalFromRequest, Request, Result};
use std::borrow::Cow;
use std::io::Read;

/// A body of `multipart/form-data`, as the fields of a [`Params`] type: text as in other forms, files as [`Upload`],
/// `Option<Upload>` or `Vec<Upload>`. Feature `multipart`. 415 for another type of body.
///
/// A field has its own bounds: `limit` in bytes, and `kinds`, the media types that the client may declare. Those of the
/// whole are [`MultipartLimits`], which `#[params(limits = ..)]` changes.
///
/// ```
/// use doget::{Multipart, MultipartLimits, Params, Result, StatusCode, Upload, handler, testing};
///
/// #[derive(Params)]
/// #[params(limits = MultipartLimits::new().max_size(10 << 20))]
/// struct Photo {
///     #[param(length = 1..=100)]
///     title: String,
///     #[param(limit = 8 << 20, kinds = ["image/png", "image/jpeg"])]
///     photo: Upload,
/// }
///
/// struct Album;
///
/// #[handler]
/// impl Album {
///     fn do_POST(&self, Multipart(mut form): Multipart<Photo>) -> Result<String> {
///         // The program chooses the name; the client's is for people to read.
///         let path = std::env::temp_dir().join(format!("album-{}.png", std::process::id()));
///         form.photo.save_as(&path)?;
///         std::fs::remove_file(&path)?;
///         Ok(format!("{}: {} bytes of {:?}", form.title, form.photo.len(), form.photo.file_name()))
///     }
/// }
///
/// let post = |body: &str| {
///     let request = testing::post("/").header("Content-Type", "multipart/form-data; boundary=b");
///     request.body(body).send(&Album)
/// };
/// let answer = post(
///     "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nTea\r\n\
///      --b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"C:\\tea.png\"\r\n\
///      Content-Type: image/png\r\n\r\n\x7fPNG\r\n--b--\r\n",
/// );
/// assert_eq!(answer.text(), r#"Tea: 4 bytes of Some("tea.png")"#);
/// let answer = post(
///     "--b\r\nContent-Disposition: form-data; name=\"photo\"\r\nContent-Type: a/b\r\n\r\n\r\n--b--\r\n",
/// );
/// assert_eq!(answer.status(), 400);
/// assert!(answer.text().contains("photo: a file of image/png or image/jpeg"));
/// assert!(answer.text().contains("title: missing"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Multipart<T>(pub T);

/// As small bodies of other kinds: they are awaited without a thread.
const AHEAD: u64 = 1 << 20;

const fn group<T: Params>() -> ParamGroup {
    ParamGroup::new(Place::Body, T::FIELDS)
        .exact(T::EXACT)
        .multipart(T::LIMITS.max_size)
}

impl<'c, T: Params> FromRequest<'c> for Multipart<T> {
    const COLLECT: u64 = AHEAD;
    const REFUSALS: &'static Answers = FORM_REFUSALS;
    const PARAMS: Option<ParamGroup> = Some(group::<T>());

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        // The macro asks too, at the user's own type; this is for calls by hand, and for types of generic blocks.
        const { group::<T>().refuse_fault() };
        let mut faults = ParamFaults::new(Place::Body);
        let collected = Collected::read::<T, _>(request.multipart_within(T::LIMITS)?, &mut faults)?;
        let mut table = PairTable::new(Place::Body);
        for (name, text) in &collected.texts {
            table.push(Pair::plain(name.as_bytes(), text))?;
        }
        let source = ParamSource::pairs(table).with_files(collected.files);
        read_with(source, faults).map(Self)
    }
}

/// It is absent if the body is empty.
impl<'c, T: Params> OptionalFromRequest<'c> for Multipart<T> {
    const COLLECT: u64 = AHEAD;
    const REFUSALS: &'static Answers = FORM_REFUSALS;
    const PARAMS: Option<ParamGroup> = <Self as FromRequest<'c>>::PARAMS;

    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        if request.body().is_empty()? {
            return Ok(None);
        }
        <Self as FromRequest<'_>>::from_request(request).map(Some)
    }
}

/// The parts that a type has fields for.
#[derive(Default)]
struct Collected {
    texts: Vec<(String, Vec<u8>)>,
    files: Vec<(&'static str, Upload)>,
}

impl Collected {
    fn read<T: Params, R: Read>(mut parts: Parts<R>, faults: &mut ParamFaults) -> Result<Self> {
        let limits = T::LIMITS;
        let mut collected = Self::default();
        while let Some(mut part) = parts.next()? {
            match T::FIELDS.find(Place::Body, part.name()) {
                Some(info) if info.kind == ParamKind::File => {
                    collected.file(info, &mut part, &limits, faults)?;
                }
                Some(info) => {
                    part.set_limit(info.limit.unwrap_or(limits.max_text_size));
                    let mut text = Vec::new();
                    part.append_to(&mut text)?;
                    collected.texts.push((info.name.to_owned(), text));
                }
                // Of what nobody asked for the name is kept, where it is a fault.
                None if T::EXACT => faults.unknown(part.name()),
                None => {}
            }
        }
        Ok(collected)
    }

    fn file<R: Read>(
        &mut self,
        info: &'static ParamInfo,
        part: &mut Part<'_, R>,
        limits: &MultipartLimits,
        faults: &mut ParamFaults,
    ) -> Result<()> {
        if !is_kind(info, part.content_type()) {
            // A field for a file that was left empty has a type of the browser's own.
            let left_empty = part.raw_file_name() == Some("") && part.is_at_end()?;
            if !left_empty {
                faults.wrong_media_type(info);
            }
            return Ok(());
        }
        let upload = Upload::store(part, info.limit.unwrap_or(limits.max_file_size), limits)?;
        if upload.raw_file_name() != Some("") || upload.len() > 0 {
            self.files.push((info.name, upload));
        }
        Ok(())
    }
}

/// Whether a field takes what the client declares.
fn is_kind(info: &ParamInfo, declared: Option<&str>) -> bool {
    let kind = declared.unwrap_or("text/plain");
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_same = |known: &&str| match known.strip_suffix("/*") {
        Some(group) => kind
            .split_once('/')
            .is_some_and(|(kind, _)| kind.eq_ignore_ascii_case(group)),
        None => kind.eq_ignore_ascii_case(known),
    };
    info.media_types.is_empty() || info.media_types.iter().any(is_same)
}

/// Marks files that stand once: inferred as `Via` of [`Field`].
#[derive(Debug)]
pub enum OneFile {}

/// Marks files that may be absent: inferred as `Via` of [`Field`].
#[derive(Debug)]
pub enum MaybeFile {}

/// Marks lists of files: inferred as `Via` of [`Field`].
#[derive(Debug)]
pub enum ManyFiles {}

/// A file is not read from text.
#[derive(Clone, Copy, Debug)]
pub struct AsFile;

impl Parse<Upload> for AsFile {
    fn parse(&self, _: Cow<'_, str>, _: impl Fn(&str) -> Option<Upload>) -> Option<Upload> {
        None
    }
}

macro_rules! files {
    ($($type:ty),*) => {$(
        impl TypeOf<$type> {
            /// As [`AnyType::KIND`](crate::extract::params::field::AnyType::KIND).
            pub const KIND: ParamKind = ParamKind::File;
            /// As [`AnyType::PARSE`](crate::extract::params::field::AnyType::PARSE).
            pub const PARSE: AsFile = AsFile;
        }
    )*};
}

files! { Upload, Option<Upload>, Vec<Upload> }

impl Field<OneFile, Upload> for Upload {
    fn read(
        source: &mut ParamSource<'_>,
        reader: &Reader<'_, Self, impl Parse<Upload>, impl Fn(&Upload) -> bool>,
        faults: &mut ParamFaults,
    ) -> Option<Self> {
        let file = single(source, reader.info, faults)?;
        if file.is_none() {
            faults.missing(reader.info);
        }
        file
    }
}

impl Field<MaybeFile, Upload> for Option<Upload> {
    fn read(
        source: &mut ParamSource<'_>,
        reader: &Reader<'_, Self, impl Parse<Upload>, impl Fn(&Upload) -> bool>,
        faults: &mut ParamFaults,
    ) -> Option<Self> {
        single(source, reader.info, faults)
    }
}

impl Field<ManyFiles, Upload> for Vec<Upload> {
    fn read(
        source: &mut ParamSource<'_>,
        reader: &Reader<'_, Self, impl Parse<Upload>, impl Fn(&Upload) -> bool>,
        faults: &mut ParamFaults,
    ) -> Option<Self> {
        let files = source.take_files(reader.info.name);
        if reader.info.has_length(files.len()) {
            return Some(files);
        }
        faults.wrong_length(reader.info);
        None
    }
}

/// The file of this name, if there is one; `None` if there are several.
fn single(
    source: &mut ParamSource<'_>,
    info: &ParamInfo,
    faults: &mut ParamFaults,
) -> Option<Option<Upload>> {
    let mut files = source.take_files(info.name);
    if files.len() > 1 {
        faults.repeated(info);
        return None;
    }
    Some(files.pop())
}
