//! The installed program beside `cargo xtask`.

use crate::support::{Answer, Project};

#[test]
fn the_installed_program_speaks_of_itself() {
    let project = Project::new();
    for (program, before, words) in [
        (env!("CARGO_BIN_EXE_jubilant"), vec![], "jubilant"),
        (env!("CARGO_BIN_EXE_cargo-jubilant"), vec!["jubilant"], "cargo jubilant"),
        (env!("CARGO_BIN_EXE_xtask"), vec![], "cargo xtask"),
    ] {
        let run = |args: &[&str]| Answer::of(project.program(program).args(&before).args(args));
        let help = run(&["help"]).stdout;
        assert!(help.contains(&format!("\nUsage: {words} pack")), "{help}");
        run(&["pakc"]).fails(2, &[&format!("see {words} help")]);
        let dir = project.dumped("own");
        assert_eq!(
            run(&["pack", "--packer", "local", &dir.display().to_string()]).charm().parent(),
            Some(&*dir)
        );
    }
}
