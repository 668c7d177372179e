//! Finding the charm under test.

use std::path::{Path, PathBuf};

use super::packed::Charm;
use super::project;
use crate::error::{Error, Result};

impl Charm {
    /// The charm under test: the one that `CHARM_PATH` names, else the one `*.charm` file in the project's
    /// directory.
    ///
    /// The project's directory is the nearest one with a `charmcraft.yaml` or `metadata.yaml`, from the test
    /// crate's own upwards; if there is none, the test crate's own. A relative `CHARM_PATH` counts from the test
    /// crate or a directory above it.
    ///
    /// # Errors
    /// [`Error::Charm`] if there is none or several, or if the one there is cannot be read.
    pub fn find() -> Result<Charm> {
        Search::from_env().find()
    }

    /// One of several charms: the one that `CHARM_PATH_NAME` names (upper case, `-` as `_`), else the one that
    /// [`find`](Self::find) finds if it has this name.
    ///
    /// # Errors
    /// [`Error::Charm`] if there is none of this name.
    pub fn named(name: &str) -> Result<Charm> {
        Search::from_env().named(name)
    }
}

/// Where to look: the environment, apart from the process's own so that tests need not change that.
struct Search<V> {
    var: V,
    start: PathBuf,
}

impl Search<fn(&str) -> Option<PathBuf>> {
    fn from_env() -> Self {
        let var: fn(&str) -> Option<PathBuf> =
            |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // Cargo sets it while tests run; without Cargo the working directory is all there is to go by.
        let start =
            var("CARGO_MANIFEST_DIR").or_else(|| std::env::current_dir().ok()).unwrap_or_else(|| ".".into());
        Search { var, start }
    }
}

impl<V: Fn(&str) -> Option<PathBuf>> Search<V> {
    fn find(&self) -> Result<Charm> {
        let path = match self.given("CHARM_PATH")? {
            Some(path) => path,
            None => self.in_project()?,
        };
        self.open(&path)
    }

    fn named(&self, name: &str) -> Result<Charm> {
        let variable = format!("CHARM_PATH_{}", name.to_uppercase().replace('-', "_"));
        if let Some(path) = self.given(&variable)? {
            return self.open(&path);
        }
        let remedy = format!("set {variable} to its .charm file");
        let charm =
            self.find().map_err(|error| Error::charm(format!("no charm {name}: {error}; or {remedy}")))?;
        if charm.name() == name {
            return Ok(charm);
        }
        let (found, path) = (charm.name(), charm.path().display());
        Err(Error::charm(format!("no charm {name}: the only one found is {found}, {path}; {remedy}")))
    }

    /// A charm that was packed elsewhere still belongs to the project that is tested.
    fn open(&self, path: &Path) -> Result<Charm> {
        let mut charm = Charm::open(path)?;
        if !charm.has_project
            && let Some(dir) = project::dir_of(charm.name(), &self.start)?
        {
            (charm.project_dir, charm.has_project) = (dir, true);
        }
        Ok(charm)
    }

    /// The file that a variable names. A relative path counts from the test crate or any directory above it, since
    /// Cargo runs tests in their crate's directory and not where the variable was set.
    fn given(&self, variable: &str) -> Result<Option<PathBuf>> {
        let Some(path) = (self.var)(variable) else { return Ok(None) };
        match self.start.ancestors().map(|dir| dir.join(&path)).find(|path| path.is_file()) {
            Some(path) => Ok(Some(path)),
            None => Err(Error::charm(format!(
                "{variable} names {}, which is not a file; set it to a .charm file or unset it",
                path.display()
            ))),
        }
    }

