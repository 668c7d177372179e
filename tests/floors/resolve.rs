//! Which module a path leads to: the longest part of it, from its begin, that names modules.

use crate::modules::Modules;

/// Names bound to names bound to names, and globs of globs, are followed so far.
const DEPTH: usize = 6;

/// The modules that a path of a module imports: where it ends, and those whose `pub use` it passes through.
pub(crate) fn targets(modules: &Modules, module: usize, path: &[String]) -> Vec<usize> {
    let walk = walk(modules, module, path, DEPTH);
    walk.steps.to.into_iter().chain(walk.steps.through).collect()
}

/// The module whose macro a bare name means: the nearest one outwards, as `macro_rules!` is in scope for what follows
/// it. A `use` in the file itself is an import of its own.
pub(crate) fn macro_of(modules: &Modules, module: usize, name: &str) -> Option<usize> {
    let file = &modules.all[module].file;
    for here in std::iter::successors(Some(module), |module| modules.all[*module].parent) {
        let outer = &modules.all[here];
        if outer.file == *file && outer.aliases.contains_key(name) {
            return None;
        }
        if outer.macros.contains(name) {
            return Some(here);
        }
    }
    None
}

/// Where names lead.
#[derive(Default)]
struct Steps {
    /// The modules that they mean: several if there are alternatives.
    to: Vec<usize>,
    /// The modules in which a `use` gave a name its meaning.
    through: Vec<usize>,
}

struct Walk {
    steps: Steps,
    /// Whether all names of the path mean modules.
    whole: bool,
}

fn walk(modules: &Modules, module: usize, path: &[String], depth: usize) -> Walk {
    let Some((mut steps, mut rest)) = begin(modules, module, path, depth) else {
        return Walk { steps: Steps::default(), whole: false };
    };
    while let Some((name, further)) = rest.split_first() {
        let next: Vec<Steps> =
            steps.to.iter().filter_map(|module| step(modules, *module, name, depth)).collect();
        if next.is_empty() {
            break;
        }
        steps.to.clear();
        for next in next {
            steps.to.extend(next.to);
            steps.through.extend(next.through);
        }
        rest = further;
    }
    Walk { steps, whole: rest.is_empty() }
}

/// The module that a path begins with, and the rest of the path.
fn begin<'p>(
    modules: &Modules,
    module: usize,
    path: &'p [String],
    depth: usize,
) -> Option<(Steps, &'p [String])> {
    let (first, mut rest) = path.split_first()?;
    let parent = |module: usize| modules.all[module].parent;
    let mut here = module;
    match first.as_str() {
        "crate" => here = std::iter::successors(Some(here), |module| parent(*module)).last()?,
        "self" => {}
        "super" => {
            here = parent(here)?;
            while let Some(("super", further)) = rest.split_first().map(|(name, rest)| (name.as_str(), rest))
            {
                (here, rest) = (parent(here)?, further);
            }
        }
        name => match step(modules, module, name, depth) {
            Some(steps) => return Some((steps, rest)),
            // A program of the package uses its library by its name.
            None => here = modules.library.as_ref().filter(|(library, _)| library == name)?.1,
        },
    }
    Some((Steps { to: vec![here], through: Vec::new() }, rest))
}

/// What a name means in a module: the modules it declares, else what a `use` of it binds.
fn step(modules: &Modules, module: usize, name: &str, depth: usize) -> Option<Steps> {
    let here = &modules.all[module];
    if let Some(children) = here.children.get(name) {
        return Some(Steps { to: children.clone(), through: Vec::new() });
    }
    let depth = depth.checked_sub(1)?;
    // A name bound to anything but a module ends the path; what it is bound to was imported there.
    let whole = |path: &Vec<String>| Some(walk(modules, module, path, depth)).filter(|walk| walk.whole);
    let mut found = Steps { to: Vec::new(), through: vec![module] };
    for Walk { steps, .. } in here.aliases.get(name).into_iter().flatten().filter_map(whole) {
        found.to.extend(steps.to);
        found.through.extend(steps.through);
    }
    if found.to.is_empty() {
        let sources = here.globs.iter().filter_map(whole).flat_map(|walk| walk.steps.to);
        for steps in sources.filter_map(|source| step(modules, source, name, depth)) {
            found.to.extend(steps.to);
            found.through.extend(steps.through);
        }
    }
    (!found.to.is_empty()).then_some(found)
}
