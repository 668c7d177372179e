//! Scripts such as charms have, and nasty ones: what becomes of each.

use serde_json::{Map, Value, json};

use super::{Class, Script};
use crate::pack::part::{Part, Plugin};

fn class_of(plugin: Plugin, name: &str, keys: &Value) -> Class {
    let keys: Map<String, Value> = keys.as_object().unwrap().clone();
    let part = Part { name: name.into(), plugin, source: "/nowhere".into(), keys };
    Script::of(&part).unwrap().unwrap().class()
}

fn class(script: &str) -> Class {
    class_of(Plugin::Dump, "charm", &json!({"override-build": script}))
}

#[track_caller]
fn all_contained(scripts: &[&str]) {
    let wrong: Vec<String> = scripts
        .iter()
        .filter(|script| class(script) != Class::Contained)
        .map(|script| format!("{script}\n    {:?}", class(script)))
        .collect();
    assert!(wrong.is_empty(), "not run:\n{}", wrong.join("\n"));
}

#[track_caller]
fn all_foreign(scripts: &[&str]) {
    let wrong: Vec<&&str> =
        scripts.iter().filter(|script| !matches!(class(script), Class::Foreign { .. })).collect();
    assert!(wrong.is_empty(), "not refused: {wrong:#?}");
}

#[test]
fn the_plugin_alone() {
    for script in [
        "craftctl default",
        "\n# as ever\ncraftctl default # yes\n\n",
        "craftctl \\\n  default",
        "'craftctl' \"default\"",
    ] {
        assert_eq!(class(script), Class::Default, "{script}");
    }
    for script in ["craftctl default\ncraftctl default", "craftctl default && true", "X=1 craftctl default"] {
        assert_ne!(class(script), Class::Default, "{script}");
    }
}

#[test]
fn parts_that_only_install_tools() {
    let of = |name: &str, script: &str| class_of(Plugin::Nil, name, &json!({"override-build": script}));
    for (name, script) in [
        (
            "poetry-deps",
            "curl -sSf https://example.com/install | POETRY_HOME=/opt python3 -\nln -sf /opt/bin/poetry /usr/local/bin/poetry",
        ),
        ("any-deps", "something [ unknown"),
        ("rust", "sudo snap install rustup --classic\nrustup default stable"),
        ("tools", "apt-get update && apt-get install -y libpq-dev\npip3 install --user poetry"),
        ("curl", "curl --proto '=https' -sSf https://example.com | sh -s -- -y"),
        ("tools", "if ! which uv; then\n  pip install uv\nfi"),
    ] {
        assert_eq!(of(name, script), Class::Tools, "{script}");
    }
    for (name, script) in [
        ("x-deps", "make\ncp x $CRAFT_PART_INSTALL"),
        ("x-deps", "curl https://example.com > ../install/x"),
        ("x", "apt-get install -y x\nmake"),
        ("x", "curl https://example.com > x"),
        ("x", "echo only told"),
    ] {
        assert_ne!(of(name, script), Class::Tools, "{script}");
    }
    // Whatever another plugin builds would be missing.
    assert_ne!(class("apt-get install -y x"), Class::Tools);
}

