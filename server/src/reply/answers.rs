//! [`Answers`]: what a type is known to answer, as data of the compiler.

/// One answer that a type is known to give: its status, and what comes with it.
///
/// ```
/// use doget::AnswerInfo;
///
/// const CSV: AnswerInfo = AnswerInfo::new(200).description("The table.").media_type("text/csv");
/// assert_eq!(CSV.status, 200);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerInfo {
    /// The status.
    pub status: u16,
    /// What it means here; nothing where only the status says it.
    pub description: &'static str,
    /// The media type of the body; `None` if there is no body, or if the handler decides it, as with error pages.
    pub media_type: Option<&'static str>,
    /// A header that is always there.
    pub header: Option<&'static str>,
    /// The body is the error page of the handler.
    pub is_error: bool,
}

impl AnswerInfo {
    /// An answer with this status, and nothing else known.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self {
            status,
            description: "",
            media_type: None,
            header: None,
            is_error: false,
        }
    }

    /// An error page with this status.
    #[must_use]
    pub const fn error(status: u16) -> Self {
        let mut answer = Self::new(status);
        answer.is_error = true;
        answer
    }

    /// Sets [`description`](#structfield.description).
    #[must_use]
    pub const fn description(mut self, text: &'static str) -> Self {
        self.description = text;
        self
    }

    /// Sets [`media_type`](#structfield.media_type).
    #[must_use]
    pub const fn media_type(mut self, media_type: &'static str) -> Self {
        self.media_type = Some(media_type);
        self
    }

    /// Sets [`header`](#structfield.header).
    #[must_use]
    pub const fn header(mut self, name: &'static str) -> Self {
        self.header = Some(name);
        self
    }
}

/// The answers that a type is known to give: [`Reply::ANSWERS`](crate::Reply::ANSWERS),
/// [`Fault::ANSWERS`](crate::Fault::ANSWERS) and [`FromRequest::REFUSALS`](crate::FromRequest::REFUSALS).
///
/// It is a tree, since a const of a generic type cannot join two lists: what is its own, and what comes from the types
/// within.
///
/// ```
/// use doget::{NoContent, Reply, Status};
///
/// type Answer = Option<Status<202, NoContent>>;
/// let statuses: Vec<u16> = Answer::ANSWERS.list().iter().map(|answer| answer.status).collect();
/// assert_eq!(statuses, [202, 404]);
/// assert!(!Answer::ANSWERS.is_open());
/// assert!(doget::StatusCode::ANSWERS.is_open());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    own: &'static [AnswerInfo],
    within: &'static [&'static Answers],
    /// What takes the place of the status of every answer that is no error page.
    status: Option<u16>,
    /// What every answer has that is no error page.
    header: Option<&'static str>,
    /// The media types of those within are known when the program runs.
    any_media_type: bool,
    /// What every answer has that is not described yet.
    description: &'static str,
    open: bool,
    live: bool,
}

impl Answers {
    /// No answer.
    pub const NONE: Self = Self::new(&[]);

    /// Whatever the program decides when it runs.
    pub const OPEN: Self = {
        let mut open = Self::NONE;
        open.open = true;
        open
    };

    /// Whatever comes of a connection that becomes live: a socket, a stream that follows a topic, a parked request.
    ///
    /// ```
    /// use doget::Answers;
    ///
    /// assert!(Answers::LIVE.is_live() && Answers::LIVE.is_open());
    /// assert!(!Answers::OPEN.is_live());
    /// ```
    pub const LIVE: Self = {
        let mut live = Self::OPEN;
        live.live = true;
        live
    };

    /// These answers and no other.
    #[must_use]
    pub const fn new(own: &'static [AnswerInfo]) -> Self {
        Self {
            own,
            within: &[],
            status: None,
            header: None,
            description: "",
            any_media_type: false,
            open: false,
            live: false,
        }
    }

    /// And those.
    #[must_use]
    pub const fn within(mut self, within: &'static [&'static Self]) -> Self {
        self.within = within;
        self
    }

    /// Every answer within that is no error page has this status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Every answer within that is no error page has this header.
    #[must_use]
    pub const fn with_header(mut self, name: &'static str) -> Self {
        self.header = Some(name);
        self
    }

    /// The media types of the answers within are not known after all: a header may take their place.
    #[must_use]
    pub const fn any_media_type(mut self) -> Self {
        self.any_media_type = true;
        self
    }

    /// Every answer within that has no description has this one.
    #[must_use]
    pub const fn with_description(mut self, text: &'static str) -> Self {
        self.description = text;
        self
    }

    /// Whether there may be other answers than those that are listed: one of the types decides them when it runs.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        if self.open {
            return true;
        }
        let mut position = 0;
        while position < self.within.len() {
            if self.within[position].is_open() {
                return true;
            }
            position += 1;
        }
        false
    }

    /// Whether one of the types makes its connection live, which takes a connection of this server's own: below another
    /// engine there is none.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        let mut position = 0;
        while position < self.within.len() {
            if self.within[position].is_live() {
                return true;
            }
            position += 1;
        }
        self.live
    }

    /// All answers, those of the types within first. An answer that is twice there is listed once.
    #[must_use]
    pub fn list(&self) -> Vec<AnswerInfo> {
        let mut list = Vec::new();
        self.add_to(&mut list);
        list
    }

    fn add_to(&self, list: &mut Vec<AnswerInfo>) {
        let within = self.within.iter().flat_map(|answers| answers.list());
        for mut answer in within.chain(self.own.iter().copied()) {
            if !answer.is_error {
                answer.status = self.status.unwrap_or(answer.status);
                answer.header = self.header.or(answer.header);
                if self.any_media_type {
                    answer.media_type = None;
                }
            }
            if answer.description.is_empty() && !answer.is_error {
                answer.description = self.description;
            }
            if !list.contains(&answer) {
                list.push(answer);
            }
        }
    }
}
