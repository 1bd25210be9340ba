//! Sockets, loops, threads, deadlines: blocking handlers on event-driven input and output.
//!
//! A few loops, each owned by one thread at a time. The owner waits for its sockets, and the thread that finds a
//! connection readable also parses the request, runs the handler and writes the answer, there and then. A handler
//! that blocks holds the loop, so a [`watchdog`] takes the loop over and gives it to another thread; and a
//! [`predictor`] remembers which requests got stuck, so that the next one of that kind goes to a thread of its own at
//! once. Where requests wait for a loop, their connections go to another ([`balance`]).
//!
//! The rules that everything here keeps:
//!
//! 1. A connection is in its slot, or in exactly one thread's hands with the slot empty. Whoever holds it may use its
//!    socket and buffers.
//! 2. A connection is closed, and its slot's generation raised, only under the loop's lock.
//! 3. The lock is never held over a handler, a read, a write or a wait, and never together with another loop's.
//! 4. Only the thread whose epoch is the loop's waits for events, takes from `ready`, and writes `seq` and `busy`.
//! 5. A connection leaves its loop for another only idle and in the hands of the owner: it leaves the poller, then
//!    the slot, and then it is taken in as a new one is. Registered there, it is looked at: what came meanwhile is
//!    reported.
//! 6. A connection is put into its slot before it is registered, under one lock: an edge that finds no connection is
//!    lost.

pub(crate) mod clock;
pub(crate) mod conn;
pub(crate) mod loops;
pub(crate) mod net;
mod own_line;
mod shared;
pub(crate) mod threads;

pub(crate) use shared::Connect;

use crate::Limits;
use crate::connection::figures::{FiguresSource, ServerFigures};
use crate::connection::networks::Networks;
use crate::connection::server_info::{ServerInfo, ShutdownStage};
use clock::TimeSource;
use conn::Conn;
use loops::event_loop::EventLoop;
use loops::thread_buffers::ThreadBuffers;
use net::abort::AbortSignal;
use net::acceptor::Acceptor;
use net::connection_limit::ConnectionLimit;
use net::listener::Listener;
use net::poller::SystemPoller;
use own_line::OwnLine;
use shared::Shared;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use threads::balance::Loads;
use threads::parker::Parker;
use threads::pool::{Bounds, Pool};
use threads::predictor::Predictor;
use threads::watchdog::Watchdog;
use threads::zone::Occupancy;

/// What a thread is called for.
pub(crate) enum Job {
    /// Own a loop, until it is taken over or the server ends.
    Own { index: usize, epoch: u64 },
    /// Run a handler that is expected to block, and what else its connection has.
    Run {
        conn: Box<Conn>,
        index: usize,
        slot: u32,
    },
}

/// A server's inside.
pub(crate) struct Engine {
    shared: Shared,
    loops: Vec<EventLoop>,
    loads: Loads,
    pool: Pool<Job>,
    watchdog: Watchdog,
}

/// What [`Engine::start`] is given.
pub(crate) struct Plan {
    pub(crate) limits: Limits,
    pub(crate) site: ServerInfo,
    pub(crate) connect: Box<dyn Connect>,
    pub(crate) listeners: Vec<Listener>,
    pub(crate) proxies: Option<Networks>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::Tls>,
    pub(crate) loops: usize,
    pub(crate) once: bool,
    pub(crate) clock: TimeSource,
}

