//! From a path to an open file: by `openat2` where Linux has it, else component by component.

use crate::files::root::entry::{OpenRules, Symlinks};
use crate::files::root::system::stat::{Identity, identity};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::{Errno, Result};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// As many links as Linux follows on one path.
const MOST_LINKS: usize = 40;

/// A directory, and everything beneath it.
#[derive(Debug)]
pub(super) struct Tree {
    directory: OwnedFd,
    identity: Identity,
    /// Its absolute path without links: an absolute link that begins with it stays inside.
    path: Vec<u8>,
    /// The system has no `openat2`, or a sandbox forbids it.
    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "all paths are resolved by hand there")
    )]
    by_hand: AtomicBool,
}

/// How a file is opened: to read it, or only to look at it.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Read,
    Look,
}

impl Purpose {
    fn flags(self) -> OFlags {
        let read = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        match self {
            Self::Read => read,
            #[cfg(target_os = "linux")]
            Self::Look => OFlags::PATH | OFlags::CLOEXEC,
            #[cfg(not(target_os = "linux"))]
            Self::Look => read,
        }
    }
}

impl Tree {
    pub(super) fn new(path: &Path) -> std::io::Result<Self> {
        let path = path.canonicalize()?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(&path, flags, Mode::empty())?;
        Ok(Self {
            identity: identity(&rustix::fs::fstat(&directory)?),
            directory,
            path: path.as_os_str().as_bytes().to_vec(),
            by_hand: AtomicBool::new(false),
        })
    }

    /// Whether this is the directory of that identity.
    pub(super) fn is(&self, identity: Identity) -> bool {
        self.identity == identity
    }

    /// The tree of a directory below.
    #[cfg(feature = "cgi")]
    pub(super) fn below(&self, path: &[u8], directory: OwnedFd, identity: Identity) -> Self {
        Self {
            directory,
            identity,
            path: self.absolute(path).into_os_string().into_encoded_bytes(),
            by_hand: AtomicBool::new(self.by_hand.load(std::sync::atomic::Ordering::Relaxed)),
        }
    }

    #[cfg(feature = "cgi")]
    pub(super) fn absolute(&self, path: &[u8]) -> std::path::PathBuf {
        use std::ffi::OsStr;
        Path::new(OsStr::from_bytes(&self.path)).join(OsStr::from_bytes(path))
    }

    #[cfg(test)]
    pub(super) fn resolve_by_hand(&self, by_hand: bool) {
        self.by_hand
            .store(by_hand, std::sync::atomic::Ordering::Relaxed);
    }

    pub(super) fn resolve(
        &self,
        path: &[u8],
        way: OpenRules<'_>,
        purpose: Purpose,
    ) -> Result<OwnedFd> {
        let symlinks = way.symlinks;
        if !way.closed.is_empty() {
            return Walk::new(self, way, purpose).to(path);
        }
        if symlinks == Symlinks::All {
            let path = if path.is_empty() { b"." } else { path };
            return open_here(self.directory.as_fd(), path, purpose.flags());
        }
        #[cfg(target_os = "linux")]
        if !self.by_hand.load(std::sync::atomic::Ordering::Relaxed) {
            match self.beneath(path, symlinks, purpose) {
                Err(Errno::NOSYS | Errno::PERM) => self
                    .by_hand
                    .store(true, std::sync::atomic::Ordering::Relaxed),
                // An absolute link, which may lead back inside; or another process renames directories all the time.
                Err(Errno::XDEV | Errno::AGAIN) => {}
                result => return result,
            }
        }
        Walk::new(self, way, purpose).to(path)
    }

    #[cfg(target_os = "linux")]
    fn beneath(&self, path: &[u8], symlinks: Symlinks, purpose: Purpose) -> Result<OwnedFd> {
        use rustix::fs::ResolveFlags;
        // A name of the root itself can lead out only as a link, and is found a little faster this way.
        if let Purpose::Read = purpose
            && !path.is_empty()
            && path != b".."
            && !path.contains(&b'/')
        {
            let flags = purpose.flags() | OFlags::NOFOLLOW;
            match open_here(self.directory.as_fd(), path, flags) {
                Err(Errno::LOOP) => {}
                result => return result,
            }
        }
        let path = if path.is_empty() { b"." } else { path };
        let mut resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        if symlinks == Symlinks::None {
            resolve |= ResolveFlags::NO_SYMLINKS;
        }
        rustix::io::retry_on_intr(|| {
            rustix::fs::openat2(
                &self.directory,
                path,
                purpose.flags(),
                Mode::empty(),
                resolve,
            )
        })
    }

    /// Which directories these are now: names may be written in more than one way, and a mount has several.
    fn identities(&self, directories: &[Vec<u8>]) -> Vec<Identity> {
        directories
            .iter()
            .filter_map(|path| {
                let found = rustix::fs::statat(&self.directory, &path[..], AtFlags::empty());
                found.ok().map(|stat| identity(&stat))
            })
            .collect()
    }

    /// The rest of an absolute path that begins with the root's own.
    fn below_root<'t>(&self, target: &'t [u8]) -> Option<&'t [u8]> {
        if self.path == b"/" {
            return Some(target);
        }
        let rest = target.strip_prefix(&self.path[..])?;
        (rest.is_empty() || rest.starts_with(b"/")).then_some(rest)
    }
}

