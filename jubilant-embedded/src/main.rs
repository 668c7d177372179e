//! The embedded Juju as a program of its own.
fn main() {
    jubilant_embedded::main();
}