#[test]
fn scripts_of_charms() {
    all_contained(&[
        "craftctl default\ngit describe --always > $CRAFT_PART_INSTALL/version",
        "craftctl default\ngit describe --always --dirty --tags 2>/dev/null > \"${CRAFT_PART_INSTALL}/version\" || echo unknown > $CRAFT_PART_INSTALL/version",
        "rustup default stable\ncraftctl default",
        "# needed to build cryptography\nsudo snap install rustup --classic && rustup default stable\nsudo apt-get install -y libssl-dev pkg-config\ncraftctl default\ncp requirements.txt $CRAFT_PART_INSTALL/",
        "uv lock\ncraftctl default",
        "uv export --frozen --no-hashes --no-dev --format requirements-txt -o requirements.txt\ncraftctl default\ncp -r templates $CRAFT_PART_INSTALL",
        "uv export --no-emit-project > requirements.txt",
        "uv export --output-file=\"$CRAFT_PART_BUILD/requirements.txt\"\nuv --version",
        "craftctl default\nmkdir -p $CRAFT_PART_INSTALL/{hooks,actions}\nfor hook in install start; do\n  ln -sf ../dispatch \"$CRAFT_PART_INSTALL/hooks/$hook\"\ndone",
        "if [ \"$CRAFT_PLATFORM\" = \"ubuntu@22.04:amd64\" ]; then\n  rm -f pyproject.toml\nelse\n  echo ok\nfi\ncraftctl default",
        "if [[ -f src/version && ! -d old || $CRAFT_ARCH_BUILD_FOR == arm* ]]; then craftctl default; fi",
        "VERSION=$(git describe --tags --abbrev=0)\necho \"$VERSION\" > \"$CRAFT_PART_INSTALL/version\"\nsed -i \"s/^name = .*/name = $CRAFT_PROJECT_NAME/\" pyproject.toml",
        "git -C $CRAFT_PROJECT_DIR rev-parse HEAD > $CRAFT_PART_INSTALL/revision",
        "cd $CRAFT_PROJECT_DIR\ngit describe > $CRAFT_PART_INSTALL/version\ncd $CRAFT_PART_BUILD\nrm -rf tests",
        "(cd $CRAFT_PROJECT_DIR; git status --short) > status\nrm -f x",
        "cp -r $CRAFT_PROJECT_DIR/../shared/lib .\ncraftctl default",
        "cat > $CRAFT_PART_INSTALL/dispatch <<'EOF'\n#!/bin/sh\nexec $(dirname $0)/src/charm.py `rm -rf /`\nEOF\nchmod +x $CRAFT_PART_INSTALL/dispatch\nchmod -x README",
        "cat <<-EOF >version\n\tcharm: $CRAFT_PROJECT_NAME ${VERSION:-none}\n\tEOF\ntrue",
        "find . -type d -name __pycache__ -print\nfind \"$CRAFT_PART_INSTALL\" -name '*.pyc' -delete",
        "case \"$CRAFT_ARCH_BUILD_FOR\" in\n  amd64|arm64) touch native ;;\n  *)\n    echo 'not known' >&2\n    exit 1\n    ;;\nesac",
        "while read -r line; do\n  echo \"$line\"\ndone < list.txt | sort -u > sorted.txt",
        "install -D -m 0755 scripts/run.sh $CRAFT_PART_INSTALL/bin/run\ninstall -t \"$CRAFT_PART_INSTALL\" a b",
        "DEST=\"$CRAFT_PART_INSTALL/templates\"\nmkdir -p \"$DEST\"\ncp -a templates/*.j2 \"$DEST/\"",
        "for dir in src lib; do rm -rf $CRAFT_PART_INSTALL/$dir; done; craftctl default",
        "pushd charm >/dev/null\nrm -f x\npopd\necho done | tee -a log",
        "export DEBIAN_FRONTEND=noninteractive UV_FROZEN=true\nexport CHARM_VERSION=\"$(git describe)\"\ncraftctl default",
        "set -eux\nset -o pipefail\ncraftctl set version=\"$(git describe)\"\ncraftctl get version",
        "{ echo a; echo b; } >> notes\n! grep -q x notes && mv notes kept",
        "test -n \"${CRAFT_PART_NAME}\" || exit 1\nprintf '%s\\n' \"$(date -u +%Y)\" > year",
        "git config --global --add safe.directory '*'\ngit log -1 --format=%H > revision",
        "X=`git rev-parse --short HEAD`\necho ${X} > version",
        "sed -e 's/a/b/g' -e '/^#/d' in > out; sed -i.bak '1d;$d' out; sed -n '/a/,/b/p' in",
        "sed -i \"s|@DIR@|${CRAFT_PART_NAME}|\" $CRAFT_PART_INSTALL/unit.service",
        "command -v uv >/dev/null 2>&1 || true\ncp -t $CRAFT_PART_INSTALL a b\ncp x{,.bak}",
        "cp foo bar &> /dev/null",
        "rm -rf \"$CRAFT_PART_INSTALL\"/venv/lib/*/site-packages/tests",
    ]);
}

