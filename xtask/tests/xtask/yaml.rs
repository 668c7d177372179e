//! What reaches a charm of its `charmcraft.yaml`, `metadata.yaml`, `config.yaml` and `actions.yaml`, which charmcraft and
//! Juju read as YAML 1.1.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{PLATFORM, Project, contents, names, yaml};

const LOCAL: [&str; 2] = ["--packer", "local"];

const PARTS: &str = "parts: {all: {plugin: dump, source: ., stage: [dispatch]}}";

/// A file of a packed charm as it is.
fn text(charm: &Path, name: &str) -> String {
    let (_, _, bytes) = contents(charm).into_iter().find(|(file, _, _)| file == name).expect(name);
    String::from_utf8(bytes).unwrap()
}

/// The charm's file, and what was said while it was packed.
fn packed(project: &Project, charmcraft: &str) -> (std::path::PathBuf, String) {
    let answer = project.pack(&project.charm("any", &format!("{PLATFORM}{PARTS}\n{charmcraft}")), &LOCAL);
    (answer.charm(), answer.stderr)
}

#[test]
fn values_reach_the_charm_as_charmcraft_reads_them() {
    let project = Project::new();
    let options = "config: {options: {a: {default: yes}, b: {default: 'yes'}, c: {default: 017}, d: {default: 1e3}, \
                   e: {default: 12:30}, f: {default: 2020-01-01}, g: {default: 1.0e+16}, h: {default: y}}}\n\
                   actions: {run: {params: {force: {type: boolean, default: off}}}}\nsubordinate: no";
    let (charm, _) = packed(&project, options);
    let config: Value = serde_json::from_str(&text(&charm, "config.yaml")).unwrap();
    let defaults: Vec<_> = config["options"].as_object().unwrap().values().map(|o| &o["default"]).collect();
    assert_eq!(json!(defaults), json!([true, "yes", 15, "1e3", 750, "2020-01-01", 1e16, "y"]));
    assert!(text(&charm, "config.yaml").contains("1.0e+16"), "to YAML 1.1, 1e16 is a text");
    assert_eq!(yaml(&charm, "actions.yaml")["run"]["params"]["force"]["default"], false);
    assert_eq!(yaml(&charm, "metadata.yaml")["subordinate"], false);
}

#[test]
fn a_file_of_its_own_is_packed_as_it_is() {
    let project = Project::new();
    let metadata = "# mine\nname: any\nsummary: x\ndescription: x\nseries: [ jammy ]\n";
    let config = "options:\n  a: {type: boolean, default: yes} # why\n";
    project.write("any/metadata.yaml", metadata);
    project.write("any/config.yaml", config);
    project.write("any/actions.yaml", "run: {}\n");
    project.script("any/dispatch", "exit 0");
    let all = format!("type: charm\n{PLATFORM}{PARTS}\nrequires: {{db: {{interface: x}}}}\ntitle: Any");
    project.write("any/charmcraft.yaml", &all);
    let answer = project.pack(&project.path("any"), &LOCAL);
    let charm = answer.charm();
    assert_eq!(text(&charm, "metadata.yaml"), metadata);
    assert_eq!(text(&charm, "config.yaml"), config);
    assert_eq!(text(&charm, "actions.yaml"), "run: {}\n");
    // charmcraft reads nothing but the name, summary and description with it.
    assert!(answer.stderr.contains("warning: charm any has a metadata.yaml"), "{}", answer.stderr);
    assert!(answer.stderr.contains("move requires, title there"), "{}", answer.stderr);
}

#[test]
fn nothing_is_no_file() {
    for (config, actions, extra) in
        [("", "", ""), ("{}", "~", ""), ("# none\n", "[]", ""), ("-", "-", "config: {}\nactions: ~")]
    {
        let project = Project::new();
        for (name, text) in [("config", config), ("actions", actions)] {
            if text != "-" {
                project.write(&format!("any/{name}.yaml"), text);
            }
        }
        // Nor does a part bring one.
        let parts = "parts: {all: {plugin: dump, source: .}}";
        let dir = project.charm("any", &format!("{PLATFORM}{parts}\n{extra}"));
        let charm = project.pack(&dir, &LOCAL).charm();
        assert_eq!(names(&charm), ["dispatch", "manifest.yaml", "metadata.yaml"]);
    }
}

