//! [`ParamFaults`]: what is wrong with the parameters of a request, all of it.

use crate::Error;
use crate::error::fault::Place;
use crate::extract::describe::ParamInfo;
use std::borrow::Cow;

/// Faults that are told, at most: a query can have hundreds of unknown names.
const TOLD: usize = 20;

/// Characters of a name that a client made up, at most.
const NAME: usize = 64;

/// The faults of parameters, to which a check of your own adds: see [`Params`](crate::Params).
#[derive(Debug)]
pub struct ParamFaults {
    place: Place,
    list: Vec<(Place, Cow<'static, str>, Cow<'static, str>)>,
    more: usize,
}

impl ParamFaults {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            list: Vec::new(),
            more: 0,
        }
    }

    /// One more value that is not as it has to be: its name, and what it has to be. Do not put the value into the text,
    /// which is sent to the client and logged.
    #[cold]
    pub fn add(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        if self.list.len() < TOLD {
            self.list.push((self.place, name.into(), detail.into()));
        } else {
            self.more += 1;
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len() + self.more
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Where the parameters stand of which faults are added.
    pub(crate) fn set_place(&mut self, place: Place) {
        self.place = place;
    }

    #[cold]
    pub(crate) fn missing(&mut self, info: &ParamInfo) {
        self.add(info.name_in(self.place), "missing");
    }

    #[cold]
    pub(crate) fn repeated(&mut self, info: &ParamInfo) {
        self.add(info.name_in(self.place), "given more than once");
    }

    #[cold]
    pub(crate) fn malformed(&mut self, info: &ParamInfo) {
        self.add(info.name_in(self.place), info.expected());
    }

    #[cold]
    pub(crate) fn wrong_length(&mut self, info: &ParamInfo) {
        self.add(info.name_in(self.place), info.expected_length());
    }

    #[cold]
    pub(crate) fn not_utf8(&mut self, info: &ParamInfo) {
        self.add(info.name_in(self.place), "text in UTF-8");
    }

    #[cfg(feature = "multipart")]
    #[cold]
    pub(crate) fn wrong_media_type(&mut self, info: &ParamInfo) {
        let kinds = info.media_types.join(" or ");
        self.add(info.name, format!("a file of {kinds}"));
    }

    /// A name that the client made up: it is cut, and its control characters are not repeated.
    #[cold]
    pub(crate) fn unknown(&mut self, name: &str) {
        let shown: String = name
            .chars()
            .take(NAME)
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        self.add(shown, "not a known name");
    }

    /// The 400 that tells all of them.
    #[cold]
    pub(crate) fn into_error(self) -> Error {
        let count = self.len();
        let words = if count == 1 {
            "value is not as it has to be"
        } else {
            "values are not as they have to be"
        };
        let error = Error::bad_request().explain(format!("{count} {words}"));
        let error = self
            .list
            .into_iter()
            .fold(error, |error, (place, name, detail)| {
                error.fault(place, name, detail)
            });
        if self.more == 0 {
            return error;
        }
        let more = format!("{} more are not told", self.more);
        error.fault(self.place, "", more)
    }
}
