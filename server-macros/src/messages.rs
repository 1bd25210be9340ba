//! Every sentence that this crate refuses something with.
//!
//! One function, one sentence: what is wrong, then what to do. Each has a case of the same name
//! in `ui-tests/fail/`, and a test compares the two lists. A name that ends in `_place` is the
//! second place of the sentence above it, since an error of a macro can have only one.

fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    names
        .into_iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}

// The block.

pub(crate) fn not_an_impl(what: &str) -> String {
    format!(
        "`#[handler]` goes on an `impl` block, this is {what}: put it on `impl YourType {{ fn do_GET(..) }}`"
    )
}

pub(crate) fn trait_impl() -> String {
    "`#[handler]` goes on an inherent `impl`; it writes `impl Handler for ..` itself, with the \
     hooks of this block"
        .into()
}

pub(crate) fn handler_twice() -> String {
    "`#[handler]` is there twice: remove one, and put all arguments into the other".into()
}

pub(crate) fn macro_in_block(name: &str) -> String {
    format!(
        "`#[handler]` cannot see the methods that `{name}!` makes: write them out, or call \
         `{name}!` in another `impl` block"
    )
}

pub(crate) fn no_methods() -> String {
    "this handler has no methods: write one, for example `fn do_GET(&self) -> &'static str`".into()
}

// The arguments of the attribute.

pub(crate) fn unknown_argument(name: &str, nearest: Option<&str>, all: &[&str]) -> String {
    match nearest {
        Some(nearest) => {
            format!("`{name}` is not an argument of `#[handler]`: did you mean `{nearest}`?")
        }
        None => format!(
            "`{name}` is not an argument of `#[handler]`: it takes {}",
            listed(all)
        ),
    }
}

pub(crate) fn repeated_argument(name: &str) -> String {
    format!("`{name}` is there twice: put everything into one")
}

pub(crate) fn malformed_argument(form: &str) -> String {
    format!("this is written `{form}`")
}

pub(crate) fn problem_and_send_error() -> String {
    "`problem` writes `send_error`, and this block has one of its own: remove one, and call `hooks::send_problem` in \
     yours if you keep it"
        .into()
}

pub(crate) fn inherits_without_base() -> String {
    "`inherits(..)` names methods of a base: add `base(self.field: ItsType)`".into()
}

pub(crate) fn inherited_and_own(method: &str, function: &str) -> String {
    format!("`{method}` is not inherited, `{function}` handles it: remove it from `inherits(..)`")
}

pub(crate) fn listed_but_missing(method: &str, wanted: &str) -> String {
    format!("`methods(..)` lists {method}, but there is no `{wanted}` in this block")
}

pub(crate) fn not_listed(method: &str, function: &str) -> String {
    format!("{method} is not listed in `methods(..)`: add it there or remove `{function}`")
}

pub(crate) fn listed_twice(method: &str) -> String {
    format!("{method} is listed twice")
}

// Attributes of a method.

pub(crate) fn malformed_attribute(form: &str) -> String {
    format!("this attribute is written `{form}`")
}

pub(crate) fn repeated_attribute(name: &str) -> String {
    match name {
        "route" => {
            "one `#[route]` a method: for a second path write a second method that calls this one"
                .into()
        }
        _ => format!("`#[{name}]` is there twice"),
    }
}

pub(crate) fn foreign_attribute(attribute: &str, route: &str, function: &str) -> String {
    format!(
        "the HTTP method stands in the name of the function here, not in `#[{attribute}(..)]`: write \
         `#[route(\"{route}\")]` on `fn {function}(&self, ..)`"
    )
}

pub(crate) fn attribute_without_method(attribute: &str, function: &str) -> String {
    format!(
        "`#[{attribute}]` belongs to an HTTP method, and `{function}` is none: name it \
         `do_GET_{function}`, or add `#[method(\"GET\")]`"
    )
}

pub(crate) fn attribute_on_hook(attribute: &str, function: &str) -> String {
    format!("`#[{attribute}]` belongs to an HTTP method, and `{function}` is a hook: remove it")
}

pub(crate) fn open_without_guard() -> String {
    "`#[open]` opens a method to all whom a guard keeps out, and this block has none: add \
     `guard(User)` to `#[handler]`, or remove it"
        .into()
}

pub(crate) fn hide_without_guard() -> String {
    "`hide` keeps what there is not behind the guard, and this block has none: add `guard(User)`, or remove it".into()
}

