//! The attribute macros of `jubilant`: they parse and delegate, the behaviour lives in `jubilant::harness`.
//!
//! Use them through `jubilant::prelude`, which also brings what their expansions name.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;

mod fixture;
mod register;
mod signature;
mod test;

/// Marks a function as a test of the module's model.
///
/// Tests of one module run in the order written, on one temporary model; modules are independent of each
/// other. Arguments are fixtures, resolved by name: `juju`, `charm`, `models`, the module's own
/// `#[module_fixture]`s, and rstest's `#[case]`, `#[values]`, `#[from]`, `#[with]`, `#[default]`.
/// `#[timeout]`, `#[should_panic]` and `#[ignore = "why"]` work as with rstest. A test returns `()` or a
/// `Result` whose error is `Debug`.
///
/// `#[juju_test(setup)]` marks a test that prepares the model (deploys, integrates): where it fails, the rest
/// of the module is skipped; with `--no-deploy` it is skipped itself; and it runs even if a filter names only
/// other tests of its module.
#[proc_macro_attribute]
pub fn juju_test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    emit(test::expand(arguments.into(), item.into()))
}

/// Turns a function into a fixture that lives as long as the module.
///
/// It is built for the first test of a module that names it, shared by the module's other tests, and dropped
/// at the module's end, before the models are destroyed, last built first. Its arguments are fixtures too. It
/// returns a value, or a `Result` of one whose error fails the tests that need it. Tests take it by
/// reference: `fn test(database: &Database)`.
#[proc_macro_attribute]
pub fn module_fixture(arguments: TokenStream, item: TokenStream) -> TokenStream {
    emit(fixture::expand(arguments.into(), item.into()))
}

/// Registers one concrete test function: the attribute that `#[juju_test]` has rstest put on each case.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn register(arguments: TokenStream, item: TokenStream) -> TokenStream {
    emit(register::expand(arguments.into(), item.into()))
}

fn emit(expanded: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expanded.unwrap_or_else(|error| error.into_compile_error()).into()
}
