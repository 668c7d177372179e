//! `#[juju_test]`: hands the function to rstest, with `register` as the attribute of each test it makes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Error, FnArg, Ident, ItemFn, parse_quote};

use crate::signature;

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let setup = parse_arguments(arguments)?;
    let mut function: ItemFn = syn::parse2(item)?;
    signature::check(&function, "test")?;
    if let Some(attribute) = function.attrs.iter().find(|attribute| attribute.path().is_ident("test")) {
        return Err(Error::new_spanned(attribute, "#[juju_test] makes it a test: remove `#[test]`"));
    }
    signature::quiet_braces(&mut function);
    pass_references(&mut function);

    let fixtures: Vec<String> =
        signature::typed(&function.sig.inputs).filter_map(signature::fixture).collect();
    let site = format_ident!("__JUBILANT_SITE_{}", function.sig.ident.unraw());
    let (line, column) = place(&function.sig.ident);
    Ok(quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        const #site: ::jubilant::__private::Site = ::jubilant::__private::Site {
            module: ::core::module_path!(),
            file: ::core::file!(),
            line: ::core::line!(),
            column: ::core::column!(),
            name: (#line, #column),
            setup: #setup,
            fixtures: &[#(#fixtures),*],
        };
        #[::jubilant::__private::rstest::rstest]
        #[test_attr(::jubilant::__private::register(#site))]
        #function
    })
}

/// Where a name is written. `line!()` is the same for all tests that one `macro_rules!` call makes; this is not.
fn place(name: &Ident) -> (u32, u32) {
    if !proc_macro::is_available() {
        return (0, 0);
    }
    let span = name.span().unwrap();
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (number(span.line()), number(span.column()))
}

/// `#[juju_test]` or `#[juju_test(setup)]`.
fn parse_arguments(arguments: TokenStream) -> syn::Result<bool> {
    if arguments.is_empty() {
        return Ok(false);
    }
    let word: Ident = syn::parse2(arguments.clone())
        .map_err(|_| Error::new_spanned(&arguments, "expected `#[juju_test]` or `#[juju_test(setup)]`"))?;
    if word == "setup" {
        Ok(true)
    } else {
        Err(Error::new_spanned(&word, format!("unknown option `{word}`: the only one is `setup`")))
    }
}

/// Marks `&T` arguments that are fixtures as `#[by_ref]`: rstest then builds a `T` and lends it.
fn pass_references(function: &mut ItemFn) {
    const VALUES: [&str; 5] = ["case", "values", "files", "future", "by_ref"];
    for argument in &mut function.sig.inputs {
        let FnArg::Typed(argument) = argument else { continue };
        let is_value = argument
            .attrs
            .iter()
            .any(|attribute| VALUES.iter().any(|value| attribute.path().is_ident(value)));
        if signature::is_reference(argument) && !is_value {
            argument.attrs.push(parse_quote!(#[by_ref]));
        }
    }
}
