//! What a request asks of its handler: everything about it follows from the words of its target.

use crate::dice::Dice;
use std::sync::OnceLock;

/// All bodies are parts of these bytes, which repeat nowhere: a part says which request it belongs to.
pub(crate) fn content() -> &'static [u8] {
    static CONTENT: OnceLock<Vec<u8>> = OnceLock::new();
    CONTENT.get_or_init(|| {
        let mut dice = Dice::new(0);
        (0..CONTENT_SIZE / 8)
            .flat_map(|_| dice.next().to_le_bytes())
            .collect()
    })
}

pub(crate) const CONTENT_SIZE: usize = 2 << 20;

/// The longest body of an answer, and of a request.
pub(crate) const LONGEST: usize = 700_000;

/// What a handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Deed {
    /// Answers at once.
    Instant,
    /// Computes first.
    Burn,
    /// Sleeps first.
    Sleep,
    /// The same, and says so.
    Blocking,
    /// Answers with a body that is whole in memory.
    Big,
    /// Writes its body piece by piece.
    Stream,
    /// Leaves a part of a file to the server.
    File,
    /// Answers with an error page.
    Missing,
    PanicBefore,
    /// Panics behind the first byte.
    PanicWithin,
    /// Fails behind the first byte.
    FailWithin,
    /// Announces more than it writes.
    Short,
    /// Announces more than its file has.
    ShortFile,
    /// Answers at once, without a look at the body of the request.
    Ignore,
    /// Answers with an error page, without a look at the body of the request.
    Refuse,
    /// Streams its answer, without a look at the body of the request.
    Talk,
    /// Reads a part of the body and answers with that.
    Half,
    /// Reads a part of the body and panics.
    Trip,
    /// Reads the whole body and answers with it.
    Echo,
    /// The same, piece by piece.
    Duplex,
    /// The same, with a body that the server collects.
    Collect,
}

impl Deed {
    pub(crate) const ALL: [Self; 21] = [
        Self::Instant,
        Self::Burn,
        Self::Sleep,
        Self::Blocking,
        Self::Big,
        Self::Stream,
        Self::File,
        Self::Missing,
        Self::PanicBefore,
        Self::PanicWithin,
        Self::FailWithin,
        Self::Short,
        Self::ShortFile,
        Self::Ignore,
        Self::Refuse,
        Self::Talk,
        Self::Half,
        Self::Trip,
        Self::Echo,
        Self::Duplex,
        Self::Collect,
    ];

    pub(crate) fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Ignore | Self::Refuse | Self::Talk | Self::Half | Self::Trip => "POST",
            Self::Echo | Self::Duplex => "POST",
            Self::Collect => "PUT",
            _ => "GET",
        }
    }

    pub(crate) fn has_body(self) -> bool {
        self.method() != "GET"
    }

    /// Its answer begins and breaks off.
    pub(crate) fn breaks_off(self) -> bool {
        matches!(
            self,
            Self::PanicWithin | Self::FailWithin | Self::Short | Self::ShortFile
        )
    }
}

/// Which request of which connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) connection: u32,
    pub(crate) number: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) deed: Deed,
    pub(crate) id: Id,
    pub(crate) seed: u64,
}

/// A step of a handler that writes piece by piece.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) size: usize,
    pub(crate) flush: bool,
    pub(crate) nap: bool,
}

impl Task {
    /// `/stream/3.14.abcdef`.
    pub(crate) fn target(&self) -> String {
        format!("/{}/{}", self.deed.word(), self.words())
    }

    /// `3.14.abcdef`.
    pub(crate) fn words(&self) -> String {
        let Id { connection, number } = self.id;
        format!("{connection}.{number}.{:x}", self.seed)
    }

    pub(crate) fn parse(target: &str) -> Option<Self> {
        let (word, words) = target.strip_prefix('/')?.split_once('/')?;
        let deed = Deed::ALL.into_iter().find(|deed| deed.word() == word)?;
        let mut words = words.split('.');
        let id = Id {
            connection: words.next()?.parse().ok()?,
            number: words.next()?.parse().ok()?,
        };
        let seed = u64::from_str_radix(words.next()?, 16).ok()?;
        words.next().is_none().then_some(Self { deed, id, seed })
    }

    fn dice(&self, purpose: u64) -> Dice {
        Dice::of(self.seed, purpose)
    }

    /// Bytes of the answer's own body. Of one that breaks off: those that are written before.
    fn size(&self) -> usize {
        let mut dice = self.dice(1);
        match self.deed {
            Deed::Instant | Deed::Ignore => dice.roll(400),
            Deed::Burn | Deed::Sleep | Deed::Blocking => dice.roll(3_000),
            Deed::PanicWithin | Deed::FailWithin | Deed::Short | Deed::ShortFile => {
                1 + dice.size(200_000)
            }
            _ => dice.size(LONGEST),
        }
    }

    fn offset(&self) -> usize {
        match self.deed {
            // At the file's end.
            Deed::ShortFile => CONTENT_SIZE - self.size(),
            _ => self.dice(2).roll(CONTENT_SIZE - LONGEST - 1),
        }
    }

    /// Where its body, which it writes itself, lies in the content.
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        self.offset()..self.offset() + self.size()
    }

    /// The body that it writes itself.
    pub(crate) fn body(&self) -> &'static [u8] {
        &content()[self.range()]
    }

    /// The request's body, of those that have one.
    pub(crate) fn upload(&self) -> &'static [u8] {
        let mut dice = self.dice(3);
        let size = dice.size(LONGEST);
        let offset = dice.roll(CONTENT_SIZE - size);
        &content()[offset..offset + size]
    }

    /// How much of the request's body the handler reads.
    pub(crate) fn reads(&self) -> usize {
        let size = self.upload().len();
        match self.deed {
            Deed::Half | Deed::Trip => self.dice(4).roll(size + 1),
            Deed::Echo | Deed::Duplex | Deed::Collect => size,
            _ => 0,
        }
    }

    /// The steps in which it writes its own body.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut dice = self.dice(5);
        let size = self.size();
        let most = 1 + dice.size(size.max(1));
        let flushes = 1 + dice.roll(20);
        let mut left = size;
        let mut steps = Vec::new();
        while left > 0 {
            let size = (1 + dice.roll(most)).min(left);
            left -= size;
            steps.push(Step {
                size,
                flush: steps.len() < 50 && dice.once_in(flushes),
                nap: steps.len() < 50 && dice.once_in(12),
            });
        }
        steps
    }

    /// Something of the answer leaves before the answer is whole, if more than `ahead` bytes do not wait for that.
    pub(crate) fn is_streamed(&self, ahead: usize) -> bool {
        match self.deed {
            Deed::Stream | Deed::Talk => {
                self.size() > ahead || self.steps().iter().any(|step| step.flush)
            }
            Deed::Duplex => self.upload().len() > ahead,
            deed => deed.breaks_off(),
        }
    }
}
