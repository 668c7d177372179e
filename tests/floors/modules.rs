//! A package's modules, and the files that they are in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use syn::{Attribute, Expr, ExprLit, Item, ItemMacro, ItemMod, Lit, Meta};

/// A module, inline or in a file of its own.
pub(crate) struct Module {
    pub(crate) parent: Option<usize>,
    pub(crate) file: String,
    /// By name; alternatives for several systems have the same.
    pub(crate) children: BTreeMap<String, Vec<usize>>,
    /// The paths that its `use` items bind to a name, and those of its globs.
    pub(crate) aliases: BTreeMap<String, Vec<Vec<String>>>,
    pub(crate) globs: Vec<Vec<String>>,
    /// The macros that it defines by `macro_rules!`.
    pub(crate) macros: BTreeSet<String>,
}

/// All modules of a package.
pub(crate) struct Modules {
    pub(crate) all: Vec<Module>,
    /// The crate's name for its other roots, and its module, if it has a library.
    pub(crate) library: Option<(String, usize)>,
}

/// A package's modules with what stands in their files.
pub(crate) type Sources = Vec<(usize, syn::File)>;

impl Modules {
    /// Reads the package in a directory.
    pub(crate) fn read(package: &Path) -> Result<(Self, Sources)> {
        let mut reader = Reader { package, modules: Vec::new(), sources: Vec::new() };
        let mut library = None;
        for root in roots(package)? {
            let module = reader.file(None, &root, true)?;
            if root.ends_with("src/lib.rs") {
                library = Some((crate_name(package)?, module));
            }
        }
        Ok((Modules { all: reader.modules, library }, reader.sources))
    }

    /// Gives a path a name in a module, or all names that the path holds if that is `*`.
    pub(crate) fn bind(&mut self, module: usize, name: &str, path: &[String]) {
        let module = &mut self.all[module];
        match name {
            "*" => module.globs.push(path.into()),
            name => module.aliases.entry(name.into()).or_default().push(path.into()),
        }
    }
}

struct Reader<'p> {
    package: &'p Path,
    modules: Vec<Module>,
    sources: Sources,
}

impl Reader<'_> {
    /// A module that is a file. The modules that it declares lie beside it if it stands for a directory.
    fn file(&mut self, parent: Option<usize>, path: &Path, is_directory: bool) -> Result<usize> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = syn::parse_file(&text).with_context(|| format!("cannot parse {}", path.display()))?;
        let module = self.module(parent, short(self.package, path));
        let beside = path.parent().unwrap_or(path).to_path_buf();
        let inside = if is_directory { beside.clone() } else { path.with_extension("") };
        self.items(module, &file.items, &beside, &inside)?;
        self.sources.push((module, file));
        Ok(module)
    }

    fn module(&mut self, parent: Option<usize>, file: String) -> usize {
        let (children, aliases, globs, macros) = Default::default();
        self.modules.push(Module { parent, file, children, aliases, globs, macros });
        self.modules.len() - 1
    }

    /// `beside` is where a `#[path]` counts from, `inside` where a module without one lies.
    fn items(&mut self, module: usize, items: &[Item], beside: &Path, inside: &Path) -> Result<()> {
        for item in items {
            if let Item::Macro(ItemMacro { ident: Some(name), .. }) = item {
                self.modules[module].macros.insert(plain(name));
            }
            let Item::Mod(item) = item else { continue };
            let name = plain(&item.ident);
            let child = match &item.content {
                Some((_, items)) => {
                    let child = self.module(Some(module), self.modules[module].file.clone());
                    let inside = inside.join(&name);
                    self.items(child, items, &inside, &inside)?;
                    child
                }
                None => self.declared(module, item, beside, inside)?,
            };
            self.modules[module].children.entry(name).or_default().push(child);
        }
        Ok(())
    }

    fn declared(&mut self, parent: usize, item: &ItemMod, beside: &Path, inside: &Path) -> Result<usize> {
        ensure!(
            !item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_use")),
            "the macros of `#[macro_use] mod {}` are imported by no path, so that no floor is kept: \
             end it with `pub(crate) use` of each macro",
            item.ident
        );
        if let Some(path) = item.attrs.iter().find_map(path_attribute) {
            return self.file(Some(parent), &beside.join(path), true);
        }
        let name = plain(&item.ident);
        let file = inside.join(format!("{name}.rs"));
        if file.is_file() {
            return self.file(Some(parent), &file, false);
        }
        self.file(Some(parent), &inside.join(name).join("mod.rs"), true)
    }
}

/// `file.rs` of `#[path = "file.rs"]`.
fn path_attribute(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// An identifier without the `r#` of a raw one.
pub(crate) fn plain(ident: &proc_macro2::Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").unwrap_or(&text).to_owned()
}

/// The files that cargo begins a crate with: the library first.
fn roots(package: &Path) -> Result<Vec<PathBuf>> {
    let src = package.join("src");
    let mut roots: Vec<PathBuf> = ["lib.rs", "main.rs"].iter().map(|name| src.join(name)).collect();
    let mut programs = Vec::new();
    if src.join("bin").is_dir() {
        rust_files(&src.join("bin"), &mut programs)?;
    }
    roots.extend(programs);
    roots.retain(|root| root.is_file());
    ensure!(!roots.is_empty(), "{} has neither a library nor a program", package.display());
    Ok(roots)
}

pub(crate) fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

/// The library's name as code writes it.
fn crate_name(package: &Path) -> Result<String> {
    let manifest = std::fs::read_to_string(package.join("Cargo.toml"))?;
    let name = manifest.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    Ok(name.context("Cargo.toml has no line `name = \"…\"`")?.replace('-', "_"))
}

pub(crate) fn short(package: &Path, file: &Path) -> String {
    file.strip_prefix(package).unwrap_or(file).to_string_lossy().into_owned()
}