#[test]
fn what_acts_elsewhere() {
    all_foreign(&[
        "rm -rf /",
        "rm -rf \"$HOME\"",
        "rm -rf $HOME/x",
        "rm -rf ~",
        "rm -rf ~/x",
        "cp a ~root/x",
        "cp a /etc",
        "cp -t /etc a",
        "cp -t/etc a",
        "cp --target-directory=/etc a",
        "cp --target-directory /etc a",
        "cp --target=/etc a",
        "cp -at /etc a",
        "cp a b ../../x",
        "cp a b/../../../x",
        "mv /etc/x .",
        "mv $CRAFT_PROJECT_DIR/x .",
        "install -t /etc a",
        "install -m 755 a /usr/local/bin/a",
        "install -d /opt/x",
        "ln -sf /opt/poetry /usr/local/bin/poetry",
        "ln -s /etc x",
        "ln -s ../../.. $CRAFT_PART_INSTALL/x/y",
        "ln -s $HOME home",
        "ln $CRAFT_PROJECT_DIR/a a",
        "cp -l $CRAFT_PROJECT_DIR/a a",
        "cp -s $CRAFT_PROJECT_DIR/a a",
        "mkdir -p /opt/x",
        "touch /etc/x",
        "chmod 777 /etc/passwd",
        "chmod -R 777 /",
        "chmod sxt /etc",
        "rm -rf \"$CRAFT_PROJECT_DIR\"",
        "rm -f $CRAFT_PROJECT_DIR/x",
        "echo x > $CRAFT_PROJECT_DIR/x",
        "rm -rf ${CRAFT_PART_INSTALL}/../../x",
        "rm -rf ${CRAFT_PART_INSTALL}x",
        "rm -rf $CRAFT_PART_INSTALL/.*",
        "rm -rf x/.*",
        "rm -rf $NOWHERE/x",
        "X=\nrm -rf \"$X/etc\"",
        "X=; rm -rf $X/etc",
        "X=/; rm -rf $X",
        "X=/etc; Y=$X/passwd; rm $Y",
        "X=a; X=/etc; rm -r $X",
        "if true; then X=a; else X=/; fi; rm -r $X/x",
        "X='a /etc'; rm -r $X",
        "X='*'; rm -r $X",
        "X=a; X=$X/../..; rm -rf $X",
        "X=a; X+=/../../..; rm -rf $X",
        "for x in a /etc; do rm -r $x; done",
        "for x in $(ls /); do rm -rf /$x; done",
        "read x < f; rm -rf $x",
        "rm -rf $(git rev-parse --show-toplevel)",
        "rm -rf \"${X:-/etc}\"",
        "rm -rf \"${CRAFT_PART_INSTALL:+/etc}\"",
        "rm -rf ${CRAFT_PART_INSTALL%/*}",
        "cp a \"$(pwd)/../x\"",
        "cd /; rm x",
        "cd /tmp && rm x",
        "cd ..; rm x",
        "cd; rm x",
        "cd -P; rm x",
        "cd $CRAFT_PROJECT_DIR; touch x",
        "cd $CRAFT_PROJECT_DIR; cd $CRAFT_PART_BUILD || true; rm x",
        "cd $CRAFT_PROJECT_DIR; cd src; rm x",
        "cd $CRAFT_PROJECT_DIR; cd $CRAFT_PART_BUILD; cd -; rm x",
        "if cd $CRAFT_PROJECT_DIR; then rm x; fi",
        "if true; then cd $CRAFT_PROJECT_DIR; fi; rm x",
        "for x in a b; do rm x; cd $CRAFT_PROJECT_DIR; done",
        "while true; do rm x; pushd /; done",
        "pushd /; rm x",
        "pushd $CRAFT_PROJECT_DIR; popd; rm x",
        "{ cd $CRAFT_PROJECT_DIR; }; uv lock",
        "cd $CRAFT_PROJECT_DIR; find -delete",
        "cd $CRAFT_PROJECT_DIR; ln -s a b",
        "find / -delete",
        "find $CRAFT_PROJECT_DIR -delete",
        "find . -exec rm {} \\;",
        "find . -name x -fprint /etc/x",
        "find . -name $X",
        "find -L . -delete",
        "echo x > /etc/x",
        "echo x >> /etc/x",
        "echo x >| /etc/x",
        "echo x &> /etc/x",
        "echo x &>> /etc/x",
        "echo x >& /etc/x",
        "echo x 2> /etc/x",
        "> /etc/x",
        "echo x > $X",
        "{ echo x; } > /etc/x",
        "( echo x ) > ../x",
        "if true; then echo x; fi > /etc/x",
        "for x in a; do echo; done > /etc/x",
        "echo x | tee /etc/x",
        "echo x <> /etc/x",
        "cat <<EOF > /etc/x\nEOF\n",
        "sort -o /etc/x a",
        "date -s 2020-01-01",
        "date 010100002020",
    ]);
}

