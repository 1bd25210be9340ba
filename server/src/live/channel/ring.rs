//! A bounded ring of frames, and cursors on it.
//!
//! Publishing puts a frame into the ring and leaves word with each loop that has receivers; each loop then walks its
//! own receivers. So a publisher pays for loops and not for receivers, calls no code of users, and a receiver that is
//! slow costs no memory: its cursor stays behind, and what becomes of it when the ring has moved on is [`Lag`].
//!
//! Locks: the ring's own stands alone; a lane's list is taken with a loop's lock held, never the other way round.

use crate::live::channel::frame::{Content, Frame};
use crate::live::channel::home::{Address, Home, Receivers, Word};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// What becomes of a receiver that is too slow: one whose place in the ring is taken by newer messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lag {
    /// It is closed: a socket with 1013, an event stream by its end, after which the browser connects anew with the id
    /// of its last event. The default, since gaps that nobody sees are worse.
    #[default]
    Close,
    /// It goes on with the oldest message that is kept, and [`Socket::on_lag`](crate::live::Socket::on_lag) is told how
    /// many it missed.
    Skip,
    /// Whoever does not take messages as they come gets the newest alone once it does: for states, where an old one is
    /// of no use.
    Latest,
}

/// How many messages a topic has seen, and lost for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicStats {
    /// Messages published since the start.
    pub published: u64,
    /// Receivers there are now.
    pub receivers: usize,
    /// How often a receiver was too slow.
    pub lagged: u64,
    /// How often a receiver that was not slow was overtaken, before its loop had time for it: the topic's size is too
    /// small for its bursts.
    pub overrun: u64,
    /// Messages that receivers missed.
    pub missed: u64,
}

pub(crate) struct Ring {
    epoch: u64,
    pub(crate) capacity: usize,
    /// Messages that a new receiver gets.
    pub(crate) keep: u64,
    pub(crate) lag: Lag,
    /// The number of the next message: for receivers who only want to know whether there is news.
    next: AtomicU64,
    lagged: AtomicU64,
    overrun: AtomicU64,
    missed: AtomicU64,
    state: Mutex<RingState>,
}

struct RingState {
    frames: VecDeque<Arc<Frame>>,
    /// The number of the first.
    first: u64,
    cost: usize,
    /// Memory for the next frame: see [`Ring::make_ready`].
    spare: Option<Arc<Frame>>,
    /// Copied on write, so that a publisher takes all of them by one count.
    lanes: Arc<[Arc<Lane>]>,
}

/// The receivers of one topic on one loop.
pub(crate) struct Lane {
    home: Arc<dyn Home>,
    /// The loop has word already.
    marked: AtomicBool,
    receivers: Mutex<Vec<u64>>,
}

/// A place in a ring.
pub(crate) struct Cursor {
    pub(crate) ring: Arc<Ring>,
    next: u64,
    /// Once its connection lives on a loop.
    lane: Option<Arc<Lane>>,
}

