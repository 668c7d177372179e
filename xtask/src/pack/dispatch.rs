//! `dispatch` of charms in Python, which charmcraft writes where a charm brings none.

use super::files::{Entry, Files};
use super::tree::real;

/// Runs `src/charm.py` with the packages in `venv/`, which lacks an interpreter: that is linked by the first hook.
///
/// The interpreter names itself: packages are not found through the shim of pyenv or asdf, and where there is no
/// `which` there is still a `python3`. A link that leads nowhere is replaced.
const OF_VENV: &str = r#"#!/bin/sh
# Written by jubilant-xtask for src/charm.py and the packages in venv/.
charm=$(dirname "$(realpath "$0")")
python=$charm/venv/bin/python
if ! [ -x "$python" ]; then
    mkdir -p "$charm/venv/bin"
    ln -sf "$(python3 -c 'import sys; print(sys.executable)')" "$python"
fi
PYTHONPATH=$charm/lib:$charm/src
LD_LIBRARY_PATH=$charm/usr/lib:$charm/lib:$charm/usr/lib/$(uname -m)-linux-gnu
export PYTHONPATH LD_LIBRARY_PATH
exec "$python" "$charm/src/charm.py"
"#;

/// Adds a `dispatch` if the charm has code for one, and neither it nor hooks.
pub(super) fn add(files: &mut Files) {
    let has = |path: &str| real(files, path).is_ok();
    if !files.contains_key("dispatch") && !has("hooks") && has("src/charm.py") {
        files.insert("dispatch".into(), Entry { mode: 0o755, ..Entry::text(OF_VENV) });
    }
}

/// That of plugin `charm`: packages lie in `venv/` itself, and the entrypoint is a program.
pub(super) fn of_entrypoint(entrypoint: &str) -> Entry {
    let text = format!(
        "#!/bin/sh\n# Written by jubilant-xtask for {entrypoint} and the packages in venv/.\n\
         JUJU_DISPATCH_PATH=\"${{JUJU_DISPATCH_PATH:-$0}}\" PYTHONPATH=lib:venv exec './{entrypoint}'\n"
    );
    Entry { mode: 0o755, ..Entry::text(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_no_way_in_gets_one() {
        let with = |names: &[&str]| {
            let mut files: Files = names.iter().map(|name| ((*name).to_owned(), Entry::text(""))).collect();
            add(&mut files);
            files.get("dispatch").map(|entry| entry.mode)
        };
        assert_eq!(with(&["src/charm.py"]), Some(0o755));
        assert_eq!(with(&["src/charm.py", "hooks/install"]), None);
        assert_eq!(with(&["src/charm.py", "dispatch"]), Some(0o644), "its own");
        assert_eq!(with(&["src/other.py"]), None);
    }
}