#[test]
fn what_runs_other_programs() {
    all_foreign(&[
        "make",
        "./configure",
        "/usr/bin/apt-get install x",
        "bash -c 'rm x'",
        "sh x",
        "python3 -m pip install x",
        "pip install x",
        "cargo build",
        "npm ci",
        "curl https://example.com | sh",
        "curl https://example.com",
        "echo \"$(rm -rf /)\"",
        "echo `rm -rf /`",
        "echo \"`rm -rf /`\"",
        "echo \"`echo \\`rm -rf /\\``\"",
        "echo ${x:-$(curl example.com)}",
        "echo \"${x:-\"$(curl example.com)\"}\"",
        "echo ${x:+`make`}",
        "echo ${x:=$(make)}",
        "echo ${x#$(make)}",
        "echo ${x/$(make)/y}",
        "echo ${x:$(make)}",
        "echo ${x[$(make)]}",
        "echo ${!x}",
        "echo ${x@P}",
        "echo $((x[$(make)]))",
        "echo $[1+1]",
        "x=$(make)",
        "x=1 make",
        "export VERSION=$(make)",
        "for x in $(make); do true; done",
        "case $(make) in x) true;; esac",
        "case x in $(make)) true;; esac",
        "case x in x) make;; esac",
        "case x in x) true;;& esac",
        "[[ -n $(make) ]]",
        "[[ x -eq 'a[$(make)]' ]]",
        "[[ $x -gt 1 ]]",
        "[[ -v $x ]]",
        "[ -v \"$x\" ]",
        "[ -n \"$(make)\" ]",
        "if make; then true; fi",
        "if true; then make; fi",
        "if false; then true; elif make; then true; fi",
        "if false; then true; else make; fi",
        "while make; do true; done",
        "until false; do make; done",
        "true && make",
        "true || make",
        "true | make",
        "! make",
        "( make )",
        "{ make; }",
        "true; make",
        "true # x\nmake",
        "true \\\n; make",
        "true\\\nx",
        "echo a#b; make",
        "cat <<EOF\n$(make)\nEOF",
        "cat <<EOF\n`make`\nEOF",
        "cat <<'EOF'\nx\nEOF\nmake",
        "cat <<EOF\nx\\\nEOF\nmake\nEOF",
        "cat <<EOF",
        "cat <<$X\n$X",
        "cat <(make)",
        "[[ -f <(make) ]]",
        "[[ -f <\\\n(make) ]]",
        "echo $\\\n(make)",
        "echo \"$\\\n(make)\"",
        "cat <\\\n(make)",
        "ec\\\nho x",
        "true &\\\n& true",
        "[[ a > >(make) ]]",
        "[[ a =~ b<(make) ]]",
        "echo ${x:-<(make)}",
        "echo ${x:->(make)}",
        "echo \"${x:-<(make)}\"",
        "for x in ${x#>(make)}; do true; done",
        "echo > >(make)",
        "eval rm x",
        "source x",
        ". x",
        "exec rm x",
        "exec > /etc/x",
        "trap 'make' EXIT",
        "alias cp=make",
        "builtin cd /",
        "command rm -rf /",
        "command -p make",
        "env make",
        "xargs rm",
        "time make",
        "coproc make",
        "function cp { make; }",
        "cp () { make; }",
        "cp() { make; }; cp a b",
        "select x in a; do make; done",
        "make &",
        "true & true",
        "true |& make",
        "$X",
        "\"$X\" a",
        "c\\p a /etc",
        "X=cp; $X a /etc",
        "{cp,a,/etc}",
        "a=(x $(make))",
        "a[0]=1",
        "((x=1))",
        "$'rm' x",
        "echo $'x'",
        "echo $\"x\"",
        "echo $@",
        "echo $1",
        "echo {1..3}",
        "echo {a,b",
        "echo 'x",
        "echo \"x",
        "echo $(true",
        "echo ${x",
        "if true; then true",
        "fi",
        "echo )",
        "echo x\rmake",
        "declare -x PATH=/x",
        "local x=1",
        "let x=1",
        "shopt -s expand_aliases",
        "set +e",
        "set +u; rm -rf $X/x",
        "set -- a",
        "set -o posix",
        "printf -v PATH x",
        "printf \"$X\" y",
        "export PATH=$HOME/bin:$PATH",
        "export PATH",
        "PATH=/x cp a b",
        "PATH=/x",
        "for PATH in a; do cp a b; done",
        "read PATH",
        "read IFS",
        "unset PATH",
        "export BASH_ENV=x",
        "PS4='$(make)'",
        "IFS=/",
        "CDPATH=/",
        "HOME=/x",
        "GIT_SSH_COMMAND=x git log",
        "GIT_DIR=/x git describe",
        "LD_PRELOAD=x cp a b",
        "export LD_PRELOAD=x",
        "export CC=evil",
        "export UV_PYTHON=/x",
        "UV_PROJECT_ENVIRONMENT=/opt/x uv sync",
        "export -f x",
        "CRAFT_PART_INSTALL=/; cp x $CRAFT_PART_INSTALL/",
        "echo $CRAFT_STAGE",
        "cp a $CRAFT_PRIME/",
    ]);
}

