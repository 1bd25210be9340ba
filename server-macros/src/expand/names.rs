//! Names that the parameters of a method take from a request, and those of operations in a base: only types know them,
//! so consts say it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::answers::is_response;
use super::checks::{Checks, outside};
use super::tokens::{Spread, cfg, spread};
use crate::model::{Handler, Method, Param, ParamSource};
use crate::params::single::Single;

/// One check for each parameter, each pair of them, and each placeholder.
pub(super) fn checks(handler: &Handler) -> Checks {
    let mut checks = Checks::default();
    for method in handler.methods.iter().filter(|method| method.sound) {
        let cfg = cfg(method.cfg.as_ref());
        for param in &method.params {
            if let ParamSource::Single(single) = &param.source
                && let Some(ty) = outside(handler, &param.ty)
            {
                let asserted = single.assertions(&ty, &handler.paths);
                checks.add_items(quote_spanned!(
                    Span::mixed_site()=> #cfg const _: () = { #asserted };
                ));
            }
        }
        of_method(handler, method, &cfg, &mut checks);
    }
    of_base(handler, &mut checks);
    checks
}

/// The operations of the base, where a document without faults is asked for.
fn of_base(handler: &Handler, checks: &mut Checks) {
    let Some((_, base)) = handler.base.as_ref().filter(|_| handler.notes.described) else {
        return;
    };
    let place = spread(base);
    let (check, declared) = (
        handler.paths.check_operation_ids(place.first),
        handler.paths.declared(place.first),
    );
    checks.add(handler, &TokenStream::new(), &[base], |asked| {
        place.over(quote!(#check(__DOGET_METHODS #(, <#asked as #declared>::METHODS)*)))
    });
}

/// A parameter that takes values by name, perhaps.
#[derive(Clone, Copy)]
struct Asked<'m> {
    ty: &'m Type,
    place: Spread,
    /// Its attribute, if it has one: then the name stands there, and else the type says what it takes.
    single: Option<&'m Single>,
}

impl<'m> Asked<'m> {
    fn of(param: &'m Param) -> Option<Self> {
        let single = match &param.source {
            ParamSource::Type { reference: false } if !is_response(&param.ty) => None,
            ParamSource::Single(single) => Some(&**single),
            _ => return None,
        };
        Some(Self {
            ty: &param.ty,
            place: spread(&param.ty),
            single,
        })
    }

    /// What it takes, an `Option<ParamGroup>`: by this type.
    fn group(&self, handler: &Handler, ty: &Type) -> TokenStream {
        match self.single {
            Some(single) => single.named(ty, &handler.paths),
            None => {
                let probe = handler.paths.probe(self.place.first);
                quote!(#probe::<#ty>::PARAMS)
            }
        }
    }
}

fn of_method(handler: &Handler, method: &Method, cfg: &TokenStream, checks: &mut Checks) {
    let asked: Vec<Asked<'_>> = method.params.iter().filter_map(Asked::of).collect();
    for (position, this) in asked.iter().enumerate() {
        let place = this.place;
        checks.add(handler, cfg, &[this.ty], |types| {
            let check = handler.paths.check_fields(place.first);
            let group = types.iter().map(|ty| this.group(handler, ty));
            place.over(quote!(#check(#(#group)*)))
        });
        // One value has its comment at the parameter, where the macro sees it.
        if this.single.is_none() && handler.notes.described && method.operation_id().is_some() {
            checks.add(handler, cfg, &[this.ty], |types| {
                let check = handler.paths.check_described(place.first);
                let group = types.iter().map(|ty| this.group(handler, ty));
                place.over(quote!(#check(#(#group)*)))
            });
        }
        if let Some(route) = &method.route {
            for placeholder in route.placeholders() {
                checks.add(handler, cfg, &[this.ty], |types| {
                    let (check, text) = (handler.paths.check_placeholder(place.first), &route.text);
                    let group = types.iter().map(|ty| this.group(handler, ty));
                    place.over(quote!(#check(#(#group,)* #placeholder, #text)))
                });
            }
        }
        for before in &asked[..position] {
            checks.add(handler, cfg, &[before.ty, this.ty], |types| {
                let place = Spread {
                    first: before.place.first,
                    last: place.last,
                };
                let check = handler.paths.check_disjoint(place.first);
                let groups = [before, this].into_iter().zip(types);
                let groups = groups.map(|(asked, ty)| asked.group(handler, ty));
                place.over(quote!(#check(#(#groups),*)))
            });
        }
    }
}