#[test]
fn a_key_and_a_file_for_the_same_are_refused() {
    for key in ["config", "actions"] {
        let project = Project::new();
        project.write(&format!("any/{key}.yaml"), "a: {}\n");
        let dir = project.charm("any", &format!("{PLATFORM}{PARTS}\n{key}: {{a: {{}}}}"));
        let told = [&format!("charmcraft.yaml has `{key}`"), &format!("any/{key}.yaml")];
        project.pack(&dir, &LOCAL).fails(1, &told.map(String::as_str));
    }
    let project = Project::new();
    project.write("any/config.yaml", "a: 1\nb: {\n");
    project
        .pack(&project.charm("any", &format!("{PLATFORM}{PARTS}")), &LOCAL)
        .fails(1, &["any/config.yaml", "line"]);
    project.write("any/config.yaml", "- a\n");
    project.pack(&project.path("any"), &LOCAL).fails(1, &["any/config.yaml", "no mapping"]);
}

/// What is in the charm, read by PyYAML, is what PyYAML reads in `charmcraft.yaml`.
#[test]
fn pyyaml_reads_the_same_in_the_charm() {
    let python = Command::new("python3").args(["-c", "import yaml"]).output();
    if !python.is_ok_and(|python| python.status.success()) {
        eprintln!("skipped: there is no python3 with PyYAML here");
        return;
    }
    let seed = std::env::var("JUBILANT_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64);
    eprintln!("JUBILANT_SEED={seed}");
    let mut random = Random(seed | 1);
    let options: String = (0..400).map(|n| format!("    o{n}: {}\n", random.value(3))).collect();
    let project = Project::new();
    let (charm, _) = packed(&project, &format!("config:\n  options:\n{options}"));
    let config = project.write("config.yaml", &text(&charm, "config.yaml"));
    let compared = Command::new("python3")
        .args(["-c", COMPARE])
        .args([project.path("any/charmcraft.yaml"), config])
        .output()
        .unwrap();
    assert!(compared.status.success(), "{}", String::from_utf8_lossy(&compared.stderr));
    assert_eq!(String::from_utf8_lossy(&compared.stdout), "400\n");
}

/// Reads both files, and has the first go through JSON as charmcraft does.
const COMPARE: &str = r#"
import datetime, math, sys, yaml
def text(value):
    text = value.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text
def json(value):
    if isinstance(value, (datetime.date, datetime.datetime)): return text(value)
    if isinstance(value, float) and not math.isfinite(value): return None
    if isinstance(value, list): return [json(item) for item in value]
    if isinstance(value, dict): return {key(k): json(v) for k, v in value.items()}
    return value
def key(value):
    if isinstance(value, bool): return str(value).lower()
    return str(json(value))
wanted = json(yaml.safe_load(open(sys.argv[1], encoding="utf-8"))["config"]["options"])
packed = yaml.safe_load(open(sys.argv[2], encoding="utf-8"))["options"]
for name in wanted:
    if repr(wanted[name]) != repr(packed[name]) and wanted[name] != packed[name]:
        sys.exit(f"{name}: wanted {wanted[name]!r}, packed {packed[name]!r}")
    assert type(wanted[name]) is type(packed[name]), (name, wanted[name], packed[name])
print(len(packed))
"#;

/// Values in YAML's notation.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn value(&mut self, depth: usize) -> String {
        let count = self.below(4);
        match self.below(if depth == 0 { 3 } else { 5 }) {
            0 => self.scalar(),
            1 => self.one(&WORDS).to_owned(),
            2 => self.quoted(),
            3 => {
                let items: Vec<String> = (0..count).map(|_| self.value(depth - 1)).collect();
                format!("[{}]", items.join(", "))
            }
            _ => {
                let pairs: Vec<String> =
                    (0..count).map(|n| format!("k{n}{}: {}", self.below(9), self.value(depth - 1))).collect();
                format!("{{{}}}", pairs.join(", "))
            }
        }
    }

    /// Characters of which numbers, dates and words are made; what begins with `-` alone, or ends with `:`, is another
    /// thing to YAML.
    fn scalar(&mut self) -> String {
        let length = 1 + self.below(7);
        let text: String = (0..length)
            .map(|_| self.one(&["0", "1", "7", "9", "_", ".", "e", "+", "-", ":", "x", "b"]))
            .collect();
        let text = text.trim_end_matches(':').trim_start_matches([':', '-']);
        match text.replace('_', "").as_str() {
            "" | "0b" | "0x" | "+0b" | "+0x" => "0".to_owned(),
            _ => text.to_owned(),
        }
    }

    fn quoted(&mut self) -> String {
        let length = self.below(6);
        let characters = [
            "a", " ", "\\n", "\\t", "\\\"", "\\\\", "é", "😀", "\\x7f", "\\u2028", "\\u0085", "\\ufeff", "#",
            ":", "'", "\\0", "yes",
        ];
        let text: String = (0..length).map(|_| self.one(&characters)).collect();
        format!("\"{text}\"")
    }
}

