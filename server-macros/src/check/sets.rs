//! The method set as a whole: what `methods(..)` and `inherits(..)` promise.

use syn::Type;
use syn::ext::IdentExt;

use crate::args::{Arguments, Listed};
use crate::errors::Sink;
use crate::messages;
use crate::model::Method;

/// `attempted`: the block has a member that was meant as a method and refused, so nothing is
/// said about what is missing.
pub(super) fn check(
    arguments: &Arguments,
    methods: &[Method],
    attempted: bool,
    self_ty: &Type,
    sink: &mut Sink,
) {
    let inherits: &[Listed] = match &arguments.inherits {
        Some((_, list)) => list,
        None => &[],
    };
    for listed in inherits {
        if let Some(own) = methods
            .iter()
            .find(|method| listed.is(&method.wire.shown()))
        {
            let function = own.function.unraw().to_string();
            sink.report(
                &listed.place,
                messages::inherited_and_own(&listed.wire, &function),
            );
        }
    }
    if methods.is_empty() && !arguments.has_base {
        if !attempted {
            sink.report(self_ty, messages::no_methods());
        }
        return;
    }
    let Some((_, list)) = &arguments.methods else {
        return;
    };
    let handled = |wire: &str| methods.iter().any(|method| method.wire.is(wire));
    for listed in list {
        let derived = !arguments.exact
            && ((listed.wire == "HEAD" && handled("GET")) || listed.wire == "OPTIONS");
        let inherited = inherits.iter().any(|other| other.wire == listed.wire);
        if !methods.iter().any(|method| listed.is(&method.wire.shown()))
            && !derived
            && !inherited
            && !attempted
        {
            sink.report(&listed.place, messages::listed_but_missing(&listed.wire));
        }
    }
    let mut told: Vec<String> = Vec::new();
    for method in methods {
        let wire = method.wire.shown();
        if !list.iter().any(|listed| listed.is(&wire)) && !told.contains(&wire) {
            sink.enter(method.member);
            let function = method.function.unraw().to_string();
            sink.report(&method.place, messages::not_listed(&wire, &function));
            told.push(wire);
        }
    }
    sink.enter(0);
}
