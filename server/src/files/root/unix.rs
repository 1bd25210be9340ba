//! Opening beneath a directory handle: by `openat2` where Linux has it, else component by component.

use crate::files::root::entry::{Entry, FileKind, Metadata, OpenRules, Opened, Refusal, Symlinks};
use crate::semantics::conditional::Modified;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::{Errno, Result};
use std::ffi::CStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// As many links as Linux follows on one path.
const MOST_LINKS: usize = 40;

#[derive(Debug)]
pub(super) struct Root {
    directory: OwnedFd,
    /// Its absolute path without links: an absolute link that begins with it stays inside.
    path: Vec<u8>,
    /// The system has no `openat2`, or a sandbox forbids it.
    by_hand: AtomicBool,
}

/// An open directory.
#[derive(Debug)]
pub(crate) struct Directory(OwnedFd);

/// How a file is opened: to read it, or only to look at it.
#[derive(Clone, Copy)]
enum Purpose {
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

impl Root {
    pub(super) fn new(path: &Path) -> std::io::Result<Self> {
        let path = path.canonicalize()?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            directory: rustix::fs::open(&path, flags, Mode::empty())?,
            path: path.as_os_str().as_bytes().to_vec(),
            by_hand: AtomicBool::new(false),
        })
    }

    pub(super) fn open(
        &self,
        path: &[u8],
        way: OpenRules<'_>,
    ) -> std::result::Result<Opened<Directory>, Refusal> {
        let file = self.resolve(path, way, Purpose::Read)?;
        let facts = facts(&rustix::fs::fstat(&file)?);
        match facts.kind {
            FileKind::File => Ok(Opened::File(File::from(file), facts)),
            FileKind::Directory => Ok(Opened::Directory(Directory(file))),
            FileKind::Special => Err(Refusal::NotFound),
        }
    }

    pub(super) fn look(
        &self,
        path: &[u8],
        way: OpenRules<'_>,
    ) -> std::result::Result<Metadata, Refusal> {
        let file = self.resolve(path, way, Purpose::Look)?;
        Ok(facts(&rustix::fs::fstat(&file)?))
    }

    #[cfg(feature = "cgi")]
    pub(super) fn below(
        &self,
        path: &[u8],
        symlinks: Symlinks,
    ) -> std::result::Result<Self, Refusal> {
        let way = OpenRules {
            symlinks,
            closed: &[],
        };
        let directory = self.resolve(path, way, Purpose::Look)?;
        if facts(&rustix::fs::fstat(&directory)?).kind != FileKind::Directory {
            return Err(Refusal::NotFound);
        }
        Ok(Self {
            directory,
            path: self.absolute(path).into_os_string().into_encoded_bytes(),
            by_hand: AtomicBool::new(self.by_hand.load(Ordering::Relaxed)),
        })
    }

    #[cfg(feature = "cgi")]
    pub(super) fn absolute(&self, path: &[u8]) -> std::path::PathBuf {
        use std::ffi::OsStr;
        Path::new(OsStr::from_bytes(&self.path)).join(OsStr::from_bytes(path))
    }

    fn resolve(&self, path: &[u8], way: OpenRules<'_>, purpose: Purpose) -> Result<OwnedFd> {
        let symlinks = way.symlinks;
        if !way.closed.is_empty() {
            return self.walk(path, way, purpose);
        }
        if symlinks == Symlinks::All {
            let path = if path.is_empty() { b"." } else { path };
            return rustix::io::retry_on_intr(|| {
                rustix::fs::openat(&self.directory, path, purpose.flags(), Mode::empty())
            });
        }
        #[cfg(target_os = "linux")]
        if !self.by_hand.load(Ordering::Relaxed) {
            match self.beneath(path, symlinks, purpose) {
                Err(Errno::NOSYS | Errno::PERM) => self.by_hand.store(true, Ordering::Relaxed),
                // An absolute link, which may lead back inside; or another process renames directories all the time.
                Err(Errno::XDEV | Errno::AGAIN) => {}
                result => return result,
            }
        }
        self.walk(path, way, purpose)
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

    /// Opens one component after the other and follows links itself, so that none can lead out, nor through what is closed.
    fn walk(&self, path: &[u8], way: OpenRules<'_>, purpose: Purpose) -> Result<OwnedFd> {
        let closed = self.identities(way.closed);
        let mut above: Vec<OwnedFd> = Vec::new();
        // What is still to be walked, the next one at the end.
        let mut left: Vec<Vec<u8>> = Vec::new();
        push_components(&mut left, path);
        let mut links = 0;
        loop {
            let here = above.last().map_or(self.directory.as_fd(), AsFd::as_fd);
            let Some(name) = left.pop() else {
                return open_here(here, b".", purpose.flags());
            };
            if name == b".." {
                if way.symlinks == Symlinks::All {
                    let parent = open_here(here, b"..", pass_through())?;
                    refuse(&closed, &parent)?;
                    above.push(parent);
                } else {
                    // Above the root is outside.
                    above.pop().ok_or(Errno::XDEV)?;
                }
                continue;
            }
            let flags = if left.is_empty() {
                purpose.flags()
            } else {
                pass_through()
            };
            let error = match open_here(here, &name, flags | OFlags::NOFOLLOW) {
                // To look at a link itself is allowed by `O_PATH`; it is to be followed.
                Ok(file) if is_link(&file) => Errno::LOOP,
                Ok(file) if left.is_empty() => {
                    if let Purpose::Read = purpose {
                        refuse(&closed, &file)?;
                    }
                    return Ok(file);
                }
                Ok(file) => {
                    refuse(&closed, &file)?;
                    above.push(file);
                    continue;
                }
                Err(error) => error,
            };
            // What a link gives here differs from system to system, so it is asked whether it is one.
            let Ok(target) = rustix::fs::readlinkat(here, &name[..], Vec::new()) else {
                return Err(error);
            };
            links += 1;
            if way.symlinks == Symlinks::None || links > MOST_LINKS {
                return Err(Errno::LOOP);
            }
            let target = target.as_bytes();
            if target.first() != Some(&b'/') {
                push_components(&mut left, target);
            } else if way.symlinks == Symlinks::All {
                above.push(open_here(here, b"/", pass_through())?);
                push_components(&mut left, target);
            } else {
                let below = self.below_root(target).ok_or(Errno::XDEV)?;
                above.clear();
                push_components(&mut left, below);
            }
        }
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

/// The number of a file, and of the file system that it is on.
type Identity = (u64, u64);

#[allow(
    clippy::unnecessary_cast,
    reason = "the types differ from system to system"
)]
fn identity(stat: &Stat) -> Identity {
    (stat.st_dev as u64, stat.st_ino as u64)
}