#[test]
fn tools_that_do_more() {
    all_foreign(&[
        "git -c alias.x='!sh' x",
        "git x",
        "git $X",
        "git log $X",
        "git -C $X describe",
        "git log --output=/etc/x",
        "git log --outp=/etc/x",
        "git diff --ext-diff",
        "git show --output /etc/x",
        "git checkout main",
        "git commit -m x",
        "git clone https://example.com",
        "git fetch --tags",
        "git submodule update --init",
        "git clean -fdx",
        "git tag v1",
        "git tag -l -d v1",
        "git branch -D x",
        "git symbolic-ref HEAD refs/heads/x",
        "git config user.name x",
        "git config --global alias.describe '!make'",
        "git config --global core.pager make",
        "git config --get-all x y",
        "git --exec-path=/x describe",
        "git ls-remote --upload-pack=make .",
        "sed -i s/a/b/ /etc/x",
        "sed -i s/a/b/ $CRAFT_PROJECT_DIR/x",
        "sed --in-place s/a/b/ /etc/x",
        "sed -i -e s/a/b/ /etc/x",
        "sed -ni s/a/b/p /etc/x",
        "sed 'w /etc/x' a",
        "sed '1e make' a",
        "sed 'e' a",
        "sed 's/a/b/e' a",
        "sed 's/a/b/ge' a",
        "sed 's/a/make/;e' a",
        "sed 's/a/b/w /etc/x' a",
        "sed 's/a/b/gw/etc/x' a",
        "sed '/a/w/etc/x' a",
        "sed 'r /etc/x' a",
        "sed -e p -e 'w x' a",
        "sed --expression='w /etc/x' a",
        "sed -f x a",
        "sed --file=x a",
        "sed 's/[/]/w x/' a",
        "sed 's/[]/]/;s/x/e/' a",
        "sed \"s/a/$(git describe)/\" a",
        "sed \"s/a/$X/\" a",
        "X=x/e; sed \"s/a/$X/\" a",
        "sed '{w x\n}' a",
        "sed 'y/a/b/;w x' a",
        "sed 'p\nw x' a",
        "sed -i/etc/* p a",
        "uv run make",
        "uv pip install --system x",
        "uv pip install x",
        "uv tool install poetry",
        "uvx poetry",
        "uv python install 3.12",
        "uv build",
        "uv self update",
        "uv sync --python ./evil",
        "uv sync --project /x",
        "uv --directory / lock",
        "uv export -o /etc/x",
        "uv export -o/etc/x",
        "uv export --output-file /etc/x",
        "uv export --output-file=$X",
        "uv sync --extra $X",
        "uv $X",
        "craftctl",
        "craftctl build",
        "sudo",
        "sudo make",
        "sudo rm -rf /",
        "sudo -E cp a /etc",
        "sudo -u root cp a b",
        "sudo X=1 cp a b",
        "sudo bash -c x",
        "apt-get install $(make)",
        "snap install x > /etc/x",
        "rm -rf -- \"$X\"",
        "cp -- a /etc",
        "cp -b a b",
        "cp -S x a b",
        "install -o root a b",
        "install -s --strip-program=make a b",
        "tail -f x | tee $X",
    ]);
}

