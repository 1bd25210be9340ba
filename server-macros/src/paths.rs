//! Every path of the runtime that an expansion names. No other file spells one.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

/// The crate that the expansion refers to: `::doget`, or what `crate = ..` says.
pub(crate) struct Paths {
    renamed: Option<Path>,
}

macro_rules! paths {
    ($($name:ident: $($segment:ident)::+;)*) => {
        impl Paths {
            $(pub(crate) fn $name(&self, span: Span) -> TokenStream {
                let root = self.root(span);
                let span = own(span);
                quote_spanned!(span=> #root::$($segment)::+)
            })*
        }
    };
}

paths! {
    handler: Handler;
    declared: Declared;
    settings: Settings;
    delegate: delegate;
    handles: Handles;
    request: Request;
    response: Response;
    send_problem: hooks::send_problem;
    result: Result;
    sent: Sent;
    method: Method;
    method_set: MethodSet;
    method_info: MethodInfo;
    markers: method;
    route: Route;
    str: __private::str;
    u8: __private::u8;
    u32: __private::u32;
    usize: __private::usize;
    some: __private::Some;
    none: __private::None;
    option: __private::Option;
    unclaimed: __private::Unclaimed;
    provides: __private::Provides;
    promised: Promised;
    gate: Gate;
    hooks: hooks;
    layer: Layer;
    layer_promise: __private::layer_promise;
    layer_gate: __private::layer_gate;
    around: __private::around;
    is_blocking: __private::is_blocking;
    is_logged: __private::is_logged;
    layer_sent: __private::layer_sent;
    enter: __private::enter;
    control_flow: __private::ControlFlow;
    guard: __private::guard;
    taker: __private::taker;
    taker_type: __private::Taker;
    take_alone: __private::TakeAlone;
    authorized: Authorized;
    ok: __private::Ok;
    u64: __private::u64;
    param: FromParam;
    found: __private::found;
    reply: Reply;
    decode: __private::decode;
    segment: __private::segment;
    literal: __private::literal;
    decodes_to: __private::decodes_to;
    literals: __private::Literals;
    allowed: __private::allowed;
    answers: Answers;
    answer_info: AnswerInfo;
    error: Error;
    fault: Fault;
    status: Status;
    status_code: StatusCode;
    fault_cause: __private::FaultCause;
    first_fault: __private::first_fault;
    format: __private::format;
    from: __private::From;
    bool: __private::bool;
    merge_answers: __private::answers;
    no_such_part: __private::NO_SUCH_PART;
    reply_probe: __private::ReplyProbe;
    fault_probe: __private::FaultProbe;
    no_reply: __private::NoReply;
    check_answer: __private::check_answer;
    check_no_body: __private::check_no_body;
    check_fields: __private::check_fields;
    check_placeholder: __private::check_placeholder;
    check_disjoint: __private::check_disjoint;
    check_operation_ids: __private::check_operation_ids;
    check_described: __private::check_described;
    check_credentials: __private::check_credentials;
    probe: __private::Probe;
    no_source: __private::NoSource;
    check_bodies: __private::check_bodies;
    largest: __private::largest;
    one_block: __private::OneHandlerBlockForEachType;
    registry: __private::Registry;
    options: __private::options;
    refuse: __private::refuse;
    dispatch_base: __private::dispatch_base;
    route_base: __private::route_base;
    prefix_length: __private::prefix_length;
    dispatch_mounted: __private::dispatch_mounted;
    route_mounted: __private::route_mounted;
    allowed_mounted: __private::allowed_mounted;
    promise_mounted: __private::promise_mounted;
    gate_mounted: __private::gate_mounted;
    route_texts: __private::RouteTexts;
    unanswered: __private::Unanswered;
    assert: __private::assert;
    into: __private::Into;
    params: Params;
    param_source: ParamSource;
    param_faults: ParamFaults;
    param_fields: ParamFields;
    param_info: ParamInfo;
    param_group: ParamGroup;
    param_kind: ParamKind;
    place: Place;
    bound: Bound;
    multipart_limits: MultipartLimits;
    read_field: __private::read_field;
    reader: __private::Reader;
    type_of: __private::TypeOf;
    any_type: __private::AnyType;
    single: __private::single;
    describe: __private::describe;
    openapi: __private::openapi;
}

#[cfg(feature = "embed")]
paths! {
    embedded: __private::embedded;
    embedded_file: __private::EmbeddedFile;
}

impl Paths {
    pub(crate) fn new(renamed: Option<Path>) -> Self {
        Paths { renamed }
    }

    fn root(&self, span: Span) -> TokenStream {
        match &self.renamed {
            Some(path) => quote::quote!(#path),
            None => {
                let span = own(span);
                quote_spanned!(span=> ::doget)
            }
        }
    }
}

/// `place`, but with names that no name of the user's can capture.
pub(crate) fn own(place: Span) -> Span {
    place.resolved_at(Span::mixed_site())
}
