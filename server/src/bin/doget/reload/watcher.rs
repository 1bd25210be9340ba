//! Waits for changes of files, and gathers those that come together.

use super::notices::Notices;
use super::tree::{Change, Snapshot, Tree};
use std::mem;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Files that stay the same for so long are taken to be written.
const QUIET: Duration = Duration::from_millis(50);
/// However long files go on to change, it is told after so many looks.
const MOST_LOOKS: u32 = 40;

pub(super) struct Watcher {
    tree: Tree,
    notices: Notices,
    seen: Snapshot,
    /// The directory that was looked at last.
    root: Option<u64>,
    /// How long a look takes.
    cost: Duration,
    complaint: Option<String>,
}

impl Watcher {
    /// Looks for the first time.
    pub(super) fn new(tree: Tree) -> Self {
        let (notices, complaint) = Notices::new();
        Self::by(notices, complaint, tree)
    }

    fn by(notices: Notices, complaint: Option<String>, tree: Tree) -> Self {
        let mut watcher = Self {
            tree,
            notices,
            seen: Snapshot::default(),
            root: None,
            cost: Duration::ZERO,
            complaint,
        };
        watcher.seen = watcher.look();
        watcher
    }

    /// Of the files as they were seen last.
    pub(super) fn version(&self) -> u64 {
        self.seen.version()
    }

    /// What does not go as it should, once.
    pub(super) fn complaint(&mut self) -> Option<String> {
        self.complaint.take()
    }

    /// Waits until files have changed and are at rest again.
    pub(super) fn next(&mut self) -> Change {
        loop {
            // A tenth of a core at most, however many files there are.
            let is_time = self.notices.wait(self.cost * 10);
            if is_time || self.tree.identity() != self.root {
                let now = self.settled();
                let change = now.since(&self.seen);
                // Without a directory nothing can be loaded: it is about to be made anew.
                if let (Some(change), true) = (change, self.root.is_some()) {
                    self.seen = now;
                    return change;
                }
                sleep(self.cost * 10);
            }
        }
    }

    /// Looks until two looks, with a pause between, show the same.
    fn settled(&mut self) -> Snapshot {
        let mut now = self.look();
        for _ in 0..MOST_LOOKS {
            if now.since(&self.seen).is_none() {
                break;
            }
            sleep(QUIET.max(self.cost * 10));
            let before = mem::take(&mut now);
            now = self.look();
            if now.since(&before).is_none() {
                break;
            }
        }
        now
    }

    fn look(&mut self) -> Snapshot {
        let start = Instant::now();
        self.notices.begin();
        self.root = self.tree.identity();
        let (notices, complaint) = (&mut self.notices, &mut self.complaint);
        let snapshot = self.tree.look(|directory| {
            if let Some(words) = notices.watch(directory) {
                *complaint = Some(words);
            }
        });
        self.notices.end();
        if snapshot.is_cut && !self.seen.is_cut {
            let words = "there are too many files, and not all are looked at";
            self.complaint.get_or_insert_with(|| words.to_owned());
        }
        self.cost = start.elapsed();
        snapshot
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;
    use std::sync::mpsc::channel;

    /// A directory that is watched.
    struct Watched {
        root: PathBuf,
        watcher: Option<Watcher>,
    }

    impl Watched {
        fn new(name: &str, notices: Notices) -> Self {
            let root = std::env::temp_dir()
                .join(format!("doget-reload-{}-{name}", std::process::id()))
                .join("root");
            let _ = fs::remove_dir_all(root.parent().unwrap());
            fs::create_dir_all(root.join("dir")).unwrap();
            for file in ["index.html", "app.css", "dir/page.html", ".hidden"] {
                fs::write(root.join(file), "old").unwrap();
            }
            let watcher = Watcher::by(notices, None, Tree::new(&root, false, None));
            let watcher = Some(watcher);
            Self { root, watcher }
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.root.join(name), text).unwrap();
        }

        /// What is told of all that was done since the last time.
        #[track_caller]
        fn tells(&mut self, change: Change) {
            let mut watcher = self.watcher.take().unwrap();
            let (sender, told) = channel();
            std::thread::spawn(move || {
                let change = watcher.next();
                let _ = sender.send((watcher, change));
            });
            let (watcher, told) = told.recv_timeout(Duration::from_secs(20)).unwrap();
            assert_eq!(told, change);
            assert_eq!(watcher.version(), self.fresh());
            self.watcher = Some(watcher);
        }

        /// The version that another process would see.
        fn fresh(&self) -> u64 {
            Watcher::by(Notices::Clock, None, Tree::new(&self.root, false, None)).version()
        }
    }

