//! A connection's socket: TCP or Unix, plain or with TLS, never blocking by itself.

#[cfg(feature = "tls")]
pub(crate) mod tls;

use crate::engine::net::abort::AbortSignal;
use std::fs::File;
#[cfg(not(target_os = "linux"))]
use std::io::Read;
use std::io::{self, IoSlice, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(target_os = "linux")]
use std::num::NonZeroUsize;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    #[cfg(feature = "tls")]
    Tls(Box<tls::TlsSocket>),
}

/// What a buffer grows by at least.
const MORE: usize = 64 << 10;

/// The same with TLS. There room is filled with zeros before it is read to, so all of it is real memory at once;
/// without TLS only what has come is.
const MORE_OF_TLS: usize = 4 << 10;

/// The most that one system call is asked to send of a file.
#[cfg(target_os = "linux")]
const PIECE: u64 = 2 << 20;

/// The most that one call is asked to send. The system may take a whole send if it has room for any of it, and a reader
/// that has stopped would not be noticed behind it.
#[cfg(windows)]
const SEND_AT_MOST: usize = 256 << 10;

/// From here on a part is worth a call of its own. Where the system paces what it sends (BBR), a large part behind a
/// small one in the same call costs a third more than behind one that was announced as the beginning; elsewhere it is
/// the same.
#[cfg(target_os = "linux")]
const LARGE: usize = 64 << 10;

impl Socket {
    /// Puts TLS on it.
    #[cfg(feature = "tls")]
    pub(crate) fn with_tls(self, config: std::sync::Arc<rustls::ServerConfig>) -> Self {
        Self::Tls(Box::new(tls::TlsSocket::new(self, config)))
    }

    /// Whether it speaks TLS, or wants to.
    pub(crate) fn is_tls(&self) -> bool {
        match self {
            #[cfg(feature = "tls")]
            Self::Tls(_) => true,
            _ => false,
        }
    }

