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
/// A name in scope hides the prelude's: beside a `mod charm;` the fixture is
/// `#[from(jubilant::prelude::charm)] charm: &Charm`. A plain `#[test]` never runs in a target with
/// `harness = false`.
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

/// Only there to be found where `#[case]` stands above `#[juju_test]`, which would otherwise never see it.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn case(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    misplaced("case", item)
}

/// As `case`, for `#[timeout]`.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn timeout(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    misplaced("timeout", item)
}

fn misplaced(attribute: &str, item: TokenStream) -> TokenStream {
    let message = format!("#[{attribute}] belongs below #[juju_test], which reads it");
    // The item stays: complaints about its absence would only hide this one.
    let mut error: TokenStream =
        syn::Error::new(proc_macro2::Span::call_site(), message).into_compile_error().into();
    error.extend(item);
    error
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

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{fixture, test};

    fn refused(expanded: syn::Result<proc_macro2::TokenStream>) -> String {
        let error = expanded.expect_err("this is refused");
        error.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_cannot_be_a_test_is_said() {
        for (function, problem) in [
            (
                quote!(
                    async fn t() {}
                ),
                "remove `async`",
            ),
            (
                quote!(
                    fn t(&self) {}
                ),
                "no `self`",
            ),
            (
                quote!(
                    fn juju(juju: &Juju) {}
                ),
                "the name of its fixture `juju`",
            ),
            (
                quote!(
                    fn t((a, b): (u8, u8)) {}
                ),
                "a plain name",
            ),
            (
                quote!(
                    #[test]
                    fn t() {}
                ),
                "remove `#[test]`",
            ),
        ] {
            let error = refused(test::expand(quote!(), function));
            assert!(error.contains(problem), "{error}");
        }
        let error = refused(test::expand(
            quote!(teardown),
            quote!(
                fn t() {}
            ),
        ));
        assert!(error.contains("unknown option `teardown`"), "{error}");
    }

    #[test]
    fn complaints_come_all_at_once() {
        let error = refused(test::expand(
            quote!(),
            quote!(
                async fn juju(juju: &Juju) {}
            ),
        ));
        assert!(error.contains("async") && error.contains("fixture `juju`"), "{error}");
    }

    #[test]
    fn what_cannot_be_a_fixture_is_said() {
        for (arguments, function, problem) in [
            (
                quote!(),
                quote!(
                    fn f() {}
                ),
                "returns the value",
            ),
            (
                quote!(session),
                quote!(
                    fn f() -> u8 {
                        1
                    }
                ),
                "takes no options",
            ),
            (
                quote!(),
                quote!(
                    async fn f() -> u8 {
                        1
                    }
                ),
                "remove `async`",
            ),
        ] {
            let error = refused(fixture::expand(arguments, function));
            assert!(error.contains(problem), "{error}");
        }
    }
}