fn refuse(closed: &[Identity], file: &OwnedFd) -> Result<()> {
    if !closed.is_empty() && closed.contains(&identity(&rustix::fs::fstat(file)?)) {
        return Err(Errno::ACCESS);
    }
    Ok(())
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
    rustix::fs::fstat(file)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

#[cfg(not(target_os = "linux"))]
fn is_link(_: &OwnedFd) -> bool {
    false
}

impl Directory {
    /// The entries whose names are wanted, at most so many, and whether there are more. Pipes, sockets and devices are left out,
    /// and so are links unless they are wanted; of a link nothing else is told.
    pub(super) fn entries(
        &self,
        most: usize,
        links: bool,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> std::result::Result<(Vec<Entry>, bool), Refusal> {
        let mut entries = Vec::new();
        let mut more = false;
        self.each(|name, kind| {
            if is_special(kind) || !wanted(name.to_bytes()) {
                return true;
            }
            match facts_of(self.0.as_fd(), name) {
                Some(Some(facts)) if facts.kind == FileKind::Special => {}
                Some(None) if !links => {}
                Some(_) if entries.len() == most => more = true,
                Some(facts) => entries.push(Entry {
                    name: name.to_bytes().into(),
                    link: facts.is_none(),
                    facts,
                }),
                // It is gone.
                None => {}
            }
            !more
        })?;
        Ok((entries, more))
    }

    /// Calls `then` with each name and kind until it returns false. `Dir`, which all systems have, allocates for each name.
    #[cfg(target_os = "linux")]
    fn each(&self, mut then: impl FnMut(&CStr, FileType) -> bool) -> Result<()> {
        let mut room = Vec::with_capacity(32 << 10);
        let mut directory = rustix::fs::RawDir::new(&self.0, room.spare_capacity_mut());
        while let Some(entry) = directory.next() {
            let entry = entry?;
            if !then(entry.file_name(), entry.file_type()) {
                break;
            }
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn each(&self, mut then: impl FnMut(&CStr, FileType) -> bool) -> Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            if !then(entry.file_name(), entry.file_type()) {
                break;
            }
        }
        Ok(())
    }
}

/// Not every file system says of what kind an entry is.
fn is_special(kind: FileType) -> bool {
    !matches!(
        kind,
        FileType::RegularFile | FileType::Directory | FileType::Symlink | FileType::Unknown
    )
}

/// `None` if it is gone, and nothing in it if it is a link.
fn facts_of(directory: BorrowedFd<'_>, name: &CStr) -> Option<Option<Metadata>> {
    let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
    Some((!is_link).then(|| facts(&stat)))
}

#[allow(
    clippy::unnecessary_cast,
    clippy::useless_conversion,
    reason = "the types differ from system to system"
)]
fn facts(stat: &Stat) -> Metadata {
    Metadata {
        kind: match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => FileKind::File,
            FileType::Directory => FileKind::Directory,
            _ => FileKind::Special,
        },
        length: u64::try_from(stat.st_size).unwrap_or_default(),
        modified: Modified {
            seconds: stat.st_mtime as i64,
            nanos: u32::try_from(stat.st_mtime_nsec).unwrap_or_default(),
        },
        changed: Modified {
            seconds: stat.st_ctime as i64,
            nanos: u32::try_from(stat.st_ctime_nsec).unwrap_or_default(),
        },
        inode: stat.st_ino as u64,
        #[cfg(feature = "cgi")]
        executable: stat.st_mode & 0o111 != 0,
    }
}