impl Ring {
    pub(crate) fn new(capacity: usize, keep: u64, lag: Lag) -> Self {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Self {
            // Microseconds: rings of one process differ too, in all but a made-up case.
            epoch: since.as_micros() as u64,
            capacity,
            keep,
            lag,
            next: AtomicU64::new(0),
            lagged: AtomicU64::new(0),
            overrun: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            state: Mutex::new(RingState {
                frames: VecDeque::new(),
                first: 0,
                cost: 0,
                spare: None,
                lanes: Arc::new([]),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, RingState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn publish(&self, content: Content) {
        let mut old = Vec::new();
        let lanes = {
            let mut state = self.lock();
            let number = state.first + state.frames.len() as u64;
            let frame = state.frame(content, (self.epoch, number));
            state.cost += frame.cost();
            state.frames.push_back(frame);
            // The newest stays, however large it is.
            while state.cost > self.capacity && state.frames.len() > 1 {
                let Some(frame) = state.frames.pop_front() else {
                    break;
                };
                state.cost -= frame.cost();
                state.first += 1;
                old.push(frame);
            }
            self.next.store(number + 1, Ordering::Release);
            Arc::clone(&state.lanes)
        };
        for lane in lanes.iter() {
            if !lane.marked.swap(true, Ordering::SeqCst) {
                lane.home.tell(Word::Many(Arc::clone(lane) as _));
            }
        }
    }

    /// Takes memory for the next frame, which a reader does: the first touch of a page costs some 20 us where much else
    /// has run since the last one, ten times what else a publisher does.
    #[cold]
    fn make_ready(&self) {
        let spare = Arc::new(Frame::new(Content::Binary(Vec::new()), None));
        let mut state = self.lock();
        state.frames.reserve(1);
        state.spare.get_or_insert(spare);
    }

    pub(crate) fn stats(&self) -> TopicStats {
        let lanes = Arc::clone(&self.lock().lanes);
        TopicStats {
            published: self.next.load(Ordering::Acquire),
            receivers: lanes.iter().map(|lane| lane.lock().len()).sum(),
            lagged: self.lagged.load(Ordering::Relaxed),
            overrun: self.overrun.load(Ordering::Relaxed),
            missed: self.missed.load(Ordering::Relaxed),
        }
    }

    /// A cursor for whoever comes now: the messages that the topic keeps for newcomers are before it.
    pub(crate) fn subscribe(self: &Arc<Self>) -> Cursor {
        let state = self.lock();
        let next = state.first + state.frames.len() as u64;
        let next = next.saturating_sub(self.keep).max(state.first);
        drop(state);
        self.cursor(next)
    }

    /// A cursor behind the event of this id, as far as it is one of this ring; else before all that is kept. And
    /// whether something is missing between.
    pub(crate) fn resume(self: &Arc<Self>, id: Option<(u64, u64)>) -> (Cursor, bool) {
        let state = self.lock();
        let (first, end) = (state.first, state.first + state.frames.len() as u64);
        drop(state);
        match id {
            Some((epoch, number)) if epoch == self.epoch && number < end => {
                let wanted = number + 1;
                (self.cursor(wanted.max(first)), wanted < first)
            }
            _ => (self.cursor(first), false),
        }
    }

    fn cursor(self: &Arc<Self>, next: u64) -> Cursor {
        Cursor {
            ring: Arc::clone(self),
            next,
            lane: None,
        }
    }

    fn lane(&self, home: &Arc<dyn Home>) -> Arc<Lane> {
        let mut state = self.lock();
        if let Some(lane) = (state.lanes.iter()).find(|lane| Arc::ptr_eq(&lane.home, home)) {
            return Arc::clone(lane);
        }
        let lane = Arc::new(Lane {
            home: Arc::clone(home),
            marked: AtomicBool::new(false),
            receivers: Mutex::default(),
        });
        // Lanes of servers that have ended have no receivers, and nobody comes back to them.
        let lanes = state.lanes.iter();
        let lanes =
            lanes.filter(|lane| Arc::strong_count(&lane.home) > 1 || !lane.lock().is_empty());
        state.lanes = lanes.cloned().chain([Arc::clone(&lane)]).collect();
        lane
    }
}

impl RingState {
    fn frame(&mut self, content: Content, id: (u64, u64)) -> Arc<Frame> {
        let frame = Frame::new(content, Some(id));
        if let Some(mut spare) = self.spare.take()
            && let Some(room) = Arc::get_mut(&mut spare)
        {
            *room = frame;
            return spare;
        }
        Arc::new(frame)
    }
}

impl Lane {
    fn lock(&self) -> MutexGuard<'_, Vec<u64>> {
        self.receivers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn remove(&self, token: u64) {
        let mut list = self.lock();
        if let Some(at) = list.iter().position(|&known| known == token) {
            list.swap_remove(at);
        }
    }
}

impl Receivers for Lane {
    fn begin(&self) -> usize {
        // Before the length is read: whoever comes behind this has seen what was published before.
        self.marked.store(false, Ordering::SeqCst);
        self.lock().len()
    }

    fn slice(&self, at: usize, most: usize, receiver: &mut dyn FnMut(u64)) -> usize {
        let list = self.lock();
        let at = at.min(list.len());
        let start = at.saturating_sub(most);
        let slice = list.get(start..at).unwrap_or_default();
        for &token in slice.iter().rev() {
            receiver(token);
        }
        start
    }
}

impl Cursor {
    pub(crate) fn is_of(&self, ring: &Arc<Ring>) -> bool {
        Arc::ptr_eq(&self.ring, ring)
    }

    /// From here on its connection hears of news.
    pub(crate) fn register(&mut self, address: &Address) {
        if self.lane.is_none() {
            let lane = self.ring.lane(&address.home);
            lane.lock().push(address.token);
            self.lane = Some(lane);
        }
    }

    /// Nobody hears of news any more.
    pub(crate) fn unregister(&mut self, address: &Address) {
        if let Some(lane) = self.lane.take() {
            lane.remove(address.token);
        }
    }

    pub(crate) fn has_news(&self) -> bool {
        self.ring.next.load(Ordering::Acquire) > self.next
    }

    /// Hands out the frames from here on, some `room` bytes of them and one at least, without going on. How many were
    /// missed before them, as far as the receiver is `blocked`. A publisher waits meanwhile: `frame` only takes note.
    pub(crate) fn peek(
        &mut self,
        room: usize,
        blocked: bool,
        mut frame: impl FnMut(&Arc<Frame>),
    ) -> u64 {
        let state = self.ring.lock();
        let end = state.first + state.frames.len() as u64;
        let mut wanted = self.next.max(state.first);
        if blocked && self.ring.lag == Lag::Latest {
            wanted = wanted.max(end.saturating_sub(1));
        }
        let missed = wanted - self.next;
        self.next = wanted;
        let mut size = 0;
        for known in state.frames.iter().skip((wanted - state.first) as usize) {
            frame(known);
            size += known.length();
            if size >= room {
                break;
            }
        }
        let lacks_spare = state.spare.is_none();
        drop(state);
        if lacks_spare {
            self.ring.make_ready();
        }
        if missed > 0 {
            let kind = if blocked {
                &self.ring.lagged
            } else {
                &self.ring.overrun
            };
            kind.fetch_add(1, Ordering::Relaxed);
            self.ring.missed.fetch_add(missed, Ordering::Relaxed);
        }
        missed
    }

    /// The next frame has left.
    pub(crate) fn advance(&mut self) {
        self.next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Home for Bell {
        fn tell(&self, _: Word) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn joined(&self) {}
        fn left(&self) {}
    }

    fn texts(cursor: &mut Cursor, blocked: bool) -> (u64, Vec<String>) {
        let mut texts = Vec::new();
        let missed = cursor.peek(usize::MAX, blocked, |frame| match &frame.content {
            Content::Text(text) => texts.push(text.clone()),
            other => panic!("{other:?}"),
        });
        for _ in &texts {
            cursor.advance();
        }
        (missed, texts)
    }

    fn publish(ring: &Ring, text: &str) {
        ring.publish(Content::Text(text.to_owned()));
    }

    #[test]
    fn a_cursor_gets_what_came_after_it_in_order() {
        let ring = Arc::new(Ring::new(1 << 20, 0, Lag::Close));
        publish(&ring, "before");
        let mut cursor = ring.subscribe();
        assert!(!cursor.has_news());
        publish(&ring, "a");
        publish(&ring, "b");
        assert!(cursor.has_news());
        assert_eq!(texts(&mut cursor, false), (0, vec!["a".into(), "b".into()]));
        assert!(!cursor.has_news());
    }

    #[test]
    fn memory_is_bounded_and_what_is_lost_is_counted() {
        let ring = Arc::new(Ring::new(10 * 130, 0, Lag::Skip));
        let mut cursor = ring.subscribe();
        for number in 0..25 {
            publish(&ring, &(number % 10).to_string());
        }
        let (missed, texts) = texts(&mut cursor, true);
        assert_eq!((missed, texts.len()), (15, 10));
        let stats = ring.stats();
        assert_eq!((stats.lagged, stats.overrun, stats.missed), (1, 0, 15));
    }

    #[test]
    fn latest_is_the_last_alone_for_whoever_is_slow() {
        let ring = Arc::new(Ring::new(1 << 20, 1, Lag::Latest));
        for text in ["a", "b", "c"] {
            publish(&ring, text);
        }
        let mut late = ring.subscribe();
        assert_eq!(texts(&mut late, false), (0, vec!["c".into()]));
        for text in ["d", "e", "f"] {
            publish(&ring, text);
        }
        assert_eq!(texts(&mut late, true), (2, vec!["f".into()]));
    }

    #[test]
    fn s12_a_stream_goes_on_where_its_id_says() {
        let ring = Arc::new(Ring::new(3 * 130, 0, Lag::Close));
        for text in ["a", "b", "c", "d"] {
            publish(&ring, text);
        }
        let epoch = ring.epoch;
        let all = (0, vec!["b".into(), "c".into(), "d".into()]);
        let at = |id: Option<(u64, u64)>| {
            let (mut cursor, lacks) = ring.resume(id);
            (texts(&mut cursor, false), lacks)
        };
        assert_eq!(at(Some((epoch, 2))), ((0, vec!["d".into()]), false));
        assert_eq!(at(Some((epoch, 3))), ((0, vec![]), false));
        assert_eq!(at(Some((epoch, 0))), (all.clone(), false));
        publish(&ring, "e");
        let later = (0, vec!["c".into(), "d".into(), "e".into()]);
        assert_eq!(at(Some((epoch, 0))), (later.clone(), true));
        assert_eq!(at(Some((epoch + 1, 2))), (later.clone(), false));
        assert_eq!(at(Some((epoch, 99))), (later.clone(), false));
        assert_eq!(at(None), (later, false));
    }

    #[test]
    fn publishing_tells_a_loop_once_until_it_looks() {
        let (ring, bell) = (
            Arc::new(Ring::new(1 << 20, 0, Lag::Close)),
            Arc::new(Bell::default()),
        );
        let home: Arc<dyn Home> = Arc::clone(&bell) as _;
        let mut cursors: Vec<_> = (0..5).map(|_| ring.subscribe()).collect();
        let address = |token| Address {
            home: Arc::clone(&home),
            token,
        };
        for (token, cursor) in cursors.iter_mut().enumerate() {
            cursor.register(&address(token as u64));
        }
        for _ in 0..100 {
            publish(&ring, "x");
        }
        assert_eq!(bell.0.load(Ordering::Relaxed), 1);
        let lane = ring.lane(&home);
        let mut at = lane.begin();
        let mut seen = Vec::new();
        while at > 0 {
            at = lane.slice(at, 2, &mut |token| seen.push(token));
        }
        assert_eq!(seen, [4, 3, 2, 1, 0]);
        publish(&ring, "y");
        assert_eq!(bell.0.load(Ordering::Relaxed), 2);
        cursors[4].unregister(&address(4));
        assert_eq!(ring.stats().receivers, 4);
    }
}
