//! What the charm keeps between hooks, and the server reads: small files in `<charm dir>/state`.
//!
//! Every file is replaced as a whole, so that the server never reads half of one. The server reads them at
//! each request: nothing but a change of its address makes a restart necessary.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::Result;

pub struct State {
    dir: PathBuf,
}

/// What the related database gave.
pub struct Credentials {
    pub endpoint: String,
    pub username: String,
    pub password: String,
}

impl State {
    /// The state of the unit whose hook this is.
    pub fn of_unit() -> Result<State> {
        let charm = std::env::var_os("JUJU_CHARM_DIR").ok_or("JUJU_CHARM_DIR is not set")?;
        let dir = Path::new(&charm).join("state");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        Ok(State::at(dir))
    }

    pub fn at(dir: impl Into<PathBuf>) -> State {
        State { dir: dir.into() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn read(&self, name: &str) -> Result<Option<String>> {
        match fs::read_to_string(self.path(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("cannot read {}: {error}", self.path(name).display()).into()),
        }
    }

    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let temporary = self.path(&format!("{name}.new"));
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        Ok(fs::rename(&temporary, self.path(name))?)
    }

    pub fn remove(&self, name: &str) -> Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The registered users, sorted.
    pub fn users(&self) -> Result<Vec<String>> {
        Ok(self.read("users")?.unwrap_or_default().lines().map(String::from).collect())
    }

    pub fn set_users(&self, users: &[String]) -> Result<()> {
        self.write("users", &users.iter().map(|user| format!("{user}\n")).collect::<String>())
    }

    pub fn credentials(&self) -> Result<Option<Credentials>> {
        let Some(text) = self.read("database")? else { return Ok(None) };
        let mut lines = text.lines().map(String::from);
        Ok(match (lines.next(), lines.next(), lines.next()) {
            (Some(endpoint), Some(username), Some(password)) => {
                Some(Credentials { endpoint, username, password })
            }
            _ => None,
        })
    }

    pub fn set_credentials(&self, database: &Credentials) -> Result<()> {
        self.write(
            "database",
            &format!("{}\n{}\n{}\n", database.endpoint, database.username, database.password),
        )
    }

    pub fn forget_credentials(&self) -> Result<()> {
        self.remove("database")
    }
}
