//! `#[register(SITE)]`: one concrete function, put into the list of tests that the harness reads.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, Expr, ExprLit, ItemFn, Lit, Meta, Path, Token};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let site: Path = syn::parse2(arguments)?;
    let mut function: ItemFn = syn::parse2(item)?;
    let visible = function.sig.ident.clone();
    let run = format_ident!("__jubilant_test_{}", visible.unraw());
    function.sig.ident = run.clone();

    let ignore = option(take(&mut function, "ignore").map(|attribute| text(&attribute, "ignore")));
    let should_panic = option(take(&mut function, "should_panic").map(|a| text(&a, "expected")));
    Ok(quote! {
        #function

        ::jubilant::__private::inventory::submit! {
            ::jubilant::__private::Test {
                site: #site,
                // Cases of one function differ in their modules too: `values::n_1_1::s_1`.
                path: ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#visible)),
                ignore: #ignore,
                should_panic: #should_panic,
                run: || ::jubilant::__private::IntoOutcome::into_outcome(#run()),
            }
        }

        // With `harness = false` rustc drops this function; rust-analyzer sees a test to run and debug.
        #[test]
        #[allow(dead_code)]
        fn #visible() {
            ::jubilant::__private::without_harness()
        }
    })
}

fn take(function: &mut ItemFn, name: &str) -> Option<Attribute> {
    let index = function.attrs.iter().position(|attribute| attribute.path().is_ident(name))?;
    Some(function.attrs.remove(index))
}

/// The text of `#[name]` (none), `#[name = "text"]` or `#[name(key = "text")]`.
fn text(attribute: &Attribute, key: &str) -> String {
    let value = match &attribute.meta {
        Meta::Path(_) => None,
        Meta::NameValue(pair) => Some(pair.value.clone()),
        Meta::List(list) => list
            .parse_args_with(syn::punctuated::Punctuated::<syn::MetaNameValue, Token![,]>::parse_terminated)
            .ok()
            .and_then(|pairs| pairs.into_iter().find(|pair| pair.path.is_ident(key)))
            .map(|pair| pair.value),
    };
    match value {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => text.value(),
        _ => String::new(),
    }
}

fn option(text: Option<String>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}
