//! Both ways to resolve a path, over a real directory.

use crate::files::root::Root as Opener;
use crate::files::root::entry::{FileKind, Opened, Refusal, Symlinks};
use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A directory of this test's own, gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("doget-root-{}-{name}", std::process::id()));
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
        root.system().tree.resolve_by_hand(by_hand);
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
    // Not by a call of rustix, which has none for it on Apple's systems.
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
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
