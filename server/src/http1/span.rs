use std::ops::Range;

/// A range of offsets, half the size of `Range<usize>`: a head is far below 4 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Span {
            start: offset(start),
            end: offset(end),
        }
    }

    /// As [`new`](Self::new), for offsets that are known to be small.
    pub(super) fn near(start: usize, end: usize) -> Self {
        debug_assert!(end <= u32::MAX as usize && start <= end);
        Span {
            start: start as u32,
            end: end as u32,
        }
    }

    /// Where `part` lies in `whole`; `part` must be a subslice of it.
    pub(super) fn of(part: &[u8], whole: &[u8]) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        Span::new(start, start.saturating_add(part.len()))
    }

    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }

    pub(super) fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    pub(super) fn shifted(self, by: usize) -> Self {
        Span::new(
            self.start().saturating_add(by),
            self.end().saturating_add(by),
        )
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    pub(super) fn text(self, whole: &str) -> &str {
        whole.get(self.range()).unwrap_or_default()
    }

    pub(super) fn bytes(self, whole: &[u8]) -> &[u8] {
        whole.get(self.range()).unwrap_or_default()
    }
}

/// An offset as it is kept; positions saturate, which only an absurd limit could bring about.
pub(super) fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
