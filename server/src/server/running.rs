//! [`Running`]: a server that serves on a thread of its own.

use crate::connection::server_info::Shutdown;
use std::net::SocketAddr;
use std::thread::JoinHandle;

/// A server that runs on a thread of its own. When this value is dropped, the server ends gracefully, and the drop
/// waits for that.
///
/// ```
/// # use doget::{HttpServer, handler};
/// # struct Hello;
/// # #[handler]
/// # impl Hello {
/// #     fn do_GET(&self) -> &'static str {
/// #         "hello"
/// #     }
/// # }
/// let running = HttpServer::bind("localhost:0")?.spawn(Hello)?;
/// let address = running.local_addr();
/// // ... requests to that address ...
/// running.shutdown().graceful();
/// running.join();
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Running {
    addresses: Vec<SocketAddr>,
    shutdown: Shutdown,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(super) fn new(
        addresses: Vec<SocketAddr>,
        shutdown: Shutdown,
        thread: JoinHandle<()>,
    ) -> Self {
        Self {
            addresses,
            shutdown,
            thread: Some(thread),
        }
    }

    /// The first address that the server listens on; `None` if it listens on Unix domain sockets only.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// All addresses that the server listens on, without Unix domain sockets.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The handle that ends this server.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Waits until the server has ended. This call does not end it: use [`shutdown`](Self::shutdown) for that.
    pub fn join(mut self) {
        self.wait();
    }

    fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.graceful();
        self.wait();
    }
}
