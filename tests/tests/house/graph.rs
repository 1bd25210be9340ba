//! Files and the arrows between them.

use std::collections::{BTreeMap, BTreeSet};

/// Which file uses which, each with the lines that do so.
#[derive(Debug, Default, Clone)]
pub(crate) struct Graph {
    arrows: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Graph {
    pub(crate) fn add(&mut self, from: &str, to: &str, line: &str) {
        if from != to {
            let lines = self
                .arrows
                .entry((from.to_owned(), to.to_owned()))
                .or_default();
            lines.insert(line.to_owned());
        }
    }

    pub(crate) fn join(&mut self, other: Graph) {
        for (arrow, mut lines) in other.arrows {
            self.arrows.entry(arrow).or_default().append(&mut lines);
        }
    }

    /// The same without some arrows.
    pub(crate) fn without<'a>(
        &self,
        arrows: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Graph {
        let mut rest = self.clone();
        for (from, to) in arrows {
            rest.arrows.remove(&(from.to_owned(), to.to_owned()));
        }
        rest
    }

    pub(crate) fn has(&self, from: &str, to: &str) -> bool {
        self.arrows.contains_key(&(from.to_owned(), to.to_owned()))
    }

    /// The files that are reached from a file, which is one of them only if it lies in a circle.
    pub(crate) fn reached(&self, from: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(file) = open.pop() {
            for (_, to) in self.arrows.keys().filter(|(from, _)| from == file) {
                if reached.insert(to.as_str()) {
                    open.push(to);
                }
            }
        }
        reached
    }

    /// The circles: sets of files, each of which reaches all others of its set.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<&str>> {
        let files: BTreeSet<&str> = self.arrows.keys().map(|(from, _)| from.as_str()).collect();
        let reached: BTreeMap<&str, BTreeSet<&str>> = files
            .into_iter()
            .map(|file| (file, self.reached(file)))
            .collect();
        let mut circles = BTreeSet::new();
        for (file, beyond) in &reached {
            if beyond.contains(file) {
                let back =
                    |other: &&&str| reached.get(**other).is_some_and(|one| one.contains(file));
                circles.insert(
                    beyond
                        .iter()
                        .filter(back)
                        .copied()
                        .collect::<BTreeSet<&str>>(),
                );
            }
        }
        circles.into_iter().collect()
    }

    /// A circle in words: its files, and the lines that close it.
    pub(crate) fn describe(&self, circle: &BTreeSet<&str>) -> String {
        let mut text = format!("a circle of {} files\n", circle.len());
        for ((from, to), lines) in &self.arrows {
            if circle.contains(from.as_str()) && circle.contains(to.as_str()) {
                text.push_str(&format!("  {from} -> {to}\n"));
                // Two of them say enough.
                for line in lines.iter().take(2) {
                    text.push_str(&format!("      {line}\n"));
                }
            }
        }
        text
    }
}
