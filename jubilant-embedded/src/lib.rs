//! An embedded Juju that really runs a local charm's hooks.