pub(crate) fn layer_twice(field: &str) -> String {
    format!("`{field}` is there twice: it would be asked twice for each request")
}

pub(crate) fn bad_method_token(token: &str) -> String {
    format!(
        "`{token}` is not a method token (RFC 9110, section 9.1): letters, digits and !#$%&'*+-.^_`|~ only"
    )
}

// The derives.

pub(crate) fn derive_for_union(derive: &str) -> String {
    format!(
        "`{derive}` is derived for enums and structs: nobody can tell which field of a union is there"
    )
}

pub(crate) fn bad_status(first: u16, last: u16) -> String {
    format!("this is a status from {first} to {last}")
}

pub(crate) fn fault_without_status(variant: &str) -> String {
    format!(
        "the server does not know which status to send for `{variant}`: write `#[status(409)]`, or `#[fault]` if its \
         field is a fault itself"
    )
}

pub(crate) fn fault_without_field(variant: &str) -> String {
    format!(
        "`#[fault]` passes on the fault in the one field of a variant: give `{variant}` one field"
    )
}

pub(crate) fn reply_without_status(variant: &str) -> String {
    format!(
        "`{variant}` has nothing to send: write `#[status(204)]`, or give it a field that is a reply"
    )
}

pub(crate) fn reply_with_fields(variant: &str) -> String {
    format!("an answer is one value: put the fields of `{variant}` into a type that is a reply")
}

// Names.

pub(crate) fn bare_do() -> String {
    "`do_` names no HTTP method: did you mean `do_GET`?".into()
}

pub(crate) fn do_hook(hook: &str, token: &str) -> String {
    let sentence = format!("a hook has no `do_` before its name: did you mean `{hook}`?");
    if token.chars().any(|c| c.is_ascii_lowercase()) {
        return sentence;
    }
    format!(
        "{sentence} If the HTTP method `{token}` is meant, write `#[method(\"{token}\")]` on it"
    )
}

pub(crate) fn wrong_case(token: &str, method: &str, whole: &str) -> String {
    format!(
        "HTTP methods are case-sensitive: did you mean `{whole}`? If `{token}` is meant, not \
         `{method}`, write `#[method(\"{token}\")]` on it"
    )
}

pub(crate) fn lower_case(function: &str, token: &str) -> String {
    format!(
        "`{function}` would answer the HTTP method `{token}`: if that is meant, write \
         `#[method(\"{token}\")]` on it; a helper of yours needs another name or another `impl` block"
    )
}

pub(crate) fn near_method(token: &str, whole: &str) -> String {
    format!(
        "`{token}` is not a registered HTTP method: did you mean `{whole}`? If `{token}` is meant, \
         write `#[method(\"{token}\")]` on it"
    )
}

pub(crate) fn never_called(function: &str, meant: &str) -> String {
    format!("`{function}` is never called: did you mean `{meant}`?")
}

pub(crate) fn near_hook(name: &str, hook: &str) -> String {
    format!(
        "`{name}` is not a hook of a handler: did you mean `{hook}`? If it is a helper of yours, \
         give it another name or move it to another `impl` block"
    )
}

pub(crate) fn near_const(name: &str, constant: &str) -> String {
    format!(
        "`{name}` is not a const of a handler: did you mean `{constant}`? If it is one of yours, \
         give it another name or move it to another `impl` block"
    )
}

pub(crate) fn reserved_name(name: &str) -> String {
    format!(
        "`{name}` is what `#[handler]` writes, this one would never be used: give it another name"
    )
}

pub(crate) fn suffix_without_route(function: &str, method: &str, suffix: &str) -> String {
    let sentence = format!(
        "`{function}` has a suffix and no route: add `#[route(\"/..\")]`, or name it `do_{method}`"
    );
    if suffix.chars().any(|c| c.is_ascii_lowercase()) {
        return sentence;
    }
    let name = format!("{method}-{}", suffix.replace('_', "-"));
    format!("{sentence}; if the HTTP method is `{name}`, write `#[method(\"{name}\")]` on it")
}

// Signatures.

pub(crate) fn mut_self() -> String {
    "handlers are shared between requests: take `&self`, and keep what changes in a field that can be changed through \
     it, a `Mutex<..>`, or an atomic such as `AtomicU64` for a counter"
        .into()
}

pub(crate) fn owned_self() -> String {
    "handlers are shared between requests: take `&self`".into()
}

