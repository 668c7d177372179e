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
        assert_eq!(names(&charm), ["charmcraft.yaml", "dispatch", "manifest.yaml", "metadata.yaml"]);
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