#[test]
fn what_is_foreign_is_quoted() {
    for (script, line, why) in [
        ("craftctl default\n\n  make -C src   # all\n", "make -C src   # all", "`make`"),
        ("if true; then\n  cp a \\\n    /etc\nfi", "cp a \\", "outside"),
        ("echo 'a\nb'\nfoo", "foo", "`foo`"),
        ("cat <<E\nx\nE\nfoo", "foo", "`foo`"),
        ("true\necho 'x", "echo 'x", "quote has no end"),
    ] {
        let Class::Foreign { line: quoted, why: told } = class(script) else { panic!("{script}") };
        assert_eq!(quoted, line);
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn the_build_environment_counts() {
    let of = |environment: Value| {
        class_of(
            Plugin::Dump,
            "x",
            &json!({"override-build": "rm -rf $DIR/x", "build-environment": environment}),
        )
    };
    assert_eq!(of(json!([{"DIR_VERSION": "1"}, {"UV_FROZEN": "false"}])), class("rm -rf $DIR/x"));
    assert!(matches!(of(json!([{"DIR": "/"}])), Class::Foreign { .. }));
    for value in [
        json!([{"PATH": "/x:$PATH"}]),
        json!([{"X_VERSION": "$(make)"}]),
        json!([{"X_VERSION": "\"; make; \""}]),
    ] {
        let Class::Foreign { why, .. } = of(value.clone()) else { panic!("{value}") };
        assert!(why.starts_with("build-environment: "), "{why}");
    }
    let script = json!({"override-build": "uv lock", "build-environment": [{"UV_WORKING_DIR": "$CRAFT_PART_BUILD/x"}]});
    assert_eq!(class_of(Plugin::Dump, "x", &script), Class::Contained);
}