impl Engine {
    /// Starts the loops; the caller goes on.
    pub(crate) fn start(plan: Plan) -> io::Result<Arc<Self>> {
        let Plan {
            limits,
            site,
            connect,
            listeners,
            proxies,
            #[cfg(feature = "tls")]
            tls,
            loops,
            once,
            clock,
        } = plan;
        let acceptor = Acceptor::new(
            listeners,
            #[cfg(feature = "tls")]
            tls,
        );
        let loops = (0..loops.max(1))
            .map(EventLoop::new)
            .collect::<io::Result<Vec<_>>>()?;
        let bounds = Bounds {
            cap: limits.max_threads.max(1) + loops.len(),
            owners: loops.len(),
            reserve: limits.takeover_threads_per_loop.max(1) * loops.len(),
            queue: limits.max_queued_requests,
        };
        let occupancy = Arc::new(Occupancy::default());
        let engine = Arc::new(Self {
            pool: Pool::new(bounds, Arc::clone(&occupancy)),
            watchdog: Watchdog::new(loops.len()),
            loads: Loads::new(loops.len()),
            shared: Shared {
                predictor: Predictor::new(),
                occupancy,
                cut: AbortSignal::new()?,
                #[cfg(feature = "live")]
                ending: AbortSignal::new()?,
                held: OwnLine::default(),
                once: once.then(|| AtomicBool::new(false)),
                start: Instant::now(),
                connection_limit: OwnLine(ConnectionLimit::new(&limits)),
                clock,
                limits,
                site,
                connect,
                acceptor,
                proxies,
            },
            loops,
        });
        for event_loop in &engine.loops {
            engine.shared.acceptor.listen(&event_loop.poller)?;
        }
        threads::watchdog::start(&engine)?;
        let owned = (0..engine.loops.len())
            .all(|index| engine.submit(Job::Own { index, epoch: 0 }).is_ok());
        // Behind them, so that none of the threads on stand-by is taken for a loop's first.
        if !(owned && engine.tend()) {
            engine.end();
            return Err(io::Error::other(
                "the system starts no thread for the server's loops",
            ));
        }
        engine.tell_figures();
        let waking = Arc::downgrade(&engine);
        engine.shared.site.shutdown.on_change(Box::new(move || {
            if let Some(engine) = waking.upgrade() {
                engine.wake();
            }
        }));
        #[cfg(feature = "live")]
        engine.listen_for_news();
        let waking = Arc::downgrade(&engine);
        engine.shared.clock.on_move(move || {
            let engine = waking.upgrade();
            engine.map(|engine| engine.wake()).is_some()
        });
        Ok(engine)
    }

    /// Lets requests ask how much there is in hand.
    fn tell_figures(self: &Arc<Self>) {
        let engine = Arc::downgrade(self);
        let source = FiguresSource::new(move || {
            let Some(engine) = engine.upgrade() else {
                return ServerFigures::default();
            };
            let (shared, pool) = (&engine.shared, engine.pool.figures());
            ServerFigures {
                connections: shared.connection_limit.count(),
                threads: pool.threads,
                takeovers: pool.takeovers,
                waiting: pool.waiting,
                refused: shared.occupancy.refusals(),
                held_bytes: shared.held.load(Ordering::Relaxed),
            }
        });
        // There is one engine for a server's information.
        let _ = self.shared.site.figures.set(source);
    }