const WORDS: [&str; 24] = [
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "null",
    "~",
    "017",
    "0b11",
    "0x1F",
    "1_000",
    "12:30",
    "1:30.5",
    "1e3",
    "1.0e+3",
    ".5",
    ".inf",
    ".nan",
    "2020-01-01",
    "2020-01-01 10:00:00.5 +2",
    "2020-1-1T1:02:03Z",
    "!!str 1",
    "'yes'",
    "! 1",
];

/// What charmcraft refuses, of which each was tried with charmcraft 4.5.0.
#[test]
fn keys_that_charmcraft_refuses() {
    let nil = "parts: {p: {plugin: nil}}";
    for (charmcraft, texts) in [
        (format!("{nil}\nseries: [jammy]"), vec!["charmcraft.yaml", "`series`", "remove it"]),
        (format!("{nil}\ndisplay-name: A"), vec!["`display-name`", "call it `title`"]),
        (format!("{nil}\nmaintainers: [a]"), vec!["`maintainers`", "`contact` of `links`"]),
        (format!("{nil}\nlicense: x"), vec!["`license`"]),
        (format!("{nil}\nissues: x"), vec!["`issues`", "`links`"]),
        (format!("{nil}\nlinks: {{docs: x}}"), vec!["`docs` of `links`", "documentation"]),
        (format!("{nil}\nextensions: [flask-framework]"), vec!["`extensions`", "expand-extensions"]),
        (
            format!("{nil}\ncharm-libs: [{{lib: ab.cd, version: 1}}]"),
            vec!["charmcraft.yaml: `charm-libs`", "version: \"1\""],
        ),
        (
            format!("{nil}\ncharm-libs: [{{lib: a-b.cd, version: '1'}}]"),
            vec!["a-b.cd", "lib/charms/a_b", "charmcraft fetch-libs"],
        ),
        (format!("{nil}\nconfig: []"), vec!["charmcraft.yaml: `config` must be a mapping"]),
        (format!("{nil}\nrequires: [db]"), vec!["`requires` must be a mapping, and is [\"db\"]"]),
        (format!("{nil}\nassumes: juju >= 3"), vec!["`assumes` must be a list"]),
        (format!("{nil}\nsubordinate: 'yes'"), vec!["`subordinate` must be true or false, and is \"yes\""]),
        (format!("{nil}\ncharm-user: me"), vec!["`charm-user` must be root, sudoer or non-root"]),
        (format!("{nil}\ntitle: [a]"), vec!["`title` must be a text"]),
        (format!("{nil}\nbuild-base: x"), vec!["ubuntu@24.04", "and is \"x\""]),
        (
            "parts: {p: {plugin: nil, override-build: [x]}}".to_owned(),
            vec!["part `p`: `override-build` must be a text"],
        ),
        (
            "parts: {p: {plugin: charm, charm-strict-dependencies: 'true'}}".to_owned(),
            vec!["part `p`: `charm-strict-dependencies` must be true or false, and is \"true\""],
        ),
        (
            "parts: {p: {plugin: charm, charm-entrypoint: 1}}".to_owned(),
            vec!["`charm-entrypoint` must be a text"],
        ),
        (String::new(), vec!["charmcraft.yaml has no `parts`"]),
        ("parts: {}".to_owned(), vec!["has no `parts`"]),
        ("parts: [a]".to_owned(), vec!["`parts` must be a mapping"]),
        ("parts: {p: }".to_owned(), vec!["part `p` must be a mapping"]),
        ("parts: {p: {}}".to_owned(), vec!["part `p`", "no plugin `p`"]),
        ("parts: {p: {plugin: ~}}".to_owned(), vec!["part `p`", "`plugin` must be"]),
        ("parts: {p: {plugin: nosuch}}".to_owned(), vec!["no plugin `nosuch`"]),
        (
            "parts: {p: {plugin: nil, foo: 1}}".to_owned(),
            vec!["part `p`", "`nil` does not take the key `foo`", "remove it"],
        ),
        (
            "parts: {p: {plugin: uv, source: ., python-keep-bins: true}}".to_owned(),
            vec!["`uv` does not take the key `python-keep-bins` (it is one of plugin `python`)"],
        ),
        (
            "parts: {p: {plugin: dump, source: ., rust-path: [a]}}".to_owned(),
            vec!["`rust-path` (it is one of plugin `rust`)"],
        ),
    ] {
        let project = Project::new();
        let dir = project.charm("any", &format!("{PLATFORM}{charmcraft}"));
        project.pack(&dir, &LOCAL).fails(1, &texts);
    }
}