    fn in_project(&self) -> Result<PathBuf> {
        let dir = project::dir(&self.start).unwrap_or_else(|| self.start.clone());
        let entries = std::fs::read_dir(&dir).map_err(|error| {
            Error::charm(format!("cannot look for a charm in {}: {error}", dir.display()))
        })?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut charms: Vec<_> = paths.filter(|path| is_charm(path)).collect();
        charms.sort();
        match charms.as_slice() {
            [_] => Ok(charms.remove(0)),
            [] => Err(Error::charm(format!(
                "no *.charm file in {}; pack it with `cargo xtask pack` or `charmcraft pack`, or set CHARM_PATH to one",
                dir.display()
            ))),
            several => {
                let names =
                    several.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy());
                let (dir, names) = (dir.display(), names.collect::<Vec<_>>().join(", "));
                Err(Error::charm(format!(
                    "several charms in {dir}: {names}; set CHARM_PATH to the one to test"
                )))
            }
        }
    }
}

/// A packed charm by its name; what begins with a dot is one that a packer is writing, or was when it was killed.
fn is_charm(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !hidden && path.extension().is_some_and(|end| end == "charm")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io::Write;

    use tempfile::TempDir;

    use super::*;

    /// A charm's file with this metadata, and its path.
    fn pack(path: PathBuf, metadata: &str) -> PathBuf {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        zip.start_file("metadata.yaml", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(metadata.as_bytes()).unwrap();
        zip.finish().unwrap();
        path
    }

    /// A project with a test crate in it, and the environment that its tests have.
    struct Repo {
        dir: TempDir,
        vars: HashMap<&'static str, PathBuf>,
    }

    impl Repo {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(dir.path().join("repo/tests/integration")).unwrap();
            Repo { dir, vars: HashMap::new() }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.dir.path().join(path)
        }

        fn write(&self, path: &str, text: &str) {
            std::fs::write(self.path(path), text).unwrap();
        }

        fn pack(&self, path: &str, metadata: &str) -> PathBuf {
            pack(self.path(path), metadata)
        }

        fn search(&self) -> Search<impl Fn(&str) -> Option<PathBuf>> {
            let start = self.path("repo/tests/integration");
            Search { var: |name: &str| self.vars.get(name).cloned(), start }
        }

        fn error(&self) -> String {
            self.search().find().unwrap_err().to_string()
        }
    }

    #[test]
    fn the_only_charm_of_the_project_is_found() {
        let repo = Repo::new();
        repo.write("repo/charmcraft.yaml", "name: web");
        let path = repo.pack("repo/web_amd64.charm", "name: web");
        let charm = repo.search().find().unwrap();
        assert_eq!((charm.name(), charm.path()), ("web", path.as_path()));
        assert_eq!(charm.project_dir(), repo.path("repo"));
    }

    #[test]
    fn without_a_project_the_test_crate_itself_is_looked_in() {
        let repo = Repo::new();
        repo.pack("repo/web.charm", "name: web");
        assert!(
            repo.error().contains("tests/integration; pack it with `cargo xtask pack`"),
            "{}",
            repo.error()
        );
        repo.pack("repo/tests/integration/db.charm", "name: db");
        assert_eq!(repo.search().find().unwrap().name(), "db");
    }

    #[test]
    fn charm_path_comes_first_and_may_be_relative_to_the_repository() {
        let mut repo = Repo::new();
        repo.write("repo/charmcraft.yaml", "name: web");
        repo.pack("repo/one.charm", "name: one");
        repo.pack("repo/build/two.charm", "name: two");
        repo.vars.insert("CHARM_PATH", "build/two.charm".into());
        assert_eq!(repo.search().find().unwrap().name(), "two");
        repo.vars.insert("CHARM_PATH", "build/none.charm".into());
        let error = repo.error();
        assert!(error.contains("CHARM_PATH names build/none.charm, which is not a file"), "{error}");
    }

    #[test]
    fn several_charms_are_listed() {
        let repo = Repo::new();
        repo.write("repo/metadata.yaml", "name: web");
        repo.pack("repo/b.charm", "name: b");
        repo.pack("repo/a.charm", "name: a");
        let error = repo.error();
        assert!(error.contains(": a.charm, b.charm; set CHARM_PATH"), "{error}");
    }

    #[test]
    fn what_a_packer_left_is_no_charm() {
        let repo = Repo::new();
        repo.write("repo/metadata.yaml", "name: web");
        repo.write("repo/.packing-Ab12.charm", "half a charm");
        assert!(repo.error().contains("no *.charm file in"), "{}", repo.error());
        repo.pack("repo/web.charm", "name: web");
        assert_eq!(repo.search().find().unwrap().name(), "web");
    }

    #[test]
    fn a_charm_is_found_by_its_name() {
        let mut repo = Repo::new();
        repo.write("repo/charmcraft.yaml", "name: web");
        repo.pack("repo/web.charm", "name: web");
        assert_eq!(repo.search().named("web").unwrap().name(), "web");
        let error = repo.search().named("my-db").unwrap_err().to_string();
        assert!(error.contains("the only one found is web") && error.contains("CHARM_PATH_MY_DB"), "{error}");
        let path = repo.pack("elsewhere/db.charm", "name: my-db");
        repo.vars.insert("CHARM_PATH_MY_DB", path);
        assert_eq!(repo.search().named("my-db").unwrap().name(), "my-db");
    }

    #[test]
    fn what_is_no_charm_is_refused_with_its_reason() {
        let repo = Repo::new();
        repo.write("repo/charmcraft.yaml", "name: web");
        repo.write("repo/web.charm", "not a zip");
        assert!(repo.error().contains("not a zip file"), "{}", repo.error());
        repo.write("repo/web.charm", "");
        let words = "repo/web.charm is no charm, as it is empty; pack it again";
        assert!(repo.error().contains(words), "{}", repo.error());
        repo.pack("repo/web.charm", "name: [");
        assert!(repo.error().contains("cannot read metadata.yaml in the charm"), "{}", repo.error());
        repo.pack("repo/web.charm", "summary: nameless");
        assert!(repo.error().contains("metadata.yaml gives it no name"), "{}", repo.error());
        zip::ZipWriter::new(std::fs::File::create(repo.path("repo/web.charm")).unwrap()).finish().unwrap();
        assert!(repo.error().contains("it has no metadata.yaml"), "{}", repo.error());
        let error = Charm::open(repo.path("repo")).unwrap_err().to_string();
        assert!(error.contains("repo is no charm, but a directory; pack it and name its .charm"), "{error}");
    }

    const RESOURCES: &str = "
name: web
resources:
  image: {type: oci-image, upstream-source: 'nginx:1'}
  seed: {type: file, upstream-source: files/seed.tar}
  none: {type: file, filename: none.txt}
";

    #[test]
    fn upstream_resources_come_from_the_project() {
        let repo = Repo::new();
        repo.write("repo/charmcraft.yaml", RESOURCES);
        repo.pack("repo/web.charm", "name: web");
        let charm = repo.search().find().unwrap();
        let error = charm.upstream_resources().unwrap_err().to_string();
        assert!(error.contains("resource seed is missing") && error.contains("files/seed.tar"), "{error}");
        std::fs::create_dir(repo.path("repo/files")).unwrap();
        repo.write("repo/files/seed.tar", "");
        let seed = repo.path("repo/files/seed.tar").to_str().unwrap().to_owned();
        let expected = [("image".to_owned(), "nginx:1".to_owned()), ("seed".to_owned(), seed)];
        assert_eq!(charm.upstream_resources().unwrap(), expected);
    }

    #[test]
    fn a_charm_packed_elsewhere_keeps_its_own_project() {
        let mut repo = Repo::new();
        repo.write(
            "repo/charmcraft.yaml",
            "{name: web, resources: {image: {type: oci-image, upstream-source: w}}}",
        );
        let web = repo.pack("artifacts/web.charm", "name: web");
        let db = repo.pack("artifacts/db.charm", "{name: db, resources: {image: {upstream-source: d}}}");
        for (path, source) in [(web, "w"), (db, "d")] {
            repo.vars.insert("CHARM_PATH", path);
            let resources = repo.search().find().unwrap().upstream_resources().unwrap();
            assert_eq!(resources, [("image".to_owned(), source.to_owned())]);
        }
    }
}