/// Opens one component after the other and follows links itself, so that none can lead out, nor through what is closed.
struct Walk<'w> {
    tree: &'w Tree,
    symlinks: Symlinks,
    purpose: Purpose,
    closed: Vec<Identity>,
    /// The directories on the way, the innermost last; below the root unless it is `outside`.
    above: Vec<OwnedFd>,
    /// What is still to be walked, the next one at the end.
    left: Vec<Vec<u8>>,
    links: usize,
    /// An absolute link is followed from `/`, and has not come to the root yet. The root has more names than its own
    /// path: links lead to it, and mounts. So places are compared, not spellings; nothing is opened out there but
    /// directories to pass.
    outside: bool,
}

impl<'w> Walk<'w> {
    fn new(tree: &'w Tree, way: OpenRules<'_>, purpose: Purpose) -> Self {
        Self {
            tree,
            symlinks: way.symlinks,
            purpose,
            closed: tree.identities(way.closed),
            above: Vec::new(),
            left: Vec::new(),
            links: 0,
            outside: false,
        }
    }

    fn to(mut self, path: &[u8]) -> Result<OwnedFd> {
        push_components(&mut self.left, path);
        loop {
            let Some(name) = self.left.pop() else {
                self.refuse_outside()?;
                return open_here(self.here(), b".", self.purpose.flags());
            };
            if name == b".." {
                self.up()?;
                continue;
            }
            let is_last = self.left.is_empty() && !self.outside;
            let flags = if is_last {
                self.purpose.flags()
            } else {
                pass_through()
            };
            let error = match open_here(self.here(), &name, flags | OFlags::NOFOLLOW) {
                // To look at a link itself is allowed by `O_PATH`; it is to be followed.
                Ok(file) if is_link(&file) => Errno::LOOP,
                Ok(file) if is_last => {
                    if let Purpose::Read = self.purpose {
                        self.refuse_closed(&file)?;
                    }
                    return Ok(file);
                }
                Ok(directory) => {
                    self.down(directory)?;
                    continue;
                }
                Err(error) => error,
            };
            self.follow(&name, error)?;
        }
    }

    fn here(&self) -> BorrowedFd<'_> {
        let root = self.tree.directory.as_fd();
        self.above.last().map_or(root, AsFd::as_fd)
    }

    fn up(&mut self) -> Result<()> {
        if self.symlinks == Symlinks::All {
            let parent = open_here(self.here(), b"..", pass_through())?;
            self.refuse_closed(&parent)?;
            self.above.push(parent);
        } else if !self.outside {
            // Above the root is outside.
            self.above.pop().ok_or(Errno::XDEV)?;
        } else if self.above.len() > 1 {
            // What is above `/` is `/`.
            self.above.pop();
        }
        Ok(())
    }

    fn down(&mut self, directory: OwnedFd) -> Result<()> {
        if self.outside && self.tree.is(identity(&rustix::fs::fstat(&directory)?)) {
            self.outside = false;
            self.above.clear();
            return Ok(());
        }
        if !self.outside {
            self.refuse_closed(&directory)?;
        }
        self.above.push(directory);
        Ok(())
    }

    /// What could not be opened may be a link: what that gives differs from system to system, so it is asked.
    fn follow(&mut self, name: &[u8], error: Errno) -> Result<()> {
        let Ok(target) = rustix::fs::readlinkat(self.here(), name, Vec::new()) else {
            return Err(error);
        };
        self.links += 1;
        if self.symlinks == Symlinks::None || self.links > MOST_LINKS {
            return Err(Errno::LOOP);
        }
        let target = target.as_bytes();
        if target.first() != Some(&b'/') {
            push_components(&mut self.left, target);
        } else if self.symlinks == Symlinks::All {
            self.above
                .push(open_here(self.here(), b"/", pass_through())?);
            push_components(&mut self.left, target);
        } else if let Some(below) = self.tree.below_root(target) {
            self.outside = false;
            self.above.clear();
            push_components(&mut self.left, below);
        } else {
            let top = open_here(self.here(), b"/", pass_through())?;
            self.outside = true;
            self.above.clear();
            push_components(&mut self.left, target);
            self.down(top)?;
        }
        Ok(())
    }

    fn refuse_outside(&self) -> Result<()> {
        if self.outside {
            return Err(Errno::XDEV);
        }
        Ok(())
    }

    fn refuse_closed(&self, file: &OwnedFd) -> Result<()> {
        let closed = &self.closed;
        if !closed.is_empty() && closed.contains(&identity(&rustix::fs::fstat(file)?)) {
            return Err(Errno::ACCESS);
        }
        Ok(())
    }
}

fn push_components(left: &mut Vec<Vec<u8>>, path: &[u8]) {
    let components = path
        .split(|&byte| byte == b'/')
        .filter(|name| !name.is_empty() && *name != b".");
    let at = left.len();
    left.extend(components.map(<[u8]>::to_vec));
    if let Some(new) = left.get_mut(at..) {
        new.reverse();
    }
}

fn open_here(here: BorrowedFd<'_>, name: &[u8], flags: OFlags) -> Result<OwnedFd> {
    rustix::io::retry_on_intr(|| rustix::fs::openat(here, name, flags, Mode::empty()))
}

/// For a directory on the way, which need not be readable where the system has a way to say so.
fn pass_through() -> OFlags {
    #[cfg(target_os = "linux")]
    return OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    return OFlags::RDONLY | OFlags::NONBLOCK | OFlags::DIRECTORY | OFlags::CLOEXEC;
}

#[cfg(target_os = "linux")]
fn is_link(file: &OwnedFd) -> bool {
    rustix::fs::fstat(file).is_ok_and(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::Symlink
    })
}

#[cfg(not(target_os = "linux"))]
fn is_link(_: &OwnedFd) -> bool {
    false
}
