//! Where a body is compressed: the steps of the writer in which [`coding`](crate::response::coding) has a part.

use crate::Result;
use crate::response::coding::{Coding, Gzip, GzipSettings, is_eligible, rewrite, weaken};
use crate::response::writer::{ResponseFraming, ResponseWriter};
use std::io;

impl ResponseWriter {
    /// The response is to be compressed, if it may be.
    pub(crate) fn want_coding(&mut self, settings: GzipSettings) {
        // So that the writer looks at the head again when it is complete.
        let _ = self.pending.standing();
        self.coding = Some(Coding::Wanted(settings));
    }

    /// Whether a whole body has to be written through the encoder.
    #[inline]
    pub(crate) fn wants_coding(&self) -> bool {
        !self.pending.is_empty() && self.coding.is_some()
    }

    /// The response stays as it is: it is another one, or a part of its head has left.
    pub(crate) fn forget_coding(&mut self) {
        self.coding = None;
    }

    /// The head is complete: it says whether its body may be compressed.
    pub(super) fn judge_coding(&mut self) {
        if self.coding.is_none() {
            return;
        }
        let status = self.status.as_u16();
        let head = self.bytes.get(self.mark..).unwrap_or_default();
        if self.declared.is_some() || !is_eligible(status, head) {
            self.coding = None;
        }
        if status == 304 {
            weaken(self.mark, &mut self.bytes);
        }
    }

    /// The body is streamed.
    pub(super) fn begin_coding(&mut self) {
        let Some(Coding::Wanted(settings)) = self.coding else {
            return;
        };
        rewrite(self.mark, &mut self.bytes);
        if self.bodiless() {
            self.coding = None;
            return;
        }
        let held = std::mem::take(&mut self.body);
        let mut gzip = Gzip::begin(settings.level, &mut self.body);
        // An encoder of deflate fails at no input.
        let _ = gzip.write(&held, &mut self.body);
        self.coding = Some(Coding::Running(gzip));
    }

    /// What comes of these bytes, if they are compressed.
    pub(super) fn coded(&mut self, data: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let Some(Coding::Running(gzip)) = &mut self.coding else {
            return Ok(None);
        };
        let mut coded = Vec::new();
        gzip.write(data, &mut coded)?;
        Ok(Some(coded))
    }

    /// All that was written so far is to leave.
    pub(super) fn flush_coding(&mut self) -> io::Result<()> {
        match &mut self.coding {
            Some(Coding::Running(gzip)) => gzip.flush(&mut self.body),
            _ => Ok(()),
        }
    }

    /// The body has ended.
    pub(super) fn end_coding(&mut self) -> Result<()> {
        match self.coding.take() {
            None => {}
            Some(Coding::Running(gzip)) => {
                gzip.finish(&mut self.body)?;
                if self.framing == ResponseFraming::ToEnd {
                    self.sent.hand_on(self.body.len() as u64);
                    self.bytes.append(&mut self.body);
                }
            }
            Some(Coding::Wanted(settings)) => self.code_whole(settings)?,
        }
        Ok(())
    }

    /// All of the body is there.
    fn code_whole(&mut self, settings: GzipSettings) -> Result<()> {
        if self.framing != ResponseFraming::Undecided || self.given < settings.above as u64 {
            return Ok(());
        }
        if self.bodiless() {
            // How long the body of a GET would be is not known here.
            rewrite(self.mark, &mut self.bytes);
            self.given = 0;
            return Ok(());
        }
        let mut coded = Vec::with_capacity(self.body.len() / 3);
        let mut gzip = Gzip::begin(settings.level, &mut coded);
        gzip.write(&self.body, &mut coded)?;
        gzip.finish(&mut coded)?;
        if coded.len() < self.body.len() {
            rewrite(self.mark, &mut self.bytes);
            self.given = coded.len() as u64;
            self.body = coded;
        }
        Ok(())
    }

    /// The length of a whole body that is written piece by piece all the same.
    pub(crate) fn declare(&mut self, length: u64) {
        self.declared.get_or_insert(length);
    }
}
