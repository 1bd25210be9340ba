//! What the methods take and send, said to the feature `openapi`. Without that feature the library drops it unread.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;

use super::tokens::{cfg, spread};
use super::{gates, mounts};
use crate::check::has_impl;
use crate::lifetimes::erase;
use crate::model::{Answer, Handler, Method, Param, ParamSource};
use crate::paths::own;
use crate::pattern::Segment;

/// `Declared::describe`. The types are asked by probes, so that one that says nothing is a remark and not an error;
/// with `described` they are asked by the traits themselves.
pub(super) fn describe(handler: &Handler) -> TokenStream {
    let span = Span::mixed_site();
    let (describe, openapi) = (handler.paths.describe(span), handler.paths.openapi(span));
    let take_alone = handler.paths.take_alone(span);
    let (tag, docs) = (tag(handler), &handler.notes.docs);
    let errors = errors(handler);
    let operations = handler
        .methods
        .iter()
        .filter(|method| method.sound)
        .map(|method| operation(handler, method));
    let base = handler.base.as_ref().map(|(_, ty)| {
        let declared = handler.paths.declared(span);
        quote_spanned!(span=> api.base(block, <#ty as #declared>::describe);)
    });
    let mounts = mounts::describe(handler);
    let layers = gates::describe(handler, &gates::of_block(handler));
    quote_spanned! {span=>
        #describe! {
            fn describe(api: &mut #openapi::Api) {
                #[allow(unused_imports)]
                use #take_alone as _;
                #[allow(unused_imports)]
                use #openapi::probe::{
                    NoInput as _, NoOutput as _, NoSchema as _, ViaInput as _, ViaOutput as _, ViaReply as _,
                    ViaRequest as _, ViaResult as _, ViaSchema as _,
                };
                let block = api.block(#tag, #docs, #openapi::ErrorBody::#errors);
                #(#operations)*
                #mounts
                #base
                #(api.layer(block, #layers);)*
            }
        }
    }
}

/// What the block says, or else the name of its type.
fn tag(handler: &Handler) -> String {
    if let Some(tag) = &handler.notes.tag {
        return tag.clone();
    }
    match &handler.self_ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.unraw().to_string())
            .unwrap_or_default(),
        other => shown(other),
    }
}

/// What the body of an error is: the page, a problem, or whatever a hook of the block's own sends.
fn errors(handler: &Handler) -> Ident {
    let own_hook = handler
        .hooks
        .iter()
        .any(|hook| hook.sig.ident == "send_error");
    let name = match (own_hook, handler.problem) {
        (true, _) => "Unknown",
        (false, true) => "Problem",
        (false, false) => "Page",
    };
    Ident::new(name, Span::mixed_site())
}

