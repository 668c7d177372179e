//! A uv that records what it is asked to do and fills a directory, and interpreters that only say who they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Answer, PLATFORM, Project};

/// A project whose `PATH` starts with the stand-ins; its target directory is its own.
pub(super) struct Python {
    pub(super) project: Project,
}

impl Python {
    pub(super) fn new() -> Python {
        let python = Python { project: Project::new() };
        python.interpreter("programs/python3", "/opt/python/bin/python3.11", "3.11.7");
        python.uv("");
        python
    }

    /// A shim: it says that another file is the interpreter.
    pub(super) fn interpreter(&self, name: &str, executable: &str, version: &str) -> PathBuf {
        self.project.script(name, &format!("echo {executable}\necho {version}"))
    }

    /// A uv that does `first` before all else.
    pub(super) fn uv(&self, first: &str) {
        let log = self.project.path("log");
        let log = log.display();
        self.project.script(
            "programs/uv",
            &format!(
                r#"
[ "$*" = --version ] && echo "uv 9.9.9 (stand-in)" && exit
shift 4; dir=$1; shift
echo "uv $* IN $dir" >> {log}
env | grep -E '^(UV_|VIRTUAL_ENV|PYTHON|SSL_CERT|HTTPS_|FROM_)' | sort > {log}.environment
{first}
for last; do :; done
case "$1" in
lock) touch "$dir/uv.lock";;
venv)
    mkdir -p "$last/bin" "$last/lib/python3.11/site-packages"
    touch "$last/bin/activate" "$last/bin/activate.fish" "$last/.lock" "$last/.gitignore" "$last/CACHEDIR.TAG"
    ln -s /opt/python/bin/python3.11 "$last/bin/python"
    ln -s lib "$last/lib64"
    echo "uv = 9.9.9" > "$last/pyvenv.cfg";;
tool)
    # The word after --output= is where poetry writes.
    for word; do case "$word" in --output=*) echo ops==3 > "${{word#--output=}}";; esac; done;;
pip)
    [ "$2" = install ] || exit 0
    venv=${{4%/bin/python}}
    mkdir -p "$venv/lib/python3.11/site-packages/ops"
    echo ops > "$venv/lib/python3.11/site-packages/ops/__init__.py"
    echo tool > "$venv/bin/tool";;
sync)
    site=$UV_PROJECT_ENVIRONMENT/lib/python3.11/site-packages
    mkdir -p "$site/ops/__pycache__" "$site/ops-3.dist-info"
    echo ops > "$site/ops/__init__.py"
    echo compiled > "$site/ops/__pycache__/x.pyc"
    echo '{{"url": "file:///here"}}' > "$site/ops-3.dist-info/direct_url.json"
    echo '{{"timestamp": 1}}' > "$site/ops-3.dist-info/uv_cache.json"
    printf 'ops/__init__.py,sha256=x,4\nops-3.dist-info/direct_url.json,sha256=y,4\nops-3.dist-info/uv_cache.json,,\n' \
        > "$site/ops-3.dist-info/RECORD"
    echo tool > "$UV_PROJECT_ENVIRONMENT/bin/tool";;
esac"#
            ),
        );
    }

    /// A charm of one part, with this code.
    pub(super) fn charm(&self, name: &str, part: &str) -> PathBuf {
        self.project.write(
            &format!("{name}/charmcraft.yaml"),
            &format!(
                "name: {name}\ntype: charm\nsummary: x\ndescription: x\n{PLATFORM}parts: {{main: {part}}}\n"
            ),
        );
        self.project.script(&format!("{name}/src/charm.py"), "exit 0");
        self.project.path(name)
    }

    /// A charm of plugin uv with `pyproject.toml` and `uv.lock`.
    pub(super) fn uv_charm(&self, keys: &str) -> PathBuf {
        let dir = self.charm("any", &format!("{{plugin: uv, source: ., {keys}}}"));
        self.project.write("any/pyproject.toml", "[project]\nname = 'any'\nrequires-python = '>=3.10'\n");
        self.project.write("any/uv.lock", "version = 1\n");
        dir
    }

    pub(super) fn command(&self, dir: &Path, options: &[&str]) -> Command {
        let mut command = self.project.xtask();
        command
            .env("CARGO_TARGET_DIR", self.project.path("target"))
            .args(["pack", "--packer", "local"])
            .args(options)
            .arg(dir);
        command
    }

    pub(super) fn pack(&self, dir: &Path, options: &[&str]) -> Answer {
        Answer::of(&mut self.command(dir, options))
    }

    /// What uv was asked since the last look, without the directory it was asked in; the part's own directory is
    /// `PART`.
    pub(super) fn asked(&self) -> Vec<String> {
        let log = self.project.path("log");
        let text = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(log);
        let part = self.project.path("target/charms/any/parts/main/python");
        let text = text.replace(part.to_str().unwrap(), "PART");
        text.lines().map(|line| line.split(" IN ").next().unwrap().to_owned()).collect()
    }

    /// The variables of the last uv.
    pub(super) fn environment(&self) -> String {
        fs::read_to_string(self.project.path("log.environment")).unwrap()
    }
}
