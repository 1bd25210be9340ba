//! Hooks and consts: the user's stay in the block, and the trait implementation forwards to them.
//!
//! The forwarder repeats the user's own signature, so that a wrong one gets the compiler's native
//! error in the user's text.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{FnArg, Pat, Type};

use super::{cfg, local, this};
use crate::attrs;
use crate::model::{Const, Handler, Hook};
use crate::paths::own;
use crate::registry;

/// The settings: those of the base if there is one, and what the block says itself. Statements, since a `cfg` can stand
/// on them.
pub(super) fn settings(handler: &Handler, methods: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let settings = handler.paths.settings(span);
    let begin = match &handler.base {
        Some((_, ty)) => {
            let declared = handler.paths.declared(span);
            quote_spanned!(span=> *<#ty as #declared>::SETTINGS)
        }
        None => quote_spanned!(span=> #settings::new()),
    };
    let own = handler.consts.iter().map(set);
    let standards = standards(handler);
    quote_spanned! {span=>
        const SETTINGS: &'static #settings = &{
            let settings = #begin;
            #(#own)*
            settings #standards.methods(#methods)
        };
    }
}

/// What the server asks for the settings.
pub(super) fn settings_method(handler: &Handler) -> TokenStream {
    let span = Span::mixed_site();
    let this = this(handler);
    let (settings, declared) = (handler.paths.settings(span), handler.paths.declared(span));
    quote_spanned! {span=>
        fn settings(&#this) -> &'static #settings {
            <Self as #declared>::SETTINGS
        }
    }
}

/// The statement that sets one const. It stands at the type, which is what does not fit if it does not; where the value
/// is checked too, at the value.
fn set(constant: &Const) -> TokenStream {
    let Const {
        name,
        ty,
        value,
        cfg: condition,
    } = constant;
    let cfg = cfg(condition.as_ref());
    let setter = Ident::new(&name.unraw().to_string().to_lowercase(), Span::mixed_site());
    let set = if is_checked(constant) {
        super::spread(value).over(quote!(settings.#setter(Self::#name)))
    } else {
        let value = super::spread(ty).over(quote!(Self::#name));
        quote_spanned!(Span::mixed_site()=> settings.#setter(#value))
    };
    quote_spanned!(Span::mixed_site()=> #cfg let settings = #set;)
}

/// Has the settings evaluated where they are written, and not only where they are used: a value that is refused is an
/// error of `cargo check` too. Where the block has parameters, this waits until a type is used.
pub(super) fn evaluate(handler: &Handler) -> Option<TokenStream> {
    let checked = handler.consts.iter().any(is_checked);
    let span = Span::mixed_site();
    let (self_ty, settings) = (&handler.self_ty, handler.paths.settings(span));
    let declared = handler.paths.declared(span);
    (checked && handler.generics.params.is_empty())
        .then(|| quote_spanned!(span=> const _: &#settings = <#self_ty as #declared>::SETTINGS;))
}

/// Whether it is text that the settings check.
fn is_checked(constant: &Const) -> bool {
    let text = matches!(&constant.ty, Type::Reference(reference)
        if matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str")));
    text && CHECKED.contains(&constant.name.unraw().to_string().as_str())
}

/// Consts whose values the settings check.
const CHECKED: [&str; 2] = ["ERROR_MESSAGE_FORMAT", "PROTOCOL_VERSION"];

/// Settings that tell the runtime what is left to the defaults, and the hooks that would change it: the first lines of
/// a response, and the parts of a line of the log.
const STANDARDS: [(&str, &[&str]); 2] = [
    (
        "standard_head",
        &["version_string", "date_time_string", "responses"],
    ),
    (
        "standard_log",
        &["log_message", "log_date_time_string", "address_string"],
    ),
];

/// The calls that set them. What a base says stands, unless a hook of the block's own changes it.
fn standards(handler: &Handler) -> TokenStream {
    let span = Span::mixed_site();
    STANDARDS
        .iter()
        .filter_map(|(name, hooks)| {
            let own = handler
                .hooks
                .iter()
                .any(|hook| hooks.contains(&hook.sig.ident.unraw().to_string().as_str()));
            let name = Ident::new(name, span);
            match handler.base {
                _ if own => Some(quote_spanned!(span=> .#name(false))),
                Some(_) => None,
                None => Some(quote_spanned!(span=> .#name(true))),
            }
        })
        .collect()
}

/// The hook `log_request` of a block with layers, which hear of each answer before it, and what they say of the log.
pub(super) fn log_request(handler: &Handler, layers: &TokenStream) -> TokenStream {
    if handler.layers.is_empty() {
        return TokenStream::new();
    }
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let this = this(handler);
    let own = handler
        .hooks
        .iter()
        .find(|hook| is_log_request(&hook.sig.ident));
    let (the_trait, defaults) = (paths.handler(span), paths.hooks(span));
    let default = quote_spanned!(span=> #defaults::log_request(#this, request, code, size));
    let of_base = quote_spanned! {span=>
        #the_trait::log_request(Self::__doget_base(#this), request, code, size)
    };
    let below = match (&handler.base, inherited(handler, "log_request")) {
        (Some(_), Some(_)) => of_base,
        _ => default,
    };
    let call = match own {
        None => below,
        Some(hook) => {
            let own = quote_spanned!(span=> Self::log_request(#this, request, code, size));
            match &hook.cfg {
                None => own,
                Some(condition) => quote_spanned! {span=>
                    #[cfg(#condition)] { #own }
                    #[cfg(not(#condition))] { #below }
                },
            }
        }
    };
    let (request, status, u64) = (
        paths.request(span),
        paths.status_code(span),
        paths.u64(span),
    );
    let (is_logged, layer_sent, bool) = (
        paths.is_logged(span),
        paths.layer_sent(span),
        paths.bool(span),
    );
    let base_is_logged = inherited(handler, "log_request")
        .filter(|_| handler.base.is_some())
        .map(|cfg| {
            quote_spanned! {span=>
                #cfg {
                    if !#the_trait::is_logged(Self::__doget_base(#this), request, code) {
                        return false;
                    }
                }
            }
        });
    quote_spanned! {span=>
        fn is_logged(&#this, request: &#request<'_>, code: #status) -> #bool {
            #base_is_logged
            #is_logged(&#layers, request, code)
        }

        fn log_request(&#this, request: &#request<'_>, code: #status, size: #u64) {
            if #layer_sent(&#layers, request, code, size) {
                #call
            }
        }
    }
}

fn is_log_request(name: &Ident) -> bool {
    name.unraw() == "log_request"
}

pub(super) fn hooks(handler: &Handler) -> TokenStream {
    let by_layers = |name: &Ident| !handler.layers.is_empty() && is_log_request(name);
    let own = handler
        .hooks
        .iter()
        .filter(|hook| !by_layers(&hook.sig.ident));
    let mut code: TokenStream = own.map(forward).collect();
    code.extend(problem(handler));
    if handler.base.is_some() {
        let this = this(handler);
        let delegate = handler.paths.delegate(Span::mixed_site());
        let inherited_hooks = registry::HOOKS
            .iter()
            .filter(|(name, _)| !(handler.problem && *name == "send_error"));
        for (name, _) in inherited_hooks {
            if let Some(cfg) = inherited(handler, name) {
                let name = Ident::new(name, Span::mixed_site());
                if by_layers(&name) {
                    continue;
                }
                code.extend(quote_spanned! {Span::mixed_site()=>
                    #cfg #delegate! { |#this| *Self::__doget_base(#this) => #name }
                });
                // What layers of the base say of the log goes with the base's line.
                if is_log_request(&name) {
                    code.extend(quote_spanned! {Span::mixed_site()=>
                        #cfg #delegate! { |#this| *Self::__doget_base(#this) => is_logged }
                    });
                }
            }
        }
    }
    code
}

/// The `send_error` of `#[handler(problem)]`, unless the block has one of its own.
fn problem(handler: &Handler) -> Option<TokenStream> {
    if !handler.problem {
        return None;
    }
    let own: Vec<&Option<TokenStream>> = handler
        .hooks
        .iter()
        .filter(|hook| hook.sig.ident.unraw() == "send_error")
        .map(|hook| &hook.cfg)
        .collect();
    let cfg = match own.is_empty() {
        true => TokenStream::new(),
        false => {
            let condition = attrs::any_cfg(own.into_iter())?;
            quote!(#[cfg(not(#condition))])
        }
    };
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let (request, response, error) = (paths.request(span), paths.response(span), paths.error(span));
    let (result, sent, send) = (
        paths.result(span),
        paths.sent(span),
        paths.send_problem(span),
    );
    Some(quote_spanned! {span=>
        #cfg
        fn send_error(
            &self,
            request: &#request<'_>,
            response: #response<'_>,
            error: #error,
        ) -> #result<#sent> {
            #send(self, request, response, error)
        }
    })
}

/// Under which `cfg` a hook or const comes from the base: where the block overrides neither it nor
/// anything that its default stands on. Otherwise the base would run with its own version of that.
fn inherited(handler: &Handler, name: &str) -> Option<TokenStream> {
    let mut conditions = Vec::new();
    overrides(handler, name, &mut conditions);
    if conditions.is_empty() {
        return Some(TokenStream::new());
    }
    let condition = attrs::any_cfg(conditions.into_iter())?;
    Some(quote!(#[cfg(not(#condition))]))
}

/// The conditions of what the block overrides of `name` and below it.
fn overrides<'h>(handler: &'h Handler, name: &str, conditions: &mut Vec<&'h Option<TokenStream>>) {
    let hooks = handler
        .hooks
        .iter()
        .map(|hook| (&hook.sig.ident, &hook.cfg));
    let consts = handler
        .consts
        .iter()
        .map(|constant| (&constant.name, &constant.cfg));
    let own = hooks
        .chain(consts)
        .filter(|(ident, _)| ident.unraw() == name);
    conditions.extend(own.map(|(_, cfg)| cfg));
    let below = registry::HOOKS.iter().find(|(hook, _)| *hook == name);
    for name in below.map_or(&[][..], |(_, below)| below) {
        overrides(handler, name, conditions);
    }
}

fn forward(hook: &Hook) -> TokenStream {
    let mut sig = hook.sig.clone();
    let mut arguments = Vec::new();
    let mut receiver = None;
    for (position, input) in sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(own) => {
                own.attrs.clear();
                own.mutability = None;
                let token = own.self_token;
                receiver = Some(quote!(#token,));
            }
            FnArg::Typed(param) => {
                let name = local("argument", position);
                param.attrs.clear();
                *param.pat = Pat::Verbatim(quote!(#name));
                arguments.push(name);
            }
        }
    }
    let name = &sig.ident;
    let (span, cfg) = (own(hook.sig.ident.span()), cfg(hook.cfg.as_ref()));
    quote_spanned!(span=> #cfg #sig { Self::#name(#receiver #(#arguments),*) })
}
