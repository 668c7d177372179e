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

pub(crate) const JUBILANT: Floors = &[
    floor("face", &[&["src/lib.rs", "src/prelude.rs", "src/before_main.rs"]]),
    // The harness: a run is data, and what makes it.
    floor("run", &[&["src/harness/mod.rs"]]),
    floor("supervisor", &[&["src/harness/supervisor"]]),
    floor(
        "worker, owner",
        &[&["src/harness/worker", "src/harness/scope.rs", "src/harness/fixtures.rs"], &["src/harness/owner"]],
    ),
    floor("recorder", &[&["src/harness/recorder.rs", "src/harness/report"]]),
    floor(
        "models, plan",
        &[
            &[
                "src/harness/models.rs",
                "src/harness/link",
                "src/harness/telling.rs",
                "src/harness/evidence.rs",
            ],
            &["src/harness/plan.rs", "src/harness/list.rs", "src/harness/selection.rs"],
        ],
    ),
    floor("settings", &[&["src/harness/settings.rs"]]),
    floor("options", &[&["src/harness/options.rs", "src/harness/backend.rs", "src/harness/expression.rs"]]),
    floor("tests", &[&["src/harness/registry.rs", "src/harness/outcome.rs", "src/harness/place.rs"]]),
    floor("record", &[&["src/harness/record"]]),
    floor(
        "process",
        &[
            &["src/harness/keep.rs"],
            &["src/harness/codes.rs"],
            &["src/harness/say.rs"],
            &["src/harness/suite.rs"],
            &["src/harness/log.rs"],
            &["src/harness/misuse.rs"],
            &["src/harness/descriptors.rs"],
        ],
    ),
    // The client.
    floor("juju", &[&["src/juju"]]),
    floor("charm", &[&["src/charm"]]),
    floor("error", &[&["src/error.rs"]]),
    floor("wait", &[&["src/wait"]]),
    floor("observe", &[&["src/observe.rs"]]),
    floor("cli", &[&["src/cli"]]),
    floor("types", &[&["src/types"]]),
    floor("ground", &[&["src/change.rs", "src/shown.rs"]]),
];

pub(crate) const MACROS: Floors = &[
    floor("attributes", &[&["src/lib.rs"]]),
    floor("expansions", &[&["src/test.rs"], &["src/fixture.rs"], &["src/register.rs"]]),
    floor("signature", &[&["src/signature.rs"]]),
];

pub(crate) const XTASK: Floors = &[
    floor("program", &[&["src/main.rs", "src/bin"]]),
    floor("project", &[&["src/lib.rs", "src/project.rs"]]),
    floor("suite", &[&["src/integration.rs", "src/handover.rs"], &["src/reports.rs"]]),
    floor("packers", &[&["src/pack/mod.rs"]]),
    floor("packing", &[&["src/pack/charmcraft.rs", "src/pack/packed.rs"], &["src/pack/local.rs"]]),
    floor(
        "parts",
        &[
            &[
                "src/pack/parts.rs",
                "src/pack/scripted.rs",
                "src/pack/inputs.rs",
                "src/pack/script",
                "src/pack/plugins",
                "src/pack/source.rs",
                "src/pack/part.rs",
                "src/pack/order.rs",
            ],
            &["src/pack/manifest.rs", "src/pack/analysis.rs", "src/pack/metadata.rs", "src/pack/schema.rs"],
        ],
    ),
    floor(
        "charm",
        &[
            &["src/pack/charm.rs", "src/pack/platform.rs", "src/pack/libs.rs"],
            &["src/pack/archive.rs", "src/pack/stamp.rs"],
            &["src/pack/organize.rs"],
            &["src/pack/filter.rs"],
            &["src/pack/permissions.rs"],
            &["src/pack/links.rs"],
            &["src/pack/python"],
            &["src/pack/dispatch.rs"],
            &["src/pack/jujuignore.rs"],
        ],
    ),
    floor(
        "files",
        &[
            &["src/pack/files.rs", "src/pack/tree.rs", "src/pack/glob.rs"],
            &["src/pack/made.rs"],
            &["src/pack/replace.rs"],
        ],
    ),
    floor("notation", &[&["src/pack/yaml", "src/pack/pylist.rs", "src/pack/part_keys.rs"]]),
    floor(
        "ground",
        &[
            &["src/options.rs"],
            &["src/secrets.rs"],
            &["src/workspace.rs"],
            &["src/shown.rs"],
            &["src/called.rs"],
        ],
    ),
];

pub(crate) const EMBEDDED: Floors = &[
    floor("program", &[&["src/program", "src/program_elsewhere.rs", "src/lib.rs", "src/main.rs"]]),
    floor("controller", &[&["src/controller"]]),
    floor("commands, agent, tools", &[&["src/commands"], &["src/agent"], &["src/tools"]]),
    floor("state, python", &[&["src/state"], &["src/python"]]),
    floor("model", &[&["src/model"]]),
    floor("ground", &[&["src/ground", "src/error.rs"]]),
];
