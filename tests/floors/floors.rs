//! The floors of each crate, from the top down.
//!
//! A file imports from its own floor and from those below. Parts of one floor do not import one another. An entry is a
//! file, or a directory with all that is in it; each file of the crate is in one entry.

/// One floor of a crate.
pub(crate) struct Floor {
    pub(crate) name: &'static str,
    pub(crate) parts: &'static [&'static [&'static str]],
}

/// The floors of a crate, the top first.
pub(crate) type Floors = &'static [Floor];

const fn floor(name: &'static str, parts: &'static [&'static [&'static str]]) -> Floor {
    Floor { name, parts }
}

pub(crate) const MACROS: Floors = &[
    floor("attributes", &[&["src/lib.rs"]]),
    floor("expansions", &[&["src/test.rs"], &["src/fixture.rs"], &["src/register.rs"]]),
    floor("signature", &[&["src/signature.rs"]]),
];

pub(crate) const EMBEDDED: Floors = &[
    floor(
        "program",
        &[&["src/program", "src/program_elsewhere.rs", "src/client", "src/lib.rs", "src/main.rs"]],
    ),
    floor("controller", &[&["src/controller"]]),
    floor("commands, agent, tools", &[&["src/commands"], &["src/agent"], &["src/tools"]]),
    floor("state", &[&["src/state"]]),
    floor("model", &[&["src/model"]]),
    floor("ground", &[&["src/ground", "src/error.rs"]]),
];
