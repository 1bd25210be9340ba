//! A client's end of a connection, which never waits by itself.

use crate::plan::Way;
use crate::site::Servers;
use doget_tests::{PATIENCE, tls};
#[cfg(unix)]
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustls::{ClientConfig, ClientConnection};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::fd::AsFd;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

pub(crate) struct Link {
    stream: Stream,
    tls: Option<Box<ClientConnection>>,
}

/// The receive buffer of a narrow client.
const NARROW: usize = 16 << 10;

impl Link {
    pub(crate) fn open(
        servers: &Servers,
        way: Way,
        config: &Arc<ClientConfig>,
    ) -> io::Result<Self> {
        let place = match way {
            Way::Tls | Way::UnixTls => &servers.secure,
            _ => &servers.plain,
        };
        let mut stream = match way {
            #[cfg(unix)]
            Way::Unix | Way::UnixTls => Stream::Unix(UnixStream::connect(&place.unix)?),
            _ => {
                let socket = socket2::Socket::new(
                    socket2::Domain::for_address(place.tcp),
                    socket2::Type::STREAM,
                    None,
                )?;
                if way == Way::Narrow {
                    socket.set_recv_buffer_size(NARROW)?;
                }
                socket.connect(&place.tcp.into())?;
                socket.set_tcp_nodelay(true)?;
                Stream::Tcp(socket.into())
            }
        };
        let mut tls = None;
        if matches!(way, Way::Tls | Way::UnixTls) {
            let mut connection = tls::connection(config);
            stream.limit(Some(PATIENCE))?;
            while connection.is_handshaking() {
                connection.complete_io(&mut stream)?;
            }
            stream.limit(None)?;
            tls = Some(Box::new(connection));
        }
        match &stream {
            Stream::Tcp(stream) => stream.set_nonblocking(true)?,
            #[cfg(unix)]
            Stream::Unix(stream) => stream.set_nonblocking(true)?,
        }
        Ok(Self { stream, tls })
    }

    /// Sends some of these bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.flush()? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let Some(tls) = &mut self.tls else {
            return self.stream.write(bytes);
        };
        let size = tls.writer().write(&bytes[..bytes.len().min(16 << 10)])?;
        self.flush()?;
        Ok(size)
    }

    /// Sends what TLS still has. False: there is no room for it.
    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        if let Some(tls) = &mut self.tls {
            while tls.wants_write() {
                match tls.write_tls(&mut self.stream) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                    written => written?,
                };
            }
        }
        Ok(true)
    }

    /// Reads some bytes. `Ok(0)`: the end; over TLS one that says that it is one, else it is `UnexpectedEof`.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return self.stream.read(buffer);
        };
        loop {
            match tls.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            tls.read_tls(&mut self.stream)?;
            tls.process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
    }

    /// Sends the end; what was sent before has to have left.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            return Ok(());
        }
        match &self.stream {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }

    /// The close that follows is a reset, where there is such a thing.
    pub(crate) fn reset(&self) {
        #[cfg_attr(
            not(unix),
            allow(irrefutable_let_patterns, reason = "there is TCP alone")
        )]
        if let Stream::Tcp(stream) = &self.stream {
            let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
    }

    /// Lets a moment pass: the standard library does not tell when there is something to read or room to write.
    #[cfg(not(unix))]
    pub(crate) fn wait(&self, _write: bool, time: Duration) {
        std::thread::sleep(time.min(Duration::from_millis(1)));
    }

    /// Waits until there is something to read, or room to write if that is wanted.
    #[cfg(unix)]
    pub(crate) fn wait(&self, write: bool, time: Duration) {
        let write = write || self.tls.as_ref().is_some_and(|tls| tls.wants_write());
        let mut flags = PollFlags::IN;
        flags.set(PollFlags::OUT, write);
        let mut descriptors = [match &self.stream {
            Stream::Tcp(stream) => PollFd::from_borrowed_fd(stream.as_fd(), flags),
            Stream::Unix(stream) => PollFd::from_borrowed_fd(stream.as_fd(), flags),
        }];
        let time = Timespec {
            tv_sec: time.as_secs() as i64,
            tv_nsec: time.subsec_nanos().into(),
        };
        let _ = poll(&mut descriptors, Some(&time));
    }
}

impl Stream {
    fn limit(&self, time: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(time),
            #[cfg(unix)]
            Self::Unix(stream) => stream.set_read_timeout(time),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            #[cfg(unix)]
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(buffer),
            #[cfg(unix)]
            Self::Unix(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
