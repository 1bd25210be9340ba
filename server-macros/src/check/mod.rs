//! From syntax to the model. Every refusal that needs no types is made here, or in what this calls.

mod described;
mod mounts;
mod name;
mod placeholders;
mod sets;
mod signature;
mod types;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::Attribute;
use syn::ext::IdentExt;

use crate::args::Arguments;
use crate::attrs::{self, Foreign, Helpers};
use crate::errors::Sink;
use crate::lifetimes::erase;
use crate::model::{Answer, BlockNotes, Const, Handler, Hook, Method, MethodName};
use crate::notes::{self, Notes};
use crate::params::single;
use crate::parse::{Block, Function, Kind, Member};
use crate::paths::Paths;
use crate::pattern::Pattern;
use crate::{conflict, messages, registry, suggest};
use name::Role;
pub(crate) use types::has_impl;

/// Checks a block and makes the model of it. What is at fault is reported and left out.
pub(crate) fn check(mut arguments: Arguments, mut block: Block, sink: &mut Sink) -> Handler {
    if let Some(twice) = block
        .head
        .attrs
        .iter()
        .find(|attribute| is_handler(attribute.path()))
    {
        sink.report(twice.path(), messages::handler_twice());
    }
    block
        .head
        .attrs
        .retain(|attribute| !is_handler(attribute.path()));

    let mut roles = Roles {
        described: arguments.described,
        guarded: arguments.guard.is_some(),
        ..Roles::default()
    };
    for (position, member) in block.members.iter_mut().enumerate() {
        sink.enter(position + 1);
        roles.member(position + 1, member, sink);
    }
    let Roles {
        methods,
        hooks,
        consts,
        attempted,
        ..
    } = roles;

    conflict::check(&methods, sink);
    sets::operation_ids(&methods, sink);
    let mounts = mounts::check(std::mem::take(&mut arguments.mounts), sink);
    mounts::shadowed(&mounts, &methods, sink);
    sets::check(&arguments, &methods, attempted, &block.head.self_ty, sink);

    needs(&arguments, &hooks, sink);
    let Arguments {
        base,
        layers,
        guard,
        hide,
        inherits,
        exact,
        problem,
        renamed,
        tag,
        described,
        ..
    } = arguments;
    Handler {
        paths: Paths::new(renamed),
        generics: block.head.generics.clone(),
        self_ty: (*block.head.self_ty).clone(),
        methods,
        hooks,
        consts,
        inherits: if base.is_some() {
            inherits.map(|(_, list)| list).unwrap_or_default()
        } else {
            Vec::new()
        },
        base,
        mounts,
        layers,
        guard,
        hide: hide.is_some(),
        exact,
        problem: problem.is_some(),
        notes: BlockNotes {
            docs: notes::docs(&block.head.attrs),
            tag,
            described,
        },
        block,
    }
}

/// What an argument wants of the rest of the block.
fn needs(arguments: &Arguments, hooks: &[Hook], sink: &mut Sink) {
    if let Some(place) = &arguments.problem
        && hooks
            .iter()
            .any(|hook| hook.sig.ident.unraw() == "send_error" && hook.cfg.is_none())
    {
        sink.report(place, messages::problem_and_send_error());
    }
    if let (Some(place), None) = (&arguments.hide, &arguments.guard) {
        sink.report(place, messages::hide_without_guard());
    }
}

/// What the members of a block are.
#[derive(Default)]
struct Roles {
    methods: Vec<Method>,
    hooks: Vec<Hook>,
    consts: Vec<Const>,
    /// There is a member that was meant as a method and refused.
    attempted: bool,
    /// What is not described is an error.
    described: bool,
    /// There is a `guard(..)`.
    guarded: bool,
}

impl Roles {
    fn member(&mut self, position: usize, member: &mut Member, sink: &mut Sink) {
        match &mut member.kind {
            Kind::Fn(function) => self.function(position, &mut member.attrs, function, sink),
            Kind::Const(constant) => {
                if constant_role(&constant.name, sink) {
                    self.consts.push(Const {
                        name: constant.name.clone(),
                        ty: constant.ty.clone(),
                        value: constant.value.clone(),
                        cfg: attrs::cfg(&member.attrs),
                    });
                }
            }
            Kind::Macro(path, _) => {
                let last = path.segments.last();
                let name = last.map(|last| last.ident.to_string());
                sink.report(&*path, messages::macro_in_block(&name.unwrap_or_default()));
                self.attempted = true;
            }
            Kind::Other(_) => {}
        }
    }