    impl Drop for Watched {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(self.root.parent().unwrap());
        }
    }

    fn all_ways(name: &str, test: impl Fn(&mut Watched)) {
        test(&mut Watched::new(&format!("{name}-clock"), Notices::Clock));
        let (system, complaint) = Notices::new();
        assert_eq!(complaint, None);
        test(&mut Watched::new(&format!("{name}-system"), system));
    }

    #[test]
    fn files_that_change_come_go_and_are_renamed_over() {
        all_ways("files", |watched| {
            watched.write("index.html", "new and longer");
            watched.tells(Change::Other);
            watched.write("app.css", "new and longer");
            watched.tells(Change::Styles);
            watched.write("app.css", "new");
            watched.write("dir/more.html", "new");
            watched.tells(Change::Other);
            fs::remove_file(watched.root.join("dir/more.html")).unwrap();
            watched.tells(Change::Other);
            // As editors save: another file of the same length takes the place.
            watched.write(".index.html.swp", "NEW and longer");
            let to = watched.root.join("index.html");
            fs::rename(watched.root.join(".index.html.swp"), to).unwrap();
            watched.tells(Change::Other);
        });
    }

    #[test]
    fn directories_that_come_are_watched_with_what_is_in_them() {
        all_ways("directories", |watched| {
            fs::create_dir_all(watched.root.join("a/b/c")).unwrap();
            watched.write("a/b/c/page.html", "new");
            watched.tells(Change::Other);
            watched.write("a/b/c/page.html", "new and longer");
            watched.tells(Change::Other);
            fs::rename(watched.root.join("a"), watched.root.join("z")).unwrap();
            watched.tells(Change::Other);
            watched.write("z/b/c/page.html", "new");
            watched.tells(Change::Other);
        });
    }

    #[test]
    fn the_root_may_be_made_anew() {
        all_ways("root", |watched| {
            fs::remove_dir_all(&watched.root).unwrap();
            fs::create_dir_all(&watched.root).unwrap();
            watched.write("index.html", "new");
            watched.tells(Change::Other);
            watched.write("index.html", "new and longer");
            watched.tells(Change::Other);
        });
    }

    #[test]
    fn what_is_not_served_is_not_told_and_many_changes_are_one() {
        all_ways("gathered", |watched| {
            for number in 0..200 {
                watched.write(&format!("dir/{number}.html"), "new");
            }
            watched.tells(Change::Other);
            watched.write(".hidden", "new and longer");
            fs::create_dir(watched.root.join(".git")).unwrap();
            watched.write(".git/index", "new");
            watched.write("app.css", "new and longer");
            watched.tells(Change::Styles);
        });
    }

    /// The kernel's queue holds 16,384 notices by default, and drops what comes behind.
    #[test]
    #[cfg(target_os = "linux")]
    fn nothing_is_missed_when_the_queue_was_full() {
        let mut watched = Watched::new("full", Notices::new().0);
        for number in 0..20_000 {
            watched.write("a", "");
            fs::rename(watched.root.join("a"), watched.root.join("b")).unwrap();
            if number % 2 == 0 {
                fs::remove_file(watched.root.join("b")).unwrap();
            }
        }
        fs::create_dir(watched.root.join("new")).unwrap();
        watched.write("new/page.html", "new");
        watched.tells(Change::Other);
        watched.write("new/page.html", "new and longer");
        watched.tells(Change::Other);
    }

    #[test]
    fn more_files_than_are_looked_at_are_told_of() {
        let mut watched = Watched::new("many", Notices::Clock);
        assert_eq!(watched.watcher.as_mut().unwrap().complaint(), None);
        let tree = |most| Tree::new(&watched.root, false, None).at_most(most);
        let complaint = Watcher::by(Notices::Clock, None, tree(2)).complaint();
        assert!(complaint.unwrap().contains("too many files"));
        // They may come while it looks, and are told of once.
        let mut watcher = Watcher::by(Notices::Clock, None, tree(4));
        assert_eq!(watcher.complaint(), None);
        for number in 0..2 {
            watched.write(&format!("{number}.html"), "new");
            watcher.seen = watcher.look();
            assert_eq!(watcher.complaint().is_some(), number == 0);
        }
    }
}