fn operation(handler: &Handler, method: &Method) -> TokenStream {
    let span = Span::mixed_site();
    let openapi = handler.paths.openapi(span);
    let cfg = cfg(method.cfg.as_ref());
    let name = match &method.name {
        crate::model::MethodName::Token(token) => quote_spanned!(span=> #token),
        crate::model::MethodName::Type(path) => {
            let method = handler.paths.method(span);
            quote_spanned!(span=> <#path as #method>::NAME)
        }
    };
    let function = method.function.unraw().to_string();
    let route = method
        .route
        .as_ref()
        .map_or("", |route| route.text.as_str());
    let notes = &method.notes;
    let (docs, tag) = (&notes.docs, &notes.tag);
    let id = method.operation_id().unwrap_or_default();
    let (deprecated, hidden) = (notes.deprecated, notes.hidden);
    let inputs = method
        .params
        .iter()
        .map(|param| input(handler, method, param));
    let outputs = outputs(handler, method);
    let takers = takers(handler, method);
    let layers = gates::describe(handler, &gates::of_method(method));
    quote_spanned! {span=>
        #cfg
        {
            // A reference: methods of the user's traits for every type would go before those of a value.
            let operation = &mut api.operation(#openapi::About {
                method: #name,
                function: #function,
                route: #route,
                docs: #docs,
                tag: #tag,
                id: #id,
                deprecated: #deprecated,
                hidden: #hidden,
            });
            #(#inputs)*
            #(#takers::describe(operation);)*
            #outputs
            #(api.layer_of_last(#layers);)*
        }
    }
}

/// What the handler has a part in taking: a user that it verifies, as a parameter and for the guard.
fn takers(handler: &Handler, method: &Method) -> Vec<TokenStream> {
    let span = Span::mixed_site();
    let (taker, authorized) = (
        handler.paths.taker_type(span),
        handler.paths.authorized(span),
    );
    let by_value = |param: &&Param| matches!(param.source, ParamSource::Type { reference: false });
    let mut takers: Vec<TokenStream> = method
        .params
        .iter()
        .filter(by_value)
        .map(|param| {
            let ty = erase(&param.ty, &handler.generics);
            quote_spanned!(span=> #taker::<#ty, Self>)
        })
        .collect();
    if let Some(ty) = handler.guard.as_ref().filter(|_| !method.open) {
        takers.push(quote_spanned!(span=> #taker::<#authorized<#ty>, Self>));
    }
    takers
}

fn input(handler: &Handler, method: &Method, param: &Param) -> TokenStream {
    let at = own(spread(&param.ty).first);
    let openapi = handler.paths.openapi(at);
    let ty = erase(&param.ty, &handler.generics);
    let docs = &param.docs;
    match &param.source {
        // The comment is in the description.
        ParamSource::Single(single) => single.describe(&ty, &handler.paths),
        ParamSource::Placeholder(position) => {
            let Some((name, rest)) = placeholder(method, *position) else {
                return TokenStream::new();
            };
            quote_spanned! {at=>
                let schema = (&&#openapi::probe::Probe::<#ty>::NEW).__doget_schema(operation);
                operation.about(#docs).path_parameter(#name, #rest, schema);
            }
        }
        ParamSource::Type { .. } if handler.notes.described => quote_spanned! {at=>
            <#ty as #openapi::Input>::input(operation.about(#docs));
        },
        ParamSource::Type { .. } => {
            let text = shown(&param.ty);
            quote_spanned! {at=>
                (&&&#openapi::probe::Probe::<#ty>::NEW).__doget_input(operation.about(#docs), #text);
            }
        }
    }
}

/// The name of a placeholder, and whether it takes slashes.
fn placeholder(method: &Method, position: usize) -> Option<(&str, bool)> {
    let segments = method.route.as_ref()?.segments.iter();
    let mut placeholders = segments.filter_map(|segment| match segment {
        Segment::Param(name) => Some((name.as_str(), false)),
        Segment::Rest(name) => Some((name.as_str(), true)),
        Segment::Literal(_) => None,
    });
    placeholders.nth(position)
}

/// What is sent: the types of `#[answers(..)]`, or else the one that is returned.
fn outputs(handler: &Handler, method: &Method) -> TokenStream {
    match (&method.answers, &method.answer) {
        (Some(types), _) => types.iter().map(|ty| output(handler, ty)).collect(),
        (None, Answer::Type(ty)) if has_impl(ty) => nameless(handler, method, ty),
        (None, Answer::Type(ty)) => output(handler, ty),
        (None, Answer::Never) => TokenStream::new(),
    }
}

fn output(handler: &Handler, ty: &Type) -> TokenStream {
    let at = own(spread(ty).first);
    let (openapi, text) = (handler.paths.openapi(at), shown(ty));
    let ty = erase(ty, &handler.generics);
    if handler.notes.described {
        return quote_spanned!(at=> <#ty as #openapi::Output>::output(operation););
    }
    quote_spanned! {at=>
        (&&&&#openapi::probe::Probe::<#ty>::NEW).__doget_output(operation, #text);
    }
}

/// A type without a name comes from a call that is never made.
fn nameless(handler: &Handler, method: &Method, ty: &Type) -> TokenStream {
    let at = own(spread(ty).first);
    let (openapi, text) = (handler.paths.openapi(at), shown(ty));
    let function = &method.function;
    let never = std::iter::repeat_n(quote_spanned!(at=> loop {}), method.params.len() + 1);
    let call = quote_spanned!(at=> || Self::#function(#(#never),*));
    if handler.notes.described {
        quote_spanned!(at=> #openapi::probe::output_of(#call, operation);)
    } else {
        quote_spanned! {at=>
            (&&&&#openapi::probe::Probe::returned(#call)).__doget_output(operation, #text);
        }
    }
}

/// A type as one writes it: without the blanks between its tokens, but for those between words.
fn shown(ty: &Type) -> String {
    let text = quote!(#ty).to_string();
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let before = shown.chars().last().unwrap_or(' ');
        let keep = character != ' '
            || before == ','
            || before == ';'
            || before == '+'
            || before == '='
            || matches!(rest.peek(), Some('+' | '='))
            || (is_word(before)
                && rest
                    .peek()
                    .is_some_and(|next| is_word(*next) || *next == '&'));
        if keep {
            shown.push(character);
        }
    }
    shown
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '\'')
}

#[cfg(test)]
mod tests {
    use super::shown;
    use syn::parse_quote;

    #[test]
    fn types_as_they_are_written() {
        assert_eq!(
            shown(&parse_quote!(Result<Json<Vec<u8>>, a::Error>)),
            "Result<Json<Vec<u8>>, a::Error>"
        );
        assert_eq!(shown(&parse_quote!(&'r mut T)), "&'r mut T");
        assert_eq!(shown(&parse_quote!(impl Reply + 'r)), "impl Reply + 'r");
        assert_eq!(shown(&parse_quote!([u8; 4])), "[u8; 4]");
    }
}
