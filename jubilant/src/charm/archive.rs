//! The zip file that a charm is.

use std::io::Read;
use std::path::Path;

use serde::de::DeserializeOwned;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};

pub(super) struct Archive<'p> {
    path: &'p Path,
    zip: ZipArchive<std::fs::File>,
}

impl<'p> Archive<'p> {
    pub(super) fn open(path: &'p Path) -> Result<Self> {
        let shown = path.display();
        let file = std::fs::File::open(path)
            .map_err(|error| Error::charm(format!("cannot open the charm {shown}: {error}")))?;
        let no_charm = |why: &str| Error::charm(format!("{shown} is no charm, {why}"));
        match file.metadata() {
            Ok(data) if data.is_dir() => {
                return Err(no_charm("but a directory; pack it and name its .charm file"));
            }
            Ok(data) if data.len() == 0 => return Err(no_charm("as it is empty; pack it again")),
            _ => {}
        }
        let zip = ZipArchive::new(file).map_err(|error| {
            Error::charm(format!("{shown} is no charm, as it is not a zip file ({error}); pack it again"))
        })?;
        Ok(Archive { path, zip })
    }

    /// A YAML file in it; `None` if there is none of this name.
    pub(super) fn yaml<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        let bad = |error: &dyn std::fmt::Display| {
            Error::charm(format!("cannot read {name} in the charm {}: {error}", self.path.display()))
        };
        let mut file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(bad(&error)),
        };
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|error| bad(&error))?;
        serde_yaml::from_str(&text).map_err(|error| bad(&error))
    }
}
