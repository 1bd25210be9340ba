//! A file that is part of the program.

/// One form of a content: its bytes and their tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    /// The content coding; empty for the plain form.
    pub(super) coding: &'static str,
    pub(super) bytes: &'static [u8],
    pub(super) tag: &'static str,
}

/// A file as `embed!` writes it, with the compressed forms that it has.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFile {
    /// Relative to the directory, with slashes.
    pub(super) path: &'static str,
    pub(super) plain: Form,
    siblings: [Option<Form>; 3],
}

impl EmbeddedFile {
    /// A file without compressed forms.
    #[must_use]
    pub const fn new(path: &'static str, bytes: &'static [u8], tag: &'static str) -> Self {
        Self {
            path,
            plain: Form {
                coding: "",
                bytes,
                tag,
            },
            siblings: [None; 3],
        }
    }

    /// A compressed form. There is one for each coding, so there is room for it.
    #[must_use]
    pub const fn sibling(
        mut self,
        coding: &'static str,
        bytes: &'static [u8],
        tag: &'static str,
    ) -> Self {
        let mut position = 0;
        while position < self.siblings.len() {
            if self.siblings[position].is_none() {
                self.siblings[position] = Some(Form { coding, bytes, tag });
                return self;
            }
            position += 1;
        }
        self
    }

    /// The form in this coding.
    pub(super) fn in_coding(&self, coding: &str) -> Option<Form> {
        let mut siblings = self.siblings.iter().flatten();
        siblings.find(|form| form.coding == coding).copied()
    }
}
