//! The method set as a whole: what `methods(..)` and `inherits(..)` promise.

use syn::Type;
use syn::ext::IdentExt;

use crate::args::{Arguments, Listed};
use crate::errors::Sink;
use crate::model::Method;
use crate::{messages, registry};

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
            .find(|method| listed.is(&method.name.shown()))
        {
            let function = own.function.unraw().to_string();
            sink.report(
                &listed.place,
                messages::inherited_and_own(&listed.name, &function),
            );
        }
    }
    if methods.is_empty() && !arguments.has_base && !arguments.has_mounts {
        if !attempted {
            sink.report(self_ty, messages::no_methods());
        }
        return;
    }
    let Some((_, list)) = &arguments.methods else {
        return;
    };
    let handled = |name: &str| methods.iter().any(|method| method.name.is(name));
    for listed in list {
        let derived = !arguments.exact
            && ((listed.name == "HEAD" && handled("GET")) || listed.name == "OPTIONS");
        let inherited = inherits.iter().any(|other| other.name == listed.name);
        if !methods.iter().any(|method| listed.is(&method.name.shown()))
            && !derived
            && !inherited
            && !attempted
        {
            // The name of a function can say a hyphen only where the method is a registered one.
            let wanted = if registry::registered(&listed.name) || !listed.name.contains('-') {
                format!("do_{}", listed.name.replace('-', "_"))
            } else {
                format!("#[method(\"{}\")]", listed.name)
            };
            sink.report(
                &listed.place,
                messages::listed_but_missing(&listed.name, &wanted),
            );
        }
    }
    let mut told: Vec<String> = Vec::new();
    for method in methods {
        let name = method.name.shown();
        if !list.iter().any(|listed| listed.is(&name)) && !told.contains(&name) {
            sink.enter(method.member);
            let function = method.function.unraw().to_string();
            sink.report(&method.place, messages::not_listed(&name, &function));
            told.push(name);
        }
    }
    sink.enter(0);
}

/// Two operations of one name, where one of the names was given: names of functions differ anyway.
pub(super) fn operation_ids(methods: &[Method], sink: &mut Sink) {
    for (position, method) in methods.iter().enumerate() {
        let Some(id) = method.operation_id() else {
            continue;
        };
        let same = |other: &&Method| {
            (other.operation_id().as_ref() == Some(&id))
                && !(other.notes.id.is_empty() && method.notes.id.is_empty())
                // Of two with conditions only one may be there.
                && !(other.cfg.is_some() && method.cfg.is_some())
        };
        if let Some(other) = methods[..position].iter().find(same) {
            sink.enter(method.member);
            let function = other.function.unraw().to_string();
            sink.report(
                &method.function,
                messages::operation_id_twice(&id, &function),
            );
        }
    }
    sink.enter(0);
}
