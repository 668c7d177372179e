//! Packs charms and runs their integration suites.
