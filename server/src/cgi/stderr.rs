//! What a script writes to its standard error, as lines for the log.

/// The longest line that is logged, in bytes.
const LINE: usize = 1 << 10;

/// Puts lines together, and drops what is too much.
#[derive(Debug)]
pub(super) struct StderrLines {
    held: Vec<u8>,
    /// The line in hand was logged, as far as it may be.
    cut: bool,
    left: u32,
    dropped: u64,
}

impl StderrLines {
    pub(super) fn new(most: u32) -> Self {
        Self {
            held: Vec::new(),
            cut: false,
            left: most,
            dropped: 0,
        }
    }

    /// Takes some bytes, and logs the lines that they end.
    pub(super) fn take(&mut self, bytes: &[u8], log: &mut dyn FnMut(&str)) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let (text, ends) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            if !self.cut {
                let room = LINE.saturating_sub(self.held.len());
                self.held
                    .extend_from_slice(text.get(..room.min(text.len())).unwrap_or_default());
                if ends || self.held.len() == LINE {
                    self.log(log);
                    self.cut = true;
                }
            }
            if ends {
                self.cut = false;
            }
        }
    }

    /// Logs what is left at the end.
    pub(super) fn end(&mut self, log: &mut dyn FnMut(&str)) {
        if !self.held.is_empty() {
            self.log(log);
        }
        if self.dropped > 0 {
            log(&format!("{} more lines dropped", self.dropped));
            self.dropped = 0;
        }
    }

    fn log(&mut self, log: &mut dyn FnMut(&str)) {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                let text = String::from_utf8_lossy(&self.held);
                log(text.trim_end_matches('\r'));
            }
            None => self.dropped += 1,
        }
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(most: u32, pieces: &[&[u8]]) -> Vec<String> {
        let mut logged = Vec::new();
        let mut lines = StderrLines::new(most);
        for piece in pieces {
            lines.take(piece, &mut |line| logged.push(line.to_owned()));
        }
        lines.end(&mut |line| logged.push(line.to_owned()));
        logged
    }

    #[test]
    fn lines_are_put_together_and_the_last_needs_no_end() {
        assert_eq!(lines(9, &[b"a", b"b\nc\r\n", b"\nd"]), ["ab", "c", "", "d"]);
        assert!(lines(9, &[b""]).is_empty());
    }

    #[test]
    fn a_line_and_their_number_are_bounded() {
        let long = vec![b'x'; 5000];
        assert_eq!(
            lines(9, &[&long, &long, b"y\nz\n"]),
            ["x".repeat(LINE), "z".to_owned()]
        );
        assert_eq!(lines(1, &[b"a\nb\nc"]), ["a", "2 more lines dropped"]);
        assert_eq!(lines(9, &[b"\xff\n"]), ["\u{fffd}"]);
    }
}
