//! What tests and fixtures have in common: the checks of a signature, and its arguments.

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::{Error, FnArg, Ident, ItemFn, Pat, PatType, Token, Type};

/// Refuses what neither a test nor a fixture can be, all complaints at once.
pub(crate) fn check(function: &ItemFn, what: &str) -> syn::Result<()> {
    let mut errors = Vec::new();
    if let Some(keyword) = function.sig.asyncness {
        errors.push(Error::new_spanned(
            keyword,
            format!(
                "a {what} is a plain fn: jubilant blocks, and Juju works in the background; remove `async`"
            ),
        ));
    }
    if let Some(receiver) = function.sig.inputs.iter().find(|argument| matches!(argument, FnArg::Receiver(_)))
    {
        errors.push(Error::new_spanned(receiver, format!("a {what} is a free function: it has no `self`")));
    }
    for argument in typed(&function.sig.inputs) {
        match name(argument) {
            None => errors.push(Error::new_spanned(
                &argument.pat,
                format!("an argument of a {what} is a plain name: it says which fixture is meant"),
            )),
            Some(fixture) if *fixture == function.sig.ident => errors.push(Error::new_spanned(
                &argument.pat,
                format!("this {what} has the name of its fixture `{fixture}`: rename one of them"),
            )),
            Some(_) => {}
        }
    }
    match errors.into_iter().reduce(|mut all, next| {
        all.combine(next);
        all
    }) {
        Some(errors) => Err(errors),
        None => Ok(()),
    }
}

pub(crate) fn typed(inputs: &Punctuated<FnArg, Token![,]>) -> impl Iterator<Item = &PatType> {
    inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

/// The fixture an argument names: its identifier, without the one underscore that marks it as unused.
pub(crate) fn fixture(argument: &PatType) -> Option<String> {
    let name = name(argument)?.to_string();
    Some(name.strip_prefix('_').map(str::to_owned).unwrap_or(name))
}

pub(crate) fn name(argument: &PatType) -> Option<&Ident> {
    match &*argument.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        _ => None,
    }
}

pub(crate) fn is_reference(argument: &PatType) -> bool {
    matches!(&*argument.ty, Type::Reference(_))
}

/// Gives the body's braces the span of the macro call: rustc's `unused_braces` would otherwise complain about
/// a one-line body that rstest expands.
pub(crate) fn quiet_braces(function: &mut ItemFn) {
    let mut group = proc_macro2::Group::new(proc_macro2::Delimiter::Brace, proc_macro2::TokenStream::new());
    group.set_span(Span::call_site());
    function.block.brace_token.span = group.delim_span();
}
