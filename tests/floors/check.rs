//! What is wrong with a package's imports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::floors::Floors;
use crate::tree::{Import, Tree};

/// Where a file is: its floor, counted from the top, and its part of it.
type Place = (usize, usize);

/// Every import that leads upwards or to the part beside, and every file that is on no floor or on several.
pub(crate) fn problems(tree: &Tree, floors: Floors) -> Vec<String> {
    let mut problems: Vec<String> =
        tree.strays.iter().map(|file| format!("{file} is declared by no module")).collect();
    problems.extend(unused(tree, floors));
    let mut places = BTreeMap::new();
    for file in &tree.files {
        match places_of(file, floors).as_slice() {
            [place] => drop(places.insert(file, *place)),
            [] => {
                problems.push(format!("{file} is on no floor; give it its place in tests/floors/floors.rs"))
            }
            several => {
                let names: Vec<&str> = several.iter().map(|(floor, _)| floors[*floor].name).collect();
                problems.push(format!("{file} is named {} times: {}", several.len(), names.join(", ")));
            }
        }
    }
    for import in &tree.imports {
        if let (Some(from), Some(to)) = (places.get(&import.from), places.get(&import.to)) {
            problems.extend(wrong(import, *from, *to, floors));
        }
    }
    problems
}

fn wrong(import: &Import, from: Place, to: Place, floors: Floors) -> Option<String> {
    let (below, above) = (floors[from.0].name, floors[to.0].name);
    if from.0 > to.0 {
        return Some(format!("{import}: from the floor `{below}` up to `{above}`"));
    }
    (from.0 == to.0 && from.1 != to.1)
        .then(|| format!("{import}: the parts of the floor `{below}` do not import one another"))
}

fn places_of(file: &str, floors: Floors) -> Vec<Place> {
    let mut places = Vec::new();
    for (floor, part, entry) in entries(floors) {
        if holds(entry, file) {
            places.push((floor, part));
        }
    }
    places
}

fn entries(floors: Floors) -> impl Iterator<Item = (usize, usize, &'static str)> {
    floors.iter().enumerate().flat_map(|(number, floor)| {
        let parts = floor.parts.iter().enumerate();
        parts.flat_map(move |(part, entries)| entries.iter().map(move |entry| (number, part, *entry)))
    })
}

/// Whether an entry is this file, or the directory that it lies in: `src/a` has `src/a.rs` too.
fn holds(entry: &str, file: &str) -> bool {
    file.strip_prefix(entry).is_some_and(|rest| rest.is_empty() || rest == ".rs" || rest.starts_with('/'))
}

fn unused(tree: &Tree, floors: Floors) -> Vec<String> {
    let unused = entries(floors).filter(|(_, _, entry)| !tree.files.iter().any(|file| holds(entry, file)));
    unused.map(|(floor, _, entry)| format!("the floor `{}` has no {entry}", floors[floor].name)).collect()
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} imports `{}` of {}", self.from, self.line, self.path, self.to)
    }
}

/// Files of which each imports, over others of them, every other.
pub(crate) struct Circle {
    pub(crate) files: BTreeSet<String>,
    /// One import for each pair of them.
    imports: Vec<Import>,
}

/// The circles among the files. Each file is in one at most.
pub(crate) fn circles(tree: &Tree) -> Vec<Circle> {
    let mut next: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for import in &tree.imports {
        next.entry(&import.from).or_default().insert(&import.to);
    }
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        tree.files.iter().map(|file| (file, reached(file, &next))).collect();
    let mut circles = Vec::new();
    let mut done = BTreeSet::new();
    for file in &tree.files {
        let circle: BTreeSet<&String> =
            reach[file].iter().copied().filter(|other| reach[other].contains(file)).collect();
        if !circle.is_empty() && done.insert(circle.clone()) {
            circles.push(Circle::of(&circle, &tree.imports));
        }
    }
    circles
}

/// Every file that a file imports, itself or over others.
fn reached<'t>(file: &'t String, next: &BTreeMap<&'t String, BTreeSet<&'t String>>) -> BTreeSet<&'t String> {
    let mut found = BTreeSet::new();
    let mut todo = vec![file];
    while let Some(file) = todo.pop() {
        todo.extend(next.get(file).into_iter().flatten().filter(|to| found.insert(**to)));
    }
    found
}

impl Circle {
    fn of(files: &BTreeSet<&String>, imports: &[Import]) -> Self {
        let mut pairs = BTreeSet::new();
        let inside = |import: &&Import| files.contains(&import.from) && files.contains(&import.to);
        let mut first = |import: &&Import| pairs.insert((import.from.clone(), import.to.clone()));
        let imports = imports.iter().filter(inside).filter(|import| first(import)).cloned().collect();
        Circle { files: files.iter().map(|file| (*file).clone()).collect(), imports }
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<&str> = self.files.iter().map(String::as_str).collect();
        write!(f, "a circle of {} files: {}", files.len(), files.join(", "))?;
        self.imports.iter().try_for_each(|import| write!(f, "\n  {import}"))
    }
}