pub(crate) fn no_self() -> String {
    "a handler method takes `&self` first".into()
}

pub(crate) fn async_method() -> String {
    "handler methods are plain blocking functions: remove `async` (the engine sees to it that \
     blocking costs no other connection its turn)"
        .into()
}

pub(crate) fn unsafe_method() -> String {
    "handler methods are plain blocking functions: remove `unsafe`, and use an `unsafe` block inside".into()
}

pub(crate) fn const_method() -> String {
    "handler methods are plain blocking functions: remove `const`".into()
}

pub(crate) fn extern_method() -> String {
    "handler methods are plain blocking functions: remove `extern`".into()
}

pub(crate) fn generic_method(parameter: &str) -> String {
    format!(
        "a handler method cannot be generic: put `{parameter}` on the `impl`, or write the type"
    )
}

pub(crate) fn impl_trait_parameter() -> String {
    "a handler method cannot be generic: write the type instead of `impl ..`".into()
}

pub(crate) fn cfg_parameter() -> String {
    "a parameter of a handler method cannot be under `cfg`: write two methods, each under its own"
        .into()
}

pub(crate) fn no_answer(takes_response: bool) -> String {
    if takes_response {
        "this method takes the `Response`, but returns `()`: nothing shows that it answered. \
         Return `doget::Result<Sent>`"
            .into()
    } else {
        "this method returns `()`, which is no answer: return what is to be sent, for example \
         `String` or `StatusCode`"
            .into()
    }
}

pub(crate) fn response_twice() -> String {
    "this method takes the `Response` twice: there is one for each request".into()
}

pub(crate) fn request_twice() -> String {
    "this method takes the request twice: one `&mut Request` can read everything".into()
}

pub(crate) fn scalar_without_placeholder(
    name: Option<&str>,
    ty: &str,
    route: Option<&str>,
) -> String {
    let placeholder = match name {
        Some(name) => format!("placeholder `{{{name}}}`"),
        None => "placeholder".into(),
    };
    let example = name.unwrap_or("name");
    // What stands in a query is decoded, so nothing can be borrowed from it.
    let owned = if ty.starts_with('&') { "String" } else { ty };
    let query = format!(
        "if it stands in the query, `#[query] {example}: {owned}` takes it (feature `params`), or `Pairs`"
    );
    match route {
        Some(route) => format!(
            "no {placeholder} in the route \"{route}\" for this `{ty}`: add it, for example \"{}/{{{example}}}\"; \
             {query}",
            route.trim_end_matches('/')
        ),
        None => format!(
            "no {placeholder} for this `{ty}`, as there is no `#[route]` on this method: write one, for example \
             `#[route(\"/{{{example}}}\")]`; {query}"
        ),
    }
}

pub(crate) fn placeholder_without_parameter(name: &str, function: &str) -> String {
    let parameter = parameter(name);
    format!("the placeholder `{{{name}}}` has no parameter: add `{parameter}: ..` to `{function}`")
}

pub(crate) fn misspelt_placeholder(name: &str, parameter: &str) -> String {
    format!("the placeholder `{{{name}}}` has no parameter: did you mean `{{{parameter}}}`?")
}

pub(crate) fn placeholder_of_another_name(name: &str, other: &str) -> String {
    let parameter = parameter(name);
    format!(
        "the placeholder `{{{name}}}` and the parameter `{other}` have different names: write `{{{other}}}` in \
         the route, or name the parameter `{parameter}`"
    )
}

/// A name as it is written as a parameter: some are keywords.
fn parameter(name: &str) -> String {
    match syn::parse_str::<syn::Ident>(name) {
        Ok(_) => name.into(),
        Err(_) => format!("r#{name}"),
    }
}

// Patterns.

pub(crate) fn route_without_slash(route: &str) -> String {
    format!("a route starts with `/`: did you mean \"/{route}\"?")
}

pub(crate) fn route_empty_segment(route: &str) -> String {
    let mut fixed = route.to_owned();
    while fixed.contains("//") {
        fixed = fixed.replace("//", "/");
    }
    format!("an empty segment (`//`) can never match: did you mean \"{fixed}\"?")
}

pub(crate) fn route_bad_placeholder(segment: &str) -> String {
    format!(
        "`{segment}` is no placeholder: a segment is either text or one `{{name}}`; a brace as \
         text is written `%7B` or `%7D`"
    )
}

