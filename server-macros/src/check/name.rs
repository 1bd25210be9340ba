//! What a function of the block is, by its name.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::model::MethodName;
use crate::{messages, registry, suggest};

pub(super) enum Role {
    /// It handles an HTTP method, which is named at `place`.
    Method {
        name: MethodName,
        place: TokenStream,
    },
    Hook,
    Helper,
}

/// What `ident` is, or why it cannot stay so.
pub(super) fn classify(ident: &Ident, routed: bool) -> Result<Role, String> {
    let name = ident.unraw().to_string();
    if let Some(rest) = name.strip_prefix("do_") {
        let token = method(&name, rest, routed)?;
        return Ok(Role::Method {
            name: MethodName::Token(token),
            place: ident.to_token_stream(),
        });
    }
    if registry::RESERVED.contains(&name.as_str()) {
        return Err(messages::reserved_name(&name));
    }
    if registry::hook(&name) {
        return Ok(Role::Hook);
    }
    if let Some(meant) = almost_do(&name) {
        return Err(messages::never_called(&name, &meant));
    }
    let hooks = registry::HOOKS.iter().map(|(hook, _)| *hook);
    match suggest::nearest(&name, hooks) {
        Some(hook) => Err(messages::near_hook(&name, hook)),
        None => Ok(Role::Helper),
    }
}

/// What `ident` is called as a handler of `method`: `user`, `get_user` and `do_POST_user` are all `do_GET_user`.
pub(super) fn renamed(ident: &Ident, method: &str) -> String {
    let name = ident.unraw().to_string();
    let rest = name.strip_prefix("do_").unwrap_or(&name);
    let (first, suffix) = match rest.split_once('_') {
        Some((first, suffix)) => (first, Some(suffix)),
        None => (rest, None),
    };
    match suffix {
        _ if !registry::known(&first.to_ascii_uppercase()) => format!("do_{method}_{rest}"),
        Some(suffix) => format!("do_{method}_{suffix}"),
        None => format!("do_{method}"),
    }
}

/// The HTTP method in `do_<rest>`.
fn method(function: &str, rest: &str, routed: bool) -> Result<String, String> {
    let bare = rest.trim_start_matches('_');
    if bare.is_empty() {
        return Err(messages::bare_do());
    }
    let hook = rest.to_ascii_lowercase();
    if registry::hook(&hook) {
        return Err(messages::do_hook(&hook, &rest.replace('_', "-")));
    }
    let (token, suffix) = split(rest);
    let whole = |method: &str| match suffix {
        Some(suffix) => format!("do_{}_{suffix}", method.replace('-', "_")),
        None => format!("do_{}", method.replace('-', "_")),
    };
    if token.is_empty() {
        return Err(messages::never_called(function, &format!("do_{bare}")));
    }
    if !registry::known(&token) {
        let upper = token.to_ascii_uppercase();
        if upper != token && registry::known(&upper) {
            return Err(messages::wrong_case(&token, &upper, &whole(&upper)));
        }
        if let Some(nearest) = suggest::nearest(&upper, registry::METHODS.iter().copied()) {
            return Err(messages::near_method(&token, &whole(nearest)));
        }
        if upper != token {
            return Err(messages::lower_case(function, &token));
        }
    }
    match suffix {
        Some(suffix) if !routed => Err(messages::suffix_without_route(
            function,
            &token.replace('-', "_"),
            suffix,
        )),
        _ => Ok(token),
    }
}

/// The token and what follows it: `VERSION_CONTROL_x` is `VERSION-CONTROL` and `x`.
fn split(rest: &str) -> (String, Option<&str>) {
    for method in registry::METHODS
        .iter()
        .filter(|method| method.contains('-'))
    {
        if let Some(after) = rest.strip_prefix(&method.replace('-', "_")) {
            if after.is_empty() {
                return ((*method).into(), None);
            }
            if let Some(suffix) = after.strip_prefix('_') {
                return ((*method).into(), Some(suffix));
            }
        }
    }
    match rest.split_once('_') {
        Some((token, suffix)) => (token.into(), Some(suffix)),
        None => (rest.into(), None),
    }
}

/// `doGET`, `DO_GET`, `doGet`: certainly not a helper.
fn almost_do(name: &str) -> Option<String> {
    let rest = name.get(2..)?;
    let upper = rest.trim_start_matches('_').to_ascii_uppercase();
    let (token, _) = split(&upper);
    let do_like =
        name[..2].eq_ignore_ascii_case("do") && name.chars().any(|c| c.is_ascii_uppercase());
    (do_like && registry::known(&token)).then(|| format!("do_{upper}"))
}
