//! What must run before anybody's `main`: the roles that a test executable plays when jubilant starts it
//! again. Under plain libtest there is no other place for them.
#![allow(unsafe_code)]

ctor::declarative::ctor! {
    // SAFETY: nothing here depends on what other constructors set up. Without one of jubilant's private
    // names or arguments it only compares the executable's name and its first argument; with one, the role
    // runs and the process exits without reaching `main`.
    #[ctor(unsafe)]
    fn play_private_role() {
        #[cfg(feature = "embedded")]
        jubilant_embedded::run_if_called();
        #[cfg(feature = "harness")]
        crate::harness::run_watchdog_if_called();
    }
}
