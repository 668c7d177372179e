//! What must run before anybody's `main`: the embedded Juju that is linked into a test executable, when it is
//! started by that name. Under plain libtest there is no other place for it.
#![allow(unsafe_code)]

ctor::declarative::ctor! {
    // SAFETY: nothing here depends on what other constructors set up. Without one of jubilant's private
    // names or arguments it only compares the executable's name and its first argument; with one, the role
    // runs and the process exits without reaching `main`.
    #[ctor(unsafe)]
    fn play_private_role() {
        jubilant_embedded::run_if_called();
    }
}