#[test]
fn plugin_charm_is_for_no_newer_system() {
    let project = Project::new();
    let platforms = "platforms: {x: {build-on: [amd64], build-for: [all]}}\nparts: {p: {plugin: charm}}";
    let pack = |base: &str| {
        let dir =
            project.charm("any", &format!("base: ubuntu@{base}\nbuild-base: ubuntu@{base}\n{platforms}"));
        project.script("any/src/charm.py", "");
        project.pack(&dir, &LOCAL)
    };
    assert_eq!(pack("24.04").code, Some(0));
    for base in ["25.10", "26.04"] {
        pack(base).fails(1, &["part `p`", "no plugin `charm` for ubuntu@", base, "plugin `uv`"]);
    }
}

#[test]
fn keys_that_charmcraft_takes() {
    for charmcraft in [
        "version: 1\nadopt-info: p\npackage-repositories: []\nbuild-base: ubuntu@24.04\ncharmhub: {}\nlicense:",
        "analysis: {ignore: {attributes: [language]}}\ntitle: 24.04\nterms: [a]\ncharm-user: root",
        "charm-libs: []\nconfig:\nactions: {}\nassumes: [juju >= 3]\nextra-bindings: {a: }",
        "links: {contact: [a], documentation: 'https://a/b', issues: x, source: x, website: x}",
    ] {
        let project = Project::new();
        packed(&project, charmcraft);
    }
    let project = Project::new();
    project.write("any/lib/charms/a_b/v0/cd.py", "LIBAPI = 0\nLIBPATCH = 3\n");
    let (charm, _) =
        packed(&project, "charm-libs: [{lib: a-b.cd, version: '1'}]\ntitle: 24.10\nlinks: {contact: me}");
    let metadata = yaml(&charm, "metadata.yaml");
    assert_eq!((&metadata["display-name"], &metadata["maintainers"]), (&json!("24.1"), &json!(["me"])));
}

#[test]
fn the_name_the_summary_and_the_description() {
    let pack = |charmcraft: &str, metadata: Option<&str>| {
        let project = Project::new();
        project.script("any/dispatch", "exit 0");
        project.write("any/charmcraft.yaml", &format!("{PLATFORM}{PARTS}\n{charmcraft}"));
        if let Some(metadata) = metadata {
            project.write("any/metadata.yaml", metadata);
        }
        project.pack(&project.path("any"), &LOCAL)
    };
    let all = "name: any\nsummary: x\ndescription: x";
    pack(all, None).fails(1, &["charmcraft.yaml has no `type`", "`type: charm`"]);
    let all = &format!("type: charm\n{all}");
    assert_eq!(pack(all, None).code, Some(0));
    pack(all, Some("name: any\n")).fails(1, &["charmcraft.yaml and metadata.yaml both have `name`"]);
    pack(all, Some("- a\n")).fails(1, &["metadata.yaml is not right", "no mapping"]);
    assert_eq!(pack("type: charm\nname: any", Some("summary: x\ndescription: x")).code, Some(0));
    pack("type: charm\nname: any\nsummary: x", None).fails(1, &["charmcraft.yaml has no `description`"]);
    pack("type: charm\nname: any\nsummary: on\ndescription: x", None).fails(1, &["`summary` must be a text"]);
    pack("type: charm\nname: a_b\nsummary: x\ndescription: x", None)
        .fails(1, &["`name` must be of a-z", "\"a_b\""]);
    pack("type: bundle\nname: b", None).fails(1, &["\"bundle\", not a charm"]);
}

