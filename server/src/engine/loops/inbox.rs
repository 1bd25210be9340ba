//! What other threads tell a loop of its live connections, and the walk over the receivers of a topic.

use crate::engine::net::poller::Token;
use crate::live::channel::home::{Home, Receivers, Word};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Receivers of a topic that are served before the loop looks at its sockets again: few, so that a request waits for
/// few writes.
const SLICE: usize = 16;

/// Words whose memory is kept.
const WORDS: usize = 64;

/// A loop, as those who publish see it.
#[derive(Default)]
pub(crate) struct Inbox {
    words: Mutex<Vec<Word>>,
    /// There are some.
    told: AtomicBool,
    /// Live connections of this loop.
    live: AtomicUsize,
    /// Wakes the loop if it sleeps.
    wake: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl Inbox {
    pub(crate) fn wakes(&self, wake: impl Fn() + Send + Sync + 'static) {
        let _ = self.wake.set(Box::new(wake));
    }

    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    /// Asked behind saying that the loop sleeps, so that a word is seen here or wakes it.
    pub(crate) fn has_words(&self) -> bool {
        self.told.load(Ordering::SeqCst)
    }

    /// Exchanges the words for an empty list, whose memory the next ones go to: a publisher takes none.
    fn take(&self, taken: &mut Vec<Word>) {
        if self.has_words() {
            let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
            self.told.store(false, Ordering::SeqCst);
            std::mem::swap(&mut *words, taken);
        }
    }
}

impl Home for Inbox {
    fn tell(&self, word: Word) {
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        words.push(word);
        self.told.store(true, Ordering::SeqCst);
        drop(words);
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }

    fn joined(&self) {
        self.live.fetch_add(1, Ordering::Relaxed);
    }

    fn left(&self) {
        self.live.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Topics with news, each with how many of its receivers are still to be told. Under the loop's lock, so that it
/// survives a take-over.
#[derive(Default)]
pub(crate) struct FanOut {
    topics: VecDeque<(Arc<dyn Receivers>, usize)>,
    /// Memory for words, empty between two looks.
    words: Vec<Word>,
}

impl FanOut {
    pub(crate) fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Takes the words of others, and gives the next receivers to `ready`.
    pub(crate) fn go_on(&mut self, inbox: &Inbox, mut ready: impl FnMut(Token)) {
        inbox.take(&mut self.words);
        for word in self.words.drain(..) {
            match word {
                Word::Connection(token) => ready(Token(token)),
                Word::Many(lane) => {
                    let receivers = lane.begin();
                    self.topics.push_back((lane, receivers));
                }
            }
        }
        self.words.shrink_to(WORDS);
        if let Some((lane, at)) = self.topics.pop_front() {
            let at = lane.slice(at, SLICE, &mut |token| ready(Token(token)));
            if at > 0 {
                // Topics take turns.
                self.topics.push_back((lane, at));
            }
        }
    }
}
