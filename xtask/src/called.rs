//! How this program is called: a repository's own `cargo xtask`, or the installed `jubilant`.

use std::borrow::Cow;
use std::sync::OnceLock;

const OWN: &str = "cargo xtask";

static INSTALLED: OnceLock<&str> = OnceLock::new();

/// Says once, at the start, that it is the installed program, by the words that a user types.
pub(crate) fn as_installed(words: &'static str) {
    let _ = INSTALLED.set(words);
}

/// A text that tells what to type, in the words that start this program.
pub(crate) fn told(text: &str) -> Cow<'_, str> {
    match INSTALLED.get() {
        Some(words) => text.replace(OWN, words).into(),
        None => text.into(),
    }
}
