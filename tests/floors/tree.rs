//! A package's source files, the modules they are, and what each imports of the others.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use crate::modules::{Modules, rust_files, short};
use crate::paths::{Named, Way, paths_of};
use crate::resolve::{macro_of, targets};

/// What the source of a package consists of. Files are named from the package's directory on: `src/lib.rs`.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) files: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// Files that lie in `src` and that no module declares: they would escape the check.
    pub(crate) strays: Vec<String>,
}

/// A path in one file that names something of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    pub(crate) from: String,
    pub(crate) line: usize,
    pub(crate) path: String,
    pub(crate) to: String,
}

impl Tree {
    /// Reads the package in a directory.
    pub(crate) fn read(package: &Path) -> Result<Self> {
        let (mut modules, sources) = Modules::read(package)?;
        let named = sources.iter().flat_map(|(module, file)| paths_of(&modules, *module, file));
        let named: Vec<Named> = named.collect();
        for named in &named {
            if let Way::Use(name) = &named.way {
                modules.bind(named.module, name, &named.path);
            }
        }

        let files: BTreeSet<String> = modules.all.iter().map(|module| module.file.clone()).collect();
        let mut sources = Vec::new();
        rust_files(&package.join("src"), &mut sources)?;
        let sources = sources.iter().map(|file| short(package, file));
        let strays = sources.filter(|file| !files.contains(file)).collect();
        let imports: BTreeSet<Import> = named.iter().flat_map(|named| imports(&modules, named)).collect();
        Ok(Tree { files, imports: imports.into_iter().collect(), strays })
    }
}

fn imports(modules: &Modules, named: &Named) -> Vec<Import> {
    let from = &modules.all[named.module].file;
    let targets = match named.way {
        Way::Macro => macro_of(modules, named.module, &named.path[0]).into_iter().collect(),
        Way::Use(_) | Way::Here => targets(modules, named.module, &named.path),
    };
    let files: BTreeSet<&String> = targets.iter().map(|module| &modules.all[*module].file).collect();
    let import = |to: &&String| Import {
        from: from.clone(),
        line: named.line,
        path: named.shown(),
        to: (*to).clone(),
    };
    files.iter().filter(|to| **to != from).map(import).collect()
}