    fn function(
        &mut self,
        position: usize,
        attrs: &mut Vec<Attribute>,
        function: &mut Function,
        sink: &mut Sink,
    ) {
        let mut helpers = attrs::take(attrs, sink);
        let (notes, places) = notes::take(attrs, sink);
        helpers.places.extend(places);
        let cfg = attrs::cfg(attrs);
        if let Some(foreign) = helpers.foreign {
            self.methods
                .push(refused(position, function, foreign, cfg, sink));
            return;
        }
        if helpers.open && !self.guarded {
            let place = helpers.places.iter().find(|(name, _)| *name == "open");
            sink.report(
                place.map(|(_, place)| place),
                messages::open_without_guard(),
            );
        }
        match role(&function.sig.ident, &helpers, sink) {
            Some(Role::Method { name, place }) => {
                let about = (attrs::doc(attrs), notes, cfg);
                let method = method(position, function, helpers, (name, place), about, sink);
                if self.described {
                    described::check(&method, &function.sig, sink);
                }
                notes::uncomment(&mut function.sig);
                single::strip(&mut function.sig);
                self.methods.push(method);
            }
            Some(Role::Hook) if !helpers.places.is_empty() => {
                let function = function.sig.ident.unraw().to_string();
                for (attribute, place) in &helpers.places {
                    sink.report(place, messages::attribute_on_hook(attribute, &function));
                }
            }
            Some(Role::Hook) => {
                if signature::hook(&function.sig, sink) {
                    let sig = function.sig.clone();
                    self.hooks.push(Hook { sig, cfg });
                }
            }
            Some(Role::Helper) => {
                let function = function.sig.ident.unraw().to_string();
                for (attribute, place) in &helpers.places {
                    sink.report(
                        place,
                        messages::attribute_without_method(attribute, &function),
                    );
                }
            }
            None => self.attempted = true,
        }
    }
}

/// `#[handler]`, `#[doget::handler]`
fn is_handler(path: &syn::Path) -> bool {
    path.segments.len() <= 2
        && path
            .segments
            .last()
            .is_some_and(|last| last.ident == "handler")
}

fn role(ident: &Ident, helpers: &Helpers, sink: &mut Sink) -> Option<Role> {
    if helpers.broken {
        return match &helpers.method {
            // The method is known, only its route is not.
            Some(method) => Some(named(method)),
            None => match name::classify(ident, true) {
                Ok(role @ Role::Method { .. }) => Some(role),
                _ => None,
            },
        };
    }
    match &helpers.method {
        Some(method) => Some(named(method)),
        None => match name::classify(ident, helpers.route.is_some()) {
            Ok(role) => Some(role),
            Err(message) => {
                sink.report(ident, message);
                None
            }
        },
    }
}

fn named((name, place): &(MethodName, TokenStream)) -> Role {
    Role::Method {
        name: name.clone(),
        place: place.clone(),
    }
}

fn method(
    member: usize,
    function: &mut Function,
    helpers: Helpers,
    (name, place): (MethodName, TokenStream),
    (doc, notes, cfg): (String, Notes, Option<TokenStream>),
    sink: &mut Sink,
) -> Method {
    let route = helpers
        .route
        .as_ref()
        .and_then(|literal| Pattern::parse(literal, sink));
    let route_known = route.is_some() || (helpers.route.is_none() && !helpers.broken);
    let parts = signature::method(&function.sig, route.as_ref(), route_known, sink);
    let (params, answer) = parts.unwrap_or((Vec::new(), Answer::Never));
    Method {
        member,
        function: function.sig.ident.clone(),
        name,
        route,
        params,
        answer,
        blocking: helpers.blocking,
        layers: helpers.layers,
        open: helpers.open,
        answers: helpers.answers.map(|types| {
            let generics = &function.sig.generics;
            types.iter().map(|ty| erase(ty, generics)).collect()
        }),
        takes_body: helpers.takes_body,
        doc,
        notes,
        cfg,
        sound: !sink.failed(),
        place,
    }
}

/// A method that is declared in the way of another framework. Nothing else is said about it.
fn refused(
    member: usize,
    function: &Function,
    foreign: Foreign,
    cfg: Option<TokenStream>,
    sink: &mut Sink,
) -> Method {
    let renamed = name::renamed(&function.sig.ident, &foreign.method);
    let route = foreign.route.as_deref().unwrap_or("/..");
    sink.report(
        foreign.place,
        messages::foreign_attribute(&foreign.attribute, route, &renamed),
    );
    Method {
        member,
        function: function.sig.ident.clone(),
        name: MethodName::Token(foreign.method),
        route: None,
        params: Vec::new(),
        answer: Answer::Never,
        blocking: false,
        layers: Vec::new(),
        open: false,
        answers: None,
        takes_body: false,
        doc: String::new(),
        notes: Notes::default(),
        cfg,
        sound: false,
        place: function.sig.ident.to_token_stream(),
    }
}

/// Whether a const overrides one of the trait.
fn constant_role(ident: &Ident, sink: &mut Sink) -> bool {
    let name = ident.unraw().to_string();
    if registry::RESERVED.contains(&name.as_str()) {
        sink.report(ident, messages::reserved_name(&name));
        return false;
    }
    if registry::CONSTS.contains(&name.as_str()) {
        return true;
    }
    if let Some(nearest) = suggest::nearest(&name, registry::CONSTS.iter().copied()) {
        sink.report(ident, messages::near_const(&name, nearest));
    }
    false
}