#[test]
fn the_manifest_tells_how_the_charm_was_packed() {
    let project = Project::new();
    let parts = "parts: {all: {plugin: dump, source: ., prime: [dispatch, src, venv]}}";
    let dir = project.charm("any", &format!("{PLATFORM}{parts}"));
    let pack = |epoch: &str, image: &str| {
        let mut command = project.xtask();
        command.args(["pack", "--packer", "local"]).arg(&dir);
        crate::support::Answer::of(
            command.env("SOURCE_DATE_EPOCH", epoch).env("CHARMCRAFT_IMAGE_INFO", image),
        )
    };
    project.write("any/src/x", "");
    project.write("any/venv/x", "");
    let manifest = yaml(&pack("", "").charm(), "manifest.yaml");
    let keys: Vec<_> = manifest.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["charmcraft-version", "packed-by", "bases", "analysis"]);
    let attributes = |language: &str, framework: &str| json!({"attributes": [{"name": "language", "result": language}, {"name": "framework", "result": framework}]});
    assert_eq!(manifest["analysis"], attributes("unknown", "unknown"));

    project.write("any/dispatch", "#!/bin/sh\nPYTHONPATH=lib:venv exec ./src/charm.py\n\n");
    project.write("any/venv/ops/__init__.py", "");
    project.script("any/src/charm.py", "import os, ops.main");
    let manifest = yaml(&pack("86400", "{\"build\": [1]}").charm(), "manifest.yaml");
    assert_eq!(manifest["charmcraft-started-at"], "1970-01-02T00:00:00+00:00");
    assert_eq!(manifest["image-info"], json!({"build": [1]}));
    assert_eq!(manifest["analysis"], attributes("python", "operator"));
    project.script("any/src/charm.py", "import opsimulate");
    let ignore = format!("{PLATFORM}{parts}\nanalysis: {{ignore: {{attributes: [language]}}}}");
    project.charm("any", &ignore);
    project.write("any/dispatch", "#!/bin/sh\nexec ./src/charm.py\n");
    assert_eq!(yaml(&pack("", "").charm(), "manifest.yaml")["analysis"], attributes("ignored", "unknown"));

    pack("today", "").fails(1, &["SOURCE_DATE_EPOCH must be a number", "\"today\""]);
    pack("", "{").fails(1, &["CHARMCRAFT_IMAGE_INFO must be JSON"]);
}

/// Charmcraft, which would refuse it, is not even asked.
#[test]
fn a_charm_without_charmcraft_yaml() {
    let project = Project::new();
    let metadata = "name: old\nsummary: x\ndescription: x\nseries: [jammy]\n";
    project.write("old/metadata.yaml", metadata);
    project.write("old/config.yaml", "options: {}\n");
    project.script("old/src/charm.py", "");
    project.script("programs/charmcraft", "exit 1");
    let answer = project.pack(&project.path("old"), &[]);
    let charm = answer.charm();
    assert_eq!(charm.file_name().unwrap(), "old_unknown-base.charm");
    assert!(answer.stderr.contains("warning: charm old has no charmcraft.yaml"), "{}", answer.stderr);
    assert!(answer.stderr.contains("charmcraft would refuse this"), "{}", answer.stderr);
    assert_eq!(text(&charm, "metadata.yaml"), metadata);
    assert_eq!(text(&charm, "config.yaml"), "options: {}\n");
    assert!(names(&charm).contains(&"dispatch".to_owned()));
    assert_eq!(yaml(&charm, "manifest.yaml").get("bases"), None);

    project.write("old/metadata.yaml", "name: old\n");
    project.pack(&project.path("old"), &[]).fails(1, &["metadata.yaml has no `summary`"]);
    project.write("old/metadata.yaml", metadata);
    project.write("old/charmcraft.yaml", &format!("type: charm\n{PLATFORM}"));
    project.pack(&project.path("old"), &LOCAL).fails(1, &["charmcraft.yaml has no `parts`"]);
    // Only the older notation of bases has parts of its own accord.
    let bases = "type: charm\nbases: [{name: ubuntu, channel: '22.04', architectures: [amd64, arm64]}]";
    project.write("old/charmcraft.yaml", bases);
    let charm = project.pack(&project.path("old"), &LOCAL).charm();
    assert_eq!(charm.file_name().unwrap(), "old_ubuntu-22.04-amd64-arm64.charm");
    assert!(names(&charm).contains(&"src/charm.py".to_owned()));
}