pub(crate) fn route_foreign_placeholder(segment: &str, ours: &str) -> String {
    format!(
        "`{segment}` would match only itself: a placeholder is written `{ours}`; if the text is meant, \
         write its first character as a percent-escape"
    )
}

pub(crate) fn route_placeholder_form(segment: &str, ours: &str) -> String {
    format!(
        "`{segment}` is no placeholder: it is written `{ours}`, and its type stands at the parameter"
    )
}

pub(crate) fn route_rest_not_last(name: &str) -> String {
    format!("`{{*{name}}}` takes the rest of the path, so it has to be last")
}

pub(crate) fn route_placeholder_twice(name: &str) -> String {
    format!("the placeholder `{{{name}}}` is there twice: give the second another name")
}

pub(crate) fn route_placeholder_keyword(name: &str) -> String {
    format!(
        "no parameter can be called `{name}`: give the placeholder another name, for example `{{id}}`"
    )
}

pub(crate) fn route_bad_escape(segment: &str) -> String {
    format!(
        "`{segment}` has a `%` without two hexadecimal digits, or decodes to no UTF-8: `%` itself is written `%25`"
    )
}

pub(crate) fn route_bad_character(character: char) -> String {
    match character {
        '?' => "a route is a path, without a query: remove `?` and what follows, and take the query as \
                a parameter"
            .into(),
        '#' => "a route is a path, without a fragment, which clients never send: remove `#` and what follows".into(),
        other => format!("{other:?} cannot be in a path"),
    }
}

// Two members against each other.

pub(crate) fn method_twice(method: &str) -> String {
    format!("`{method}` is handled twice")
}

pub(crate) fn method_twice_place(method: &str) -> String {
    format!("`{method}` is first handled here")
}

pub(crate) fn route_twice(method: &str, route: &str) -> String {
    format!("{method} \"{route}\" is handled twice: both patterns match the same paths")
}

pub(crate) fn route_twice_place(method: &str, route: &str) -> String {
    format!("{method} \"{route}\" is first handled here")
}

pub(crate) fn route_overlap(later: &str, earlier: &str, method: &str, witness: &str) -> String {
    format!(
        "\"{later}\" and \"{earlier}\" both match {method} {witness}, and neither is the more specific one"
    )
}

pub(crate) fn route_overlap_place() -> String {
    "the other route is here".into()
}

// Handlers below a prefix.

pub(crate) fn mount_at_root() -> String {
    "a handler at \"/\" takes every path: make it the base with `base(self.field: Type)`, or give it a prefix".into()
}

pub(crate) fn mount_trailing_slash(prefix: &str) -> String {
    let without = prefix.trim_end_matches('/');
    format!(
        "a prefix ends without a slash: write \"{without}\", which takes \"{without}\" and all below it"
    )
}

pub(crate) fn mount_placeholder(prefix: &str) -> String {
    format!(
        "the prefix \"{prefix}\" has a placeholder: a handler is mounted below text alone; routes take placeholders"
    )
}

pub(crate) fn mounts_overlap(prefix: &str, other: &str) -> String {
    if prefix == other {
        return format!("two handlers are mounted at \"{prefix}\"");
    }
    let (inner, outer) = match prefix.len() > other.len() {
        true => (prefix, other),
        false => (other, prefix),
    };
    format!(
        "\"{inner}\" is below \"{outer}\", where another handler answers every path: mount it within that handler"
    )
}

pub(crate) fn mounts_overlap_place() -> String {
    "the other handler is mounted here".into()
}

pub(crate) fn route_below_mount(method: &str, route: &str, prefix: &str) -> String {
    format!(
        "{method} \"{route}\" is never called: the handler mounted at \"{prefix}\" answers every path below it; \
         give the route to that handler"
    )
}

pub(crate) fn route_below_mount_place() -> String {
    "the handler is mounted here".into()
}

// What `described` asks for.

pub(crate) fn undescribed_method(function: &str) -> String {
    format!(
        "`{function}` has no comment, and the block is `described`: write `/// ..` above it, what it is for"
    )
}

pub(crate) fn undescribed_parameter(name: &str) -> String {
    format!(
        "`{name}` has no comment, and the block is `described`: write `/// ..` before the parameter, what it is"
    )
}

pub(crate) fn operation_id_twice(id: &str, function: &str) -> String {
    format!(
        "`{function}` is the operation `{id}` already: give one of them another name with `#[operation_id(\"..\")]`"
    )
}
