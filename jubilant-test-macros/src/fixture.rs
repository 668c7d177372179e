//! `#[module_fixture]`: a hidden type named like the function, whose `default()` is the module's one value.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, GenericArgument, Ident, ItemFn, PathArguments, ReturnType, Type};

use crate::signature;

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    if !arguments.is_empty() {
        return Err(Error::new_spanned(arguments, "#[module_fixture] takes no options"));
    }
    let function: ItemFn = syn::parse2(item)?;
    signature::check(&function, "fixture")?;

    let ReturnType::Type(_, returned) = &function.sig.output else {
        return Err(Error::new_spanned(&function.sig, "a fixture returns the value that tests are given"));
    };
    let (value, build) = match result_of(returned) {
        Some(value) => (value, quote!(|| ::jubilant::__private::fixture_result(build()))),
        None => (&**returned, quote!(|| ::core::result::Result::Ok(build()))),
    };

    let name = &function.sig.ident;
    let visibility = &function.vis;
    let documentation = function.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let inputs = signature::typed(&function.sig.inputs).collect::<Vec<_>>();
    let arguments = inputs.iter().filter_map(|input| signature::name(input)).collect::<Vec<_>>();
    let fixtures = inputs
        .iter()
        .filter_map(|input| Some(Ident::new(&signature::fixture(input)?, signature::name(input)?.span())));
    let passed = inputs.iter().zip(&arguments).map(|(input, argument)| {
        if signature::is_reference(input) { quote!(&#argument) } else { quote!(#argument) }
    });
    Ok(quote! {
        // Braces, not a unit struct: a test's `let database = …` must stay a new name.
        #(#documentation)*
        #[allow(non_camel_case_types)]
        #visibility struct #name {}

        impl #name {
            #[doc(hidden)]
            #[allow(clippy::should_implement_trait)]
            #visibility fn default() -> ::std::sync::Arc<#value> {
                #function
                let build = || {
                    #(let #arguments = #fixtures::default();)*
                    #name(#(#passed),*)
                };
                ::jubilant::__private::module_fixture(
                    ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                    #build,
                )
            }
        }
    })
}

/// The `T` of a return type written as `…Result<T>` or `…Result<T, E>`.
fn result_of(returned: &Type) -> Option<&Type> {
    let Type::Path(path) = returned else { return None };
    let last = path.path.segments.last()?;
    if !last.ident.to_string().ends_with("Result") {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(value) => Some(value),
        _ => None,
    })
}
