//! Placeholders without a parameter, and parameters without a placeholder.
//!
//! A placeholder and a parameter that were meant for each other are one mistake, so they are one error, from the one
//! place to the other.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{PatType, Signature, Type};

use super::types::{is_scalar, last_name, parentheses, shown};
use crate::errors::Sink;
use crate::pattern::Pattern;
use crate::{messages, suggest};

/// A parameter that no placeholder names.
pub(super) struct Unnamed<'s> {
    pub(super) param: &'s PatType,
    /// The identifier, unless it is a pattern.
    pub(super) name: Option<String>,
}

/// `missing`: the placeholders that no parameter names. Without a known route nothing is said about parameters.
pub(super) fn check(
    sig: &Signature,
    route: Option<&Pattern>,
    route_known: bool,
    missing: Vec<String>,
    unnamed: &[Unnamed<'_>],
    sink: &mut Sink,
) {
    let mut explained = Vec::new();
    if let Some(route) = route {
        for (placeholder, position) in pair(missing, unnamed) {
            match position.and_then(|at| Some((at, unnamed[at].name.as_ref()?))) {
                Some((at, name)) => {
                    let message = if near(&placeholder, name) {
                        messages::misspelt_placeholder(&placeholder, name)
                    } else {
                        messages::placeholder_of_another_name(&placeholder, name)
                    };
                    sink.report(both(route, &unnamed[at].param.pat), message);
                    explained.push(at);
                }
                None => {
                    let function = sig.ident.unraw().to_string();
                    sink.report(
                        both(route, parentheses(sig)),
                        messages::placeholder_without_parameter(&placeholder, &function),
                    );
                }
            }
        }
    }
    if !route_known {
        return;
    }
    for (position, Unnamed { param, name }) in unnamed.iter().enumerate() {
        if !is_scalar(&param.ty) || explained.contains(&position) {
            continue;
        }
        let (name, ty) = (name.as_deref(), shown(&param.ty));
        match route {
            Some(route) => sink.report(
                both(route, &param.ty),
                messages::scalar_without_placeholder(name, &ty, Some(&route.text)),
            ),
            None => sink.report(
                &param.ty,
                messages::scalar_without_placeholder(name, &ty, None),
            ),
        }
    }
}

/// From the route to `place`: an error of a macro has one place, and this one shows both.
fn both(route: &Pattern, place: impl ToTokens) -> TokenStream {
    let literal = &route.literal;
    quote!(#literal #place)
}

/// Which parameter each placeholder was most likely meant for.
fn pair(missing: Vec<String>, unnamed: &[Unnamed<'_>]) -> Vec<(String, Option<usize>)> {
    let mut taken: Vec<usize> = Vec::new();
    let mut pairs: Vec<(String, Option<usize>)> = Vec::new();
    for placeholder in missing {
        let found = unnamed.iter().enumerate().position(|(position, other)| {
            let Some(name) = &other.name else {
                return false;
            };
            let alike = near(&placeholder, name)
                || (may_be_part_of_a_path(&other.param.ty) && shares_words(&placeholder, name));
            alike && !taken.contains(&position)
        });
        taken.extend(found);
        pairs.push((placeholder, found));
    }
    // As many numbers as placeholders are left: in the order in which they are written.
    let scalars: Vec<usize> = (0..unnamed.len())
        .filter(|at| !taken.contains(at) && is_scalar(&unnamed[*at].param.ty))
        .collect();
    let lonely: Vec<&mut Option<usize>> = pairs
        .iter_mut()
        .filter_map(|(_, found)| found.is_none().then_some(found))
        .collect();
    if lonely.len() == scalars.len() {
        for (found, at) in lonely.into_iter().zip(scalars) {
            *found = Some(at);
        }
    }
    pairs
}

fn near(placeholder: &str, name: &str) -> bool {
    suggest::nearest(placeholder, [name]).is_some()
}

/// `id` and `user_id`, `user` and `user_name`: the words of one are all in the other.
fn shares_words(one: &str, two: &str) -> bool {
    let within = |few: &str, many: &str| {
        few.split('_')
            .all(|word| many.split('_').any(|other| word == other))
    };
    within(one, two) || within(two, one)
}

/// Whether a type can be meant for a placeholder: not if it is known to come from elsewhere.
fn may_be_part_of_a_path(ty: &Type) -> bool {
    const ELSEWHERE: &[&str] = &[
        "Request", "Response", "Form", "Json", "Pairs", "Fields", "Vec",
    ];
    last_name(ty).is_some_and(|name| !ELSEWHERE.contains(&name.as_str()))
        && !matches!(ty, Type::Reference(reference) if reference.mutability.is_some())
}