impl From<Errno> for Refusal {
    fn from(error: Errno) -> Self {
        match error {
            Errno::MFILE | Errno::NFILE | Errno::NOMEM => Self::Exhausted,
            Errno::ACCESS | Errno::PERM => Self::Forbidden,
            _ => Self::NotFound,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::files::root::Root as Opener;
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    /// A directory of this test's own, gone at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("doget-root-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(path.join("root/dir")).unwrap();
            let scratch = Self(path);
            fs::write(scratch.0.join("outside.txt"), "outside").unwrap();
            fs::create_dir(scratch.0.join("root-beside")).unwrap();
            fs::write(scratch.0.join("root-beside/b.txt"), "outside").unwrap();
            fs::write(scratch.root().join("a.txt"), "a").unwrap();
            fs::write(scratch.root().join("dir/b.txt"), "b").unwrap();
            scratch
        }

        fn root(&self) -> PathBuf {
            self.0.join("root")
        }

        fn link(&self, target: impl AsRef<Path>, name: &str) {
            symlink(target, self.root().join(name)).unwrap();
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn text(root: &Opener, path: &str) -> std::result::Result<String, Refusal> {
        let (mut file, facts) = root.open_file(path.as_bytes())?;
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(facts.length, text.len() as u64);
        Ok(text)
    }

    /// Both ways to resolve, which have to agree.
    fn both(scratch: &Scratch, symlinks: Symlinks, test: impl Fn(&Opener)) {
        for by_hand in [false, true] {
            let mut root = Opener::new(&scratch.root()).unwrap();
            root.set_symlinks(symlinks);
            root.system.by_hand.store(by_hand, Ordering::Relaxed);
            test(&root);
        }
    }

    fn links(scratch: &Scratch) {
        scratch.link("a.txt", "file");
        scratch.link("dir", "directory");
        scratch.link("../a.txt", "dir/up");
        scratch.link(scratch.root().join("a.txt"), "absolute");
        scratch.link("file", "second");
        scratch.link("../outside.txt", "out");
        scratch.link("..", "parent");
        scratch.link(scratch.0.join("outside.txt"), "absolute-out");
        scratch.link(scratch.0.join("root-beside/b.txt"), "absolute-beside");
        scratch.link("out", "second-out");
        scratch.link("dir/../../outside.txt", "round-about");
        scratch.link("nothing", "dangling");
        scratch.link("loop", "loop");
        scratch.link("/proc/self/root/etc/passwd", "magic");
    }

    #[test]
    fn plain_files_and_directories() {
        let scratch = Scratch::new("plain");
        for symlinks in [Symlinks::None, Symlinks::Inside, Symlinks::All] {
            both(&scratch, symlinks, |root| {
                assert_eq!(text(root, "a.txt").as_deref(), Ok("a"));
                assert_eq!(text(root, "dir/b.txt").as_deref(), Ok("b"));
                assert!(matches!(root.open(b""), Ok(Opened::Directory(_))));
                assert!(matches!(root.open(b"dir"), Ok(Opened::Directory(_))));
                assert_eq!(root.look(b"dir").unwrap().kind, FileKind::Directory);
                assert_eq!(root.look(b"a.txt").unwrap().length, 1);
                for path in ["nothing", "a.txt/b", "dir/nothing", "dir"] {
                    assert_eq!(text(root, path), Err(Refusal::NotFound), "{path}");
                }
                let long = "x".repeat(300);
                assert_eq!(text(root, &long), Err(Refusal::NotFound));
            });
        }
    }

    #[test]
    fn a31_links_stay_inside() {
        let scratch = Scratch::new("inside");
        links(&scratch);
        both(&scratch, Symlinks::Inside, |root| {
            for (path, content) in [
                ("file", "a"),
                ("directory/b.txt", "b"),
                ("dir/up", "a"),
                ("directory/up", "a"),
                ("absolute", "a"),
                ("second", "a"),
            ] {
                assert_eq!(text(root, path).as_deref(), Ok(content), "{path}");
                assert!(root.look(path.as_bytes()).is_ok(), "{path}");
            }
            for path in [
                "out",
                "parent/outside.txt",
                "parent/root/a.txt",
                "absolute-out",
                "absolute-beside",
                "second-out",
                "round-about",
                "dangling",
                "loop",
                "magic",
            ] {
                assert_eq!(text(root, path), Err(Refusal::NotFound), "{path}");
                assert!(root.look(path.as_bytes()).is_err(), "{path}");
            }
        });
    }

    #[test]
    fn a31_no_links_or_all() {
        let scratch = Scratch::new("others");
        links(&scratch);
        both(&scratch, Symlinks::None, |root| {
            for path in ["file", "directory/b.txt", "dir/up", "absolute", "out"] {
                assert_eq!(text(root, path), Err(Refusal::NotFound), "{path}");
            }
        });
        both(&scratch, Symlinks::All, |root| {
            assert_eq!(text(root, "out").as_deref(), Ok("outside"));
            assert_eq!(text(root, "second-out").as_deref(), Ok("outside"));
            assert_eq!(text(root, "dangling"), Err(Refusal::NotFound));
            assert_eq!(text(root, "loop"), Err(Refusal::NotFound));
        });
    }

    #[test]
    fn a31_a_link_that_changes_all_the_time_never_leads_out() {
        let scratch = Scratch::new("race");
        scratch.link("a.txt", "swap");
        scratch.link("a.txt", "inside");
        scratch.link("../outside.txt", "out");
        let (swap, inside, out) = (
            scratch.root().join("swap"),
            scratch.root().join("inside"),
            scratch.root().join("out"),
        );
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    for target in [&out, &inside] {
                        let spare = swap.with_extension("new");
                        let _ = symlink(fs::read_link(target).unwrap(), &spare);
                        let _ = fs::rename(&spare, &swap);
                    }
                }
            });
            for _ in 0..2_000 {
                both(&scratch, Symlinks::Inside, |root| {
                    if let Ok(text) = text(root, "swap") {
                        assert_eq!(text, "a");
                    }
                });
            }
            stop.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn a32_special_files_are_not_found_at_once() {
        let scratch = Scratch::new("special");
        let pipe = scratch.root().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(scratch.root().join("socket"));
        scratch.link("/dev/zero", "zero");
        for symlinks in [Symlinks::Inside, Symlinks::All] {
            both(&scratch, symlinks, |root| {
                for path in ["pipe", "socket", "zero"] {
                    assert_eq!(text(root, path), Err(Refusal::NotFound), "{path}");
                }
            });
        }
    }