    /// Waits until it is told to end or its time is over, and ends: accepts nothing more, lets what runs finish within
    /// the grace period, cuts what is left then. Says whether it was told to.
    pub(crate) fn run(self: &Arc<Self>, deadline: Option<Instant>) -> bool {
        let shutdown = &self.shared.site.shutdown;
        let clock = &self.shared.clock;
        let told = loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(clock.now()));
            let look = left.and_then(|left| Instant::now().checked_add(clock.step(left)));
            if shutdown.wait_beyond(ShutdownStage::Serving, look) > ShutdownStage::Serving {
                break true;
            }
            if deadline.is_some_and(|deadline| clock.now() >= deadline) {
                break false;
            }
        };
        self.wait_to_leave(deadline);
        shutdown.graceful();
        #[cfg(feature = "live")]
        self.shared.ending.cut();
        if self.shared.once.is_none() {
            loops::last_connections::take_in(&self.shared, &self.loops);
        }
        self.shared.acceptor.close(self.pollers());
        // Until then no loop ends.
        self.wake();
        // Too far ahead to be a moment: no end.
        let deadline = clock.now().checked_add(self.shared.limits.shutdown_timeout);
        while !self.is_empty() && shutdown.stage() < ShutdownStage::Cut {
            let left = deadline.map_or(Duration::MAX, |deadline| {
                deadline.saturating_duration_since(clock.now())
            });
            if left.is_zero() {
                break;
            }
            // A connection's end wakes nobody; a short nap is enough here, once in a server's life.
            let nap = Instant::now() + left.min(Duration::from_millis(5));
            shutdown.wait_beyond(ShutdownStage::Draining, Some(nap));
        }
        self.end();
        told
    }

    /// Waits until the time to leave is over, if the server is to leave: everything goes on meanwhile.
    fn wait_to_leave(&self, deadline: Option<Instant>) {
        let shutdown = &self.shared.site.shutdown;
        let clock = &self.shared.clock;
        // Too far ahead to be a moment: no end but by another word.
        let until = clock.now().checked_add(shutdown.delay());
        let until = [until, deadline].into_iter().flatten().min();
        while shutdown.stage() == ShutdownStage::Leaving {
            let left = until.map(|until| until.saturating_duration_since(clock.now()));
            if left.is_some_and(|left| left.is_zero()) {
                return;
            }
            let look = left.and_then(|left| Instant::now().checked_add(clock.step(left)));
            shutdown.wait_beyond(ShutdownStage::Leaving, look);
        }
    }

    /// Whether it has answered its one request.
    pub(crate) fn has_answered(&self) -> bool {
        self.shared.has_answered()
    }

    /// Cuts what is left and waits a moment for the threads: those that are stuck in a handler are left behind.
    fn end(&self) {
        self.shared.site.shutdown.now();
        self.shared.acceptor.close(self.pollers());
        self.shared.cut.cut();
        for event_loop in &self.loops {
            // Not by its owner alone: a handler may hold it.
            let mut state = event_loop.lock();
            state.cut(&self.shared, event_loop);
            loops::owner::leave(&self.shared, state);
        }
        self.wake();
        for job in self.pool.close() {
            if let Job::Run { conn, .. } = job {
                loops::owner::abandon(&self.shared, conn);
            }
        }
        self.watchdog.end();
        self.pool.join(Duration::from_secs(1));
        self.watchdog.join();
        self.shared.site.log.flush(Duration::from_secs(1));
        self.shared.site.error_log.flush(Duration::from_secs(1));
        self.shared.site.shutdown.ended();
    }

    /// Whoever publishes to connections of a loop wakes it, if it sleeps.
    #[cfg(feature = "live")]
    fn listen_for_news(self: &Arc<Self>) {
        for (index, event_loop) in self.loops.iter().enumerate() {
            let engine = Arc::downgrade(self);
            event_loop.inbox.wakes(move || {
                let Some(engine) = engine.upgrade() else {
                    return;
                };
                if let Some(event_loop) = engine.loops.get(index)
                    && !event_loop.busy.load(Ordering::SeqCst)
                {
                    event_loop.wake();
                }
            });
        }
    }

    fn pollers(&self) -> impl Iterator<Item = &SystemPoller> {
        self.loops.iter().map(|event_loop| &event_loop.poller)
    }

    fn is_empty(&self) -> bool {
        self.shared.connection_limit.count() == 0
    }

    fn wake(&self) {
        for event_loop in &self.loops {
            event_loop.wake();
        }
        self.watchdog.wake();
    }

    fn submit(self: &Arc<Self>, job: Job) -> Result<(), Job> {
        let now = self.shared.now_millis();
        let submitted = self.pool.submit(job, now, &|parker| self.thread(parker));
        if self.shared.occupancy.needs_care() {
            self.watchdog.rouse();
        }
        submitted
    }

    /// See [`Pool::tend`].
    fn tend(self: &Arc<Self>) -> bool {
        self.pool.tend(&|parker| self.thread(parker))
    }

    /// Starts a pool thread.
    fn thread(self: &Arc<Self>, parker: Arc<Parker<Job>>) -> io::Result<()> {
        let engine = Arc::clone(self);
        std::thread::Builder::new()
            .name("doget".to_owned())
            .stack_size(self.shared.limits.thread_stack_size)
            .spawn(move || {
                // Not before there is a job: most threads on stand-by never have one.
                let mut buffers = None;
                engine.pool.work(&parker, |job| {
                    let buffers = buffers.get_or_insert_with(|| {
                        ThreadBuffers::new(engine.shared.limits.response_buffer_size)
                    });
                    match job {
                        Job::Own { index, epoch } => engine.own(index, epoch, buffers),
                        Job::Run { conn, index, slot } => {
                            loops::owner::run(&engine, conn, index, slot, buffers)
                        }
                    }
                });
            })?;
        Ok(())
    }

    /// Owns a loop. What can panic there is caught nearer to where it is; but a loop without an owner would be the
    /// end of all its connections, so whatever nobody thought of costs one of them and a moment.
    fn own(self: &Arc<Self>, index: usize, epoch: u64, buffers: &mut ThreadBuffers) {
        while catch_unwind(AssertUnwindSafe(|| {
            loops::owner::own(self, index, epoch, buffers)
        }))
        .is_err()
        {
            self.shared
                .log_fault(format_args!("a loop goes on after a panic in the server"));
            if let Some(event_loop) = self.loops.get(index) {
                let mut state = event_loop.lock();
                if state.epoch == epoch {
                    state.out = None;
                }
            }
            *buffers = ThreadBuffers::new(self.shared.limits.response_buffer_size);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
