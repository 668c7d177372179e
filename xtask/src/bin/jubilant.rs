//! The installed program, for any charm's directory.

fn main() -> std::process::ExitCode {
    jubilant_xtask::main()
}