    #[test]
    fn entries_are_what_can_be_fetched_and_links_that_lead_nowhere() {
        let scratch = Scratch::new("entries");
        links(&scratch);
        fs::write(scratch.root().join(".hidden"), "").unwrap();
        let names = |symlinks, most| {
            let mut root = Opener::new(&scratch.root()).unwrap();
            root.set_symlinks(symlinks);
            let Ok(Opened::Directory(directory)) = root.open(b"") else {
                panic!("the root");
            };
            let wanted = |name: &[u8]| !name.starts_with(b".");
            let (mut entries, more) = root.entries(&directory, b"", most, wanted).unwrap();
            entries.sort_by_key(|entry| entry.name.to_vec());
            (entries, more)
        };
        let (entries, more) = names(Symlinks::Inside, 100);
        assert!(!more);
        let told: Vec<_> = entries
            .iter()
            .map(|entry| {
                let name = std::str::from_utf8(&entry.name).unwrap();
                (name, entry.link, entry.facts.map(|facts| facts.kind))
            })
            .collect();
        assert_eq!(
            told,
            [
                ("a.txt", false, Some(FileKind::File)),
                ("absolute", true, Some(FileKind::File)),
                ("absolute-beside", true, None),
                ("absolute-out", true, None),
                ("dangling", true, None),
                ("dir", false, Some(FileKind::Directory)),
                ("directory", true, Some(FileKind::Directory)),
                ("file", true, Some(FileKind::File)),
                ("loop", true, None),
                ("magic", true, None),
                ("out", true, None),
                ("parent", true, None),
                ("round-about", true, None),
                ("second", true, Some(FileKind::File)),
                ("second-out", true, None),
            ]
        );
        assert_eq!(names(Symlinks::None, 100).0.len(), 2);
        let (entries, more) = names(Symlinks::Inside, 3);
        assert_eq!((entries.len(), more), (3, true));
    }

    #[test]
    fn the_root_is_held_though_it_is_renamed() {
        let scratch = Scratch::new("renamed");
        both(&scratch, Symlinks::Inside, |root| {
            let away = scratch.0.join("away");
            fs::rename(scratch.root(), &away).unwrap();
            assert_eq!(text(root, "a.txt").as_deref(), Ok("a"));
            fs::rename(&away, scratch.root()).unwrap();
        });
    }
}
