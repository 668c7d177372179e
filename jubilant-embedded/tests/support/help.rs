//! What the program's help says, and an application to try it with.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]

use std::fs;

use crate::support::Juju;

/// With an application `web` that has an option, actions, a resource and two endpoints, related to `db`.
pub fn with_web() -> Juju {
    let juju = Juju::new();
    let web = juju
        .charm("web")
        .metadata("requires: {db: {interface: sql}}\nresources: {blob: {type: file, filename: b}}\n")
        .file("config.yaml", "options: {port: {type: int, default: 80}, name: {type: string}}\n")
        .file("actions.yaml", "ok: {description: Works}\nslow: {description: Takes its time}\n");
    let web = web.dispatch(
        "case $JUJU_DISPATCH_PATH in actions/slow) while ! [ -e ../go ]; do sleep 0.02; done;;\n\
         hooks/db-relation-broken) ! [ -e ../fail ];; esac",
    );
    let db = juju.charm("db").metadata("provides: {sql: {interface: sql}}\n").dispatch("");
    fs::write(juju.path().join("blob"), "x").expect("a file");
    fs::write(juju.path().join("values.yaml"), "port: 81\n").expect("a file");
    juju.deploy(&web, &[]);
    juju.deploy(&db, &[]);
    juju.run(&["integrate", "web", "db"]).ok();
    juju.wait_for("web/0", "unknown");
    juju.wait_for("db/0", "unknown");
    juju.settle();
    juju
}

/// What the help of a command or a tool says.
pub struct Help {
    /// The positional arguments: at most so many, if there is a limit.
    pub most: Option<usize>,
    pub flags: Vec<Flag>,
}

pub struct Flag {
    pub name: String,
    pub kind: Kind,
}

#[derive(PartialEq)]
pub enum Kind {
    Switch,
    Value,
    Formats(Vec<String>),
    /// What it asks for is so anyway, as the help says.
    Moot,
    Refused,
}

impl Help {
    #[track_caller]
    pub fn read(text: &str) -> Self {
        let usage = text.lines().next().expect("a usage");
        let (_, takes) = usage.split_once("[options]").unwrap_or_else(|| panic!("no usage: {text}"));
        let most = (!takes.ends_with("...")).then(|| takes.split_whitespace().count());
        let flags = text.lines().filter(|line| line.starts_with("    ")).map(Flag::read).collect();
        Self { most, flags }
    }

    pub fn formats(&self) -> Option<&[String]> {
        self.flags.iter().find_map(|flag| match &flag.kind {
            Kind::Formats(formats) => Some(formats.as_slice()),
            _ => None,
        })
    }

    pub fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| flag.name == name)
    }
}

impl Flag {
    pub fn read(line: &str) -> Self {
        let (_, rest) = line.split_once("--").unwrap_or_else(|| panic!("no option: {line}"));
        let (name, about) = rest.split_once(' ').unwrap_or((rest, ""));
        let kind = match about.trim() {
            "" => Kind::Switch,
            "VALUE" => Kind::Value,
            "(not supported by the embedded Juju)" => Kind::Refused,
            reason if reason.starts_with('(') => Kind::Moot,
            formats => Kind::Formats(formats.split('|').map(str::to_owned).collect()),
        };
        Self { name: name.to_owned(), kind }
    }
}

/// Every format that some command has, and one that none has.
pub const FORMATS: [&str; 11] = [
    "tabular",
    "yaml",
    "json",
    "plain",
    "smart",
    "short",
    "oneline",
    "line",
    "summary",
    "constraints",
    "nope",
];

pub fn unknown_format(format: &str) -> String {
    format!("ERROR invalid value \"{format}\" for option --format: unknown format \"{format}\"\n")
}
