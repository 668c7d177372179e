//! Relations, within a model and between models: `integrate`, `remove-relation`, `offer`, `consume`.

use super::client::Juju;
use crate::cli::Cli;
use crate::error::Result;

/// The two sides to integrate, and how: for [`Juju::integrate_with`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Integrate {
    sides: [String; 2],
    via: Vec<String>,
}

impl Integrate {
    /// Two applications, each with its endpoint (`web:db`) where there is a choice.
    pub fn new(one: impl Into<String>, other: impl Into<String>) -> Self {
        Integrate { sides: [one.into(), other.into()], via: Vec::new() }
    }

    /// For a relation between models: an address range its traffic comes from.
    pub fn via(mut self, cidr: impl Into<String>) -> Self {
        self.via.push(cidr.into());
        self
    }
}

impl Juju {
    /// Relates two applications (`juju integrate`), each with its endpoint where there is a choice.
    ///
    /// ```no_run
    /// # let juju = jubilant::Juju::new();
    /// juju.integrate("web", "db")?;
    /// juju.integrate("web:cache", "admin/other.redis")?;
    /// # Ok::<(), jubilant::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn integrate(&self, one: &str, other: &str) -> Result<()> {
        self.integrate_with(Integrate::new(one, other))
    }

    /// The same with options.
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn integrate_with(&self, integrate: Integrate) -> Result<()> {
        let via = (!integrate.via.is_empty()).then(|| integrate.via.join(","));
        self.done(Cli::new(["integrate"]).args(integrate.sides).option("--via", via))
    }

    /// Takes back [`integrate`](Self::integrate) (`juju remove-relation`).
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn remove_relation(&self, one: &str, other: &str) -> Result<()> {
        self.done(Cli::new(["remove-relation", one, other]))
    }

    /// Offers an endpoint to other models (`juju offer`): `db:sql`, or `db:sql,admin` for several endpoints.
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn offer(&self, endpoint: &str) -> Result<()> {
        // `juju offer` takes no `--model`: the model is a part of the endpoint's name.
        let endpoint = match self.model() {
            Some(model) => format!("{}.{endpoint}", model.rsplit(':').next().unwrap_or(model)),
            None => endpoint.into(),
        };
        let controller =
            self.model().and_then(|model| model.split_once(':')).map(|(controller, _)| controller);
        self.done(Cli::new(["offer"]).arg(endpoint).option("--controller", controller))
    }

    /// Makes another model's offer known to this one (`juju consume`): `admin/other.db`.
    ///
    /// # Errors
    /// If the command fails, see [`Juju`].
    pub fn consume(&self, offer: &str) -> Result<()> {
        self.done(Cli::new(["consume", offer]))
    }
}
