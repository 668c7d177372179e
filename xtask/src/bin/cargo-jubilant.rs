//! The installed program as a command of cargo's.

fn main() -> std::process::ExitCode {
    jubilant_xtask::main()
}
