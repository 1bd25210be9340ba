//! What the types of a method say of its answers: a const beside each method, and a check of each return type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::checks::{Checks, outside};
use super::tokens::{cfg, spread};
use crate::check::has_impl;
use crate::model::{Answer, Handler, Method, ParamSource};
use crate::paths::own;

/// The const that has the answers of a method.
fn name(method: &Method) -> Ident {
    Ident::new(
        &format!("__DOGET_ANSWERS_{}", method.member),
        Span::mixed_site(),
    )
}

/// `.answers(..)` of a row of the table.
pub(super) fn row(method: &Method) -> Option<TokenStream> {
    let name = name(method);
    method
        .sound
        .then(|| quote_spanned!(Span::mixed_site()=> .answers(#name)))
}

/// The consts that the rows name.
pub(super) fn consts(handler: &Handler) -> TokenStream {
    let consts: TokenStream = handler
        .methods
        .iter()
        .filter(|method| method.sound)
        .map(|method| constant(handler, method))
        .collect();
    if consts.is_empty() {
        return consts;
    }
    let span = Span::mixed_site();
    let (reply, source) = (handler.paths.no_reply(span), handler.paths.no_source(span));
    quote_spanned! {span=>
        #[allow(unused_imports)]
        use #reply as _;
        #[allow(unused_imports)]
        use #source as _;
        #consts
    }
}

fn constant(handler: &Handler, method: &Method) -> TokenStream {
    let span = Span::mixed_site();
    let answers = handler.paths.answers(span);
    let mut known = match (&method.answers, &method.answer) {
        (Some(declared), _) => declared
            .iter()
            .map(|ty| {
                let at = own(spread(ty).first);
                let reply = handler.paths.reply(at);
                quote_spanned!(at=> <#ty as #reply>::ANSWERS)
            })
            .collect(),
        (None, Answer::Type(ty)) => vec![of_answer(handler, ty)],
        (None, Answer::Never) => vec![quote_spanned!(span=> &#answers::NONE)],
    };
    for param in &method.params {
        known.push(match &param.source {
            ParamSource::Placeholder(_) => handler.paths.no_such_part(span),
            ParamSource::Single(_) => {
                let single = handler.paths.single(span);
                quote_spanned!(span=> #single::REFUSALS)
            }
            ParamSource::Type { reference: true } => continue,
            ParamSource::Type { .. } if is_response(&param.ty) => continue,
            ParamSource::Type { .. } => of_param(handler, &param.ty),
        });
    }
    let (name, cfg) = (name(method), cfg(method.cfg.as_ref()));
    quote_spanned!(span=> #cfg const #name: &#answers = &#answers::NONE.within(&[#(#known),*]);)
}

/// The response itself refuses nothing.
pub(super) fn is_response(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Response"))
}

fn of_answer(handler: &Handler, ty: &Type) -> TokenStream {
    let at = own(spread(ty).first);
    let paths = &handler.paths;
    let Some(ty) = can_be_asked(handler, ty) else {
        let answers = paths.answers(at);
        return quote_spanned!(at=> &#answers::OPEN);
    };
    let (merge, fault, reply) = (
        paths.merge_answers(at),
        paths.fault_probe(at),
        paths.reply_probe(at),
    );
    quote_spanned!(at=> #merge(#fault::<#ty>::KNOWN, #reply::<#ty>::ANSWERS))
}

fn of_param(handler: &Handler, ty: &Type) -> TokenStream {
    let at = own(spread(ty).first);
    let Some(ty) = can_be_asked(handler, ty) else {
        let answers = handler.paths.answers(at);
        return quote_spanned!(at=> &#answers::OPEN);
    };
    let probe = handler.paths.probe(at);
    quote_spanned!(at=> #probe::<#ty>::REFUSALS)
}

/// The type, if a const beside the block can name it.
fn can_be_asked(handler: &Handler, ty: &Type) -> Option<Type> {
    outside(handler, ty).filter(|ty| !has_impl(ty))
}

/// One check for each return type.
pub(super) fn checks(handler: &Handler) -> Checks {
    let mut checks = Checks::default();
    for method in handler.methods.iter().filter(|method| method.sound) {
        let Answer::Type(ty) = &method.answer else {
            continue;
        };
        let cfg = cfg(method.cfg.as_ref());
        let types = std::iter::once(&**ty).chain(method.answers.iter().flatten());
        for ty in types.filter(|ty| !has_impl(ty)) {
            checks.add(handler, &cfg, &[ty], |asked| check(handler, asked, ty));
        }
    }
    checks
}

fn check(handler: &Handler, asked: &[Type], place: &Type) -> TokenStream {
    let place = spread(place);
    let (check, probe) = (
        handler.paths.check_answer(place.first),
        handler.paths.reply_probe(place.first),
    );
    place.over(quote!(#check(#(#probe::<#asked>::FAULT)*)))
}