    /// Whether a read would find something although the socket may never report it: data that was decrypted already.
    pub(crate) fn has_more(&self) -> bool {
        match self {
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.has_more(),
            _ => false,
        }
    }

    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(feature = "tls")]
        if let Self::Tls(tls) = self {
            return tls.read(buffer);
        }
        loop {
            match self.read_once(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    // Not through the C library, where a thread can be cancelled in `recv`: that costs two locked instructions.
    #[cfg(target_os = "linux")]
    fn read_once(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let (read, _) = rustix::net::recv(self, buffer, rustix::net::RecvFlags::empty())?;
        Ok(read)
    }

    #[cfg(not(target_os = "linux"))]
    fn read_once(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => (&*stream).read(buffer),
            #[cfg(unix)]
            Self::Unix(stream) => (&*stream).read(buffer),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.read(buffer),
        }
    }

    /// Looks at what has come, below TLS, and takes nothing of it. `Ok(0)`: the peer has finished.
    pub(crate) fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        {
            use rustix::net::{RecvFlags, recv};
            let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
            let (size, _) = rustix::io::retry_on_intr(|| recv(self, &mut *buffer, flags))?;
            Ok(size)
        }
        #[cfg(not(unix))]
        match self {
            Self::Tcp(stream) => stream.peek(buffer),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.raw.peek(buffer),
        }
    }

    /// Takes bytes that were looked at. False: they are not there.
    pub(crate) fn skip(&self, bytes: &mut [u8]) -> bool {
        let raw = match self {
            #[cfg(feature = "tls")]
            Self::Tls(tls) => &tls.raw,
            raw => raw,
        };
        let wanted = bytes.len();
        matches!(raw.read(bytes), Ok(size) if size == wanted)
    }

    /// Reads at most `limit` bytes behind what is in `buffer`, and says whether it got as much as it asked for.
    pub(crate) fn read_more(
        &self,
        buffer: &mut Vec<u8>,
        limit: usize,
    ) -> io::Result<(usize, bool)> {
        // Memory grows with what has arrived, not with what was announced.
        let more = if self.is_tls() { MORE_OF_TLS } else { MORE };
        if buffer.capacity() - buffer.len() < limit.min(more) {
            buffer.reserve_exact(limit.min(buffer.len().max(more)));
        }
        let mut wanted = limit.min(buffer.capacity() - buffer.len());
        if self.is_tls() || wanted < buffer.capacity() - buffer.len() {
            // Room that is filled with zeros first, which costs as much as reading.
            wanted = wanted.min(MORE);
        }
        let size = self.read_behind(buffer, wanted)?;
        Ok((size, size == wanted))
    }

    /// Without filling the memory first, where there is a call for it and no more room than is wanted.
    #[cfg(unix)]
    fn read_behind(&self, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
        if wanted == 0 || buffer.capacity() - buffer.len() != wanted || self.is_tls() {
            return self.read_into(buffer, wanted);
        }
        loop {
            match rustix::io::read(self, rustix::buffer::spare_capacity(buffer)) {
                Err(rustix::io::Errno::INTR) => {}
                read => return Ok(read?),
            }
        }
    }

    #[cfg(not(unix))]
    fn read_behind(&self, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
        self.read_into(buffer, wanted)
    }

    fn read_into(&self, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
        let start = buffer.len();
        buffer.resize(start + wanted, 0);
        let read = self.read(buffer.get_mut(start..).unwrap_or_default());
        buffer.truncate(start + *read.as_ref().unwrap_or(&0));
        read
    }

    /// Whether bytes have come that nobody has read.
    pub(crate) fn has_input(&self) -> bool {
        #[cfg(feature = "tls")]
        if let Self::Tls(tls) = self {
            return tls.has_input();
        }
        #[cfg(unix)]
        {
            use rustix::net::{RecvFlags, recv};
            matches!(
                recv(self, &mut [0; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT),
                Ok((1.., _))
            )
        }
        #[cfg(not(unix))]
        match self {
            Self::Tcp(stream) => matches!(stream.peek(&mut [0; 1]), Ok(1..)),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.has_input(),
        }
    }

    /// Whether the peer has sent its last byte, or is gone.
    pub(crate) fn has_ended(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            use rustix::event::{PollFd, PollFlags, Timespec, poll};
            let now = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            // Its end is seen behind bytes that nobody has read.
            let mut fds = [PollFd::new(self, PollFlags::RDHUP)];
            let ended = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
            poll(&mut fds, Some(&now)).is_ok() && fds[0].revents().intersects(ended)
        }
        #[cfg(all(unix, not(target_os = "linux")))]
        {
            use rustix::net::{RecvFlags, recv};
            let peeked = recv(self, &mut [0; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
            !matches!(peeked, Ok((1.., _)) | Err(rustix::io::Errno::AGAIN))
        }
        #[cfg(not(unix))]
        match self {
            Self::Tcp(stream) => matches!(stream.peek(&mut [0; 1]), Ok(0)),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.raw.has_ended(),
        }
    }

    /// Writes some of these bytes. `more`: others follow at once.
    pub(crate) fn write(&self, bytes: &[u8], more: bool) -> io::Result<usize> {
        #[cfg(feature = "tls")]
        if let Self::Tls(tls) = self {
            return tls.write(bytes, &[], more);
        }
        loop {
            match self.write_once(bytes, more) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => return written,
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn write_once(&self, bytes: &[u8], more: bool) -> io::Result<usize> {
        use rustix::net::SendFlags;
        let flags = if more {
            SendFlags::NOSIGNAL | SendFlags::MORE
        } else {
            SendFlags::NOSIGNAL
        };
        Ok(rustix::net::send(self, bytes, flags)?)
    }

    #[cfg(not(target_os = "linux"))]
    fn write_once(&self, bytes: &[u8], _more: bool) -> io::Result<usize> {
        #[cfg(windows)]
        let bytes = bytes.get(..SEND_AT_MOST).unwrap_or(bytes);
        match self {
            Self::Tcp(stream) => (&*stream).write(bytes),
            #[cfg(unix)]
            Self::Unix(stream) => (&*stream).write(bytes),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.write(bytes, &[], false),
        }
    }

    /// Writes some of both parts, in order.
    pub(crate) fn write_both(&self, first: &[u8], second: &[u8]) -> io::Result<usize> {
        if second.is_empty() {
            return self.write(first, false);
        }
        if first.is_empty() {
            return self.write(second, false);
        }
        #[cfg(feature = "tls")]
        if let Self::Tls(tls) = self {
            return tls.write(first, second, false);
        }
        #[cfg(target_os = "linux")]
        if second.len() > LARGE {
            let sent = self.write(first, true)?;
            if sent < first.len() {
                return Ok(sent);
            }
            // An error shows again at the next call.
            return Ok(sent + self.write(second, false).unwrap_or(0));
        }
        #[cfg(windows)]
        if first.len() + second.len() > SEND_AT_MOST {
            return self.write(first, true);
        }
        self.write_vectored(&[IoSlice::new(first), IoSlice::new(second)])
    }

    fn write_vectored(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        loop {
            let written = match self {
                Self::Tcp(stream) => (&*stream).write_vectored(parts),
                #[cfg(unix)]
                Self::Unix(stream) => (&*stream).write_vectored(parts),
                // Records, not their bytes, are what TLS writes.
                #[cfg(feature = "tls")]
                Self::Tls(_) => Err(io::ErrorKind::Unsupported.into()),
            };
            match written {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => return written,
            }
        }
    }

    /// Sends some of a file, from `offset` on. `Ok(0)`: the file ends there.
    pub(crate) fn send_file(&self, file: &File, offset: u64, left: u64) -> io::Result<usize> {
        #[cfg(feature = "tls")]
        if let Self::Tls(tls) = self {
            return tls.send_file(file, offset, left);
        }
        #[cfg(target_os = "linux")]
        if let Some(sent) = self.send_directly(file, offset, left)? {
            return Ok(sent);
        }
        let mut piece = [0; 16 << 10];
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        let read = read_at(file, piece.get_mut(..size).unwrap_or_default(), offset)?;
        match read {
            0 => Ok(0),
            read => self.write(piece.get(..read).unwrap_or_default(), false),
        }
    }

    /// Without the bytes passing through this process. None: that is not possible with this file.
    #[cfg(target_os = "linux")]
    fn send_directly(&self, file: &File, offset: u64, left: u64) -> io::Result<Option<usize>> {
        use rustix::io::Errno;
        let Ok(offset) = usize::try_from(offset) else {
            return Ok(None);
        };
        // Nothing is not handed on: it would mean all.
        let size = usize::try_from(left.min(PIECE)).ok();
        let Some(size) = size.and_then(NonZeroUsize::new) else {
            return Ok(Some(0));
        };
        loop {
            match socket2::SockRef::from(self).sendfile(file, offset, Some(size)) {
                Ok(sent) => return Ok(Some(sent)),
                Err(error) => match Errno::from_io_error(&error) {
                    Some(Errno::INTR) => {}
                    // Such as one of some network file systems, or a place behind the reach of a system of 32 bits.
                    Some(Errno::INVAL | Errno::NOSYS) => return Ok(None),
                    _ => return Err(error),
                },
            }
        }
    }

    /// Whether bytes that do not fill a segment are held back until more come. Only of use, so it may be without
    /// effect.
    pub(crate) fn cork(&self, _on: bool) {
        #[cfg(target_os = "linux")]
        if let Self::Tcp(stream) = self {
            let _ = rustix::net::sockopt::set_tcp_cork(stream, _on);
        }
    }

    /// Before a close: tells the peer that what it got is the whole, where the close itself does not say so. False:
    /// there is no room for that now.
    pub(crate) fn notify_close(&self) -> bool {
        match self {
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.notify_close(),
            _ => true,
        }
    }

    /// Whether the peer's system has acknowledged what was written, but for a last small segment; on Unix sockets, the
    /// peer has read it. Nothing may be written from now on; and when there is more to say, there is room to write.
    ///
    /// `SIOCOUTQ` would say it, and cannot be asked for without `unsafe`. But there is room to write only when no more
    /// waits than twice the room that is left of the buffer: with the smallest of buffers that is one segment of a few
    /// hundred bytes. That it has been sent is seen by a bound on what has not. Elsewhere a connection's end has to do
    /// without.
    pub(crate) fn has_arrived(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            use rustix::event::{PollFd, PollFlags, Timespec, poll};
            let now = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            // The system makes it as large as it has to be.
            let socket = socket2::SockRef::from(self);
            let _ = socket.set_send_buffer_size(1);
            let _ = socket.set_tcp_notsent_lowat(1);
            let mut fds = [PollFd::new(self, PollFlags::OUT)];
            !matches!(poll(&mut fds, Some(&now)), Ok(0))
        }
        #[cfg(not(target_os = "linux"))]
        true
    }

    /// Bytes of records that have left: a peer that takes a part of one is not silent. Without TLS a write says so by
    /// itself.
    pub(crate) fn record_bytes_sent(&self) -> u64 {
        match self {
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.record_bytes_sent(),
            _ => 0,
        }
    }

    /// Tells the peer that nothing follows. `is_whole`: and that what came is the whole, where there are words for
    /// that.
    pub(crate) fn finish(&self, _is_whole: bool) {
        let _ = match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write),
            #[cfg(unix)]
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => {
                tls.finish(_is_whole);
                Ok(())
            }
        };
    }

    /// Makes the close that follows a reset, so that the peer cannot take what it has for the whole.
    pub(crate) fn reset(&self) {
        match self {
            Self::Tcp(stream) => {
                let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
            }
            #[cfg(unix)]
            Self::Unix(_) => {}
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.reset(),
        }
    }

    /// Waits until there is something to read, or room to write. An error of kind `TimedOut`: the time is over;
    /// `ConnectionAborted`: the server cuts its connections.
    #[cfg(unix)]
    pub(crate) fn wait(&self, write: bool, timeout: Duration, cut: &AbortSignal) -> io::Result<()> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let flags = if write { PollFlags::OUT } else { PollFlags::IN };
        let timeout = Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let mut fds = [PollFd::new(self, flags), PollFd::new(cut, PollFlags::IN)];
        match poll(&mut fds, Some(&timeout)) {
            Err(rustix::io::Errno::INTR) => Ok(()), // the caller tries again, and comes back here
            Err(error) => Err(error.into()),
            Ok(0) => Err(io::ErrorKind::TimedOut.into()),
            Ok(_) if cut.is_cut() => Err(io::ErrorKind::ConnectionAborted.into()),
            Ok(_) => Ok(()),
        }
    }

    /// The same where nothing but a socket can be waited for: it is looked now and then whether the server cuts its
    /// connections.
    #[cfg(windows)]
    pub(crate) fn wait(&self, write: bool, timeout: Duration, cut: &AbortSignal) -> io::Result<()> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        const LOOK: Duration = Duration::from_millis(50);
        let flags = if write { PollFlags::OUT } else { PollFlags::IN };
        let mut left = timeout;
        loop {
            if cut.is_cut() {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            let step = left.min(LOOK);
            let time = Timespec {
                tv_sec: 0,
                tv_nsec: i32::try_from(step.subsec_nanos()).unwrap_or(0),
            };
            match poll(&mut [PollFd::new(self.stream(), flags)], Some(&time)) {
                Err(error) => return Err(error.into()),
                Ok(0) => left = left.saturating_sub(step),
                Ok(_) => return Ok(()),
            }
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
    }

    /// Waits for bytes of the peer, or its end, until one of the signals comes. False: nothing came.
    #[cfg(all(unix, feature = "live"))]
    pub(crate) fn wait_for_input(
        &self,
        timeout: Duration,
        signals: [&AbortSignal; 2],
    ) -> io::Result<bool> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let timeout = Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let [one, other] = signals.map(|signal| PollFd::new(signal, PollFlags::IN));
        let mut fds = [PollFd::new(self, PollFlags::IN), one, other];
        match poll(&mut fds, Some(&timeout)) {
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(fds
                .first()
                .is_some_and(|socket| !socket.revents().is_empty())),
        }
    }

    /// The same where nothing but a socket can be waited for.
    #[cfg(all(windows, feature = "live"))]
    pub(crate) fn wait_for_input(
        &self,
        timeout: Duration,
        [cut, ending]: [&AbortSignal; 2],
    ) -> io::Result<bool> {
        const LOOK: Duration = Duration::from_millis(50);
        if ending.is_cut() {
            return Ok(false);
        }
        match self.wait(false, timeout.min(LOOK), cut) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The stream below everything.
    #[cfg(windows)]
    pub(crate) fn stream(&self) -> &TcpStream {
        match self {
            Self::Tcp(stream) => stream,
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.raw.stream(),
        }
    }

    /// Lends the socket to mio.
    #[cfg(all(any(not(target_os = "linux"), doget_mio), unix))]
    pub(crate) fn with_source<T>(&self, with: impl FnOnce(&mut mio::unix::SourceFd<'_>) -> T) -> T {
        use std::os::fd::AsRawFd;
        with(&mut mio::unix::SourceFd(&self.as_fd().as_raw_fd()))
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(unix)]
impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Unix(stream) => stream.as_fd(),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.raw.as_fd(),
        }
    }
}
