//     #[handler]
//     impl Users {
//         /// One user.
//         #[route("/users/{id}")]
//         fn do_GET_user(&self, id: u64) -> doget::Result<String> {
//             self.find(id)
//         }
//
//         #[route("/users/me")]
//         fn do_GET_me(&self) -> String {
//             String::new()
//         }
//
//         #[route("/users/{id}")]
//         #[blocking]
//         fn do_PUT_user(&self, request: &mut Request<'_>, id: u64, body: String) -> u16 {
//             204
//         }
//
//         #[route("/files/{owner}/{*path}")]
//         fn do_GET_file(&self, path: &str, owner: &str) -> Vec<u8> {
//             Vec::new()
//         }
//
//         fn do_GET(&self) -> u16 {
//             404
//         }
//     }

impl Users {
    /// One user.
    #[allow(non_snake_case)]
    fn do_GET_user(&self, id: u64) -> doget::Result<String> {
        self.find(id)
    }
    #[allow(non_snake_case)]
    fn do_GET_me(&self) -> String {
        String::new()
    }
    #[allow(non_snake_case)]
    fn do_PUT_user(&self, request: &mut Request<'_>, id: u64, body: String) -> u16 {
        204
    }
    #[allow(non_snake_case)]
    fn do_GET_file(&self, path: &str, owner: &str) -> Vec<u8> {
        Vec::new()
    }
    #[allow(non_snake_case)]
    fn do_GET(&self) -> u16 {
        404
    }
}
#[allow(
    non_snake_case,
    deprecated,
    unused_variables,
    unreachable_code,
    unreachable_patterns,
    clippy::too_many_lines,
    clippy::multiple_bound_locations,
    clippy::trait_duplication_in_bounds
)]
const _: () = {
    const __DOGET_METHODS: &[::doget::MethodInfo] = {
        #[allow(unused_imports)]
        use ::doget::__private::NoReply as _;
        #[allow(unused_imports)]
        use ::doget::__private::NoSource as _;
        const __DOGET_ANSWERS_1: &::doget::Answers = &::doget::Answers::NONE
            .within(
                &[
                    ::doget::__private::answers(
                        ::doget::__private::FaultProbe::<doget::Result<String>>::KNOWN,
                        ::doget::__private::ReplyProbe::<doget::Result<String>>::ANSWERS,
                    ),
                    ::doget::__private::NO_SUCH_PART,
                ],
            );
        const __DOGET_ANSWERS_2: &::doget::Answers = &::doget::Answers::NONE
            .within(
                &[
                    ::doget::__private::answers(
                        ::doget::__private::FaultProbe::<String>::KNOWN,
                        ::doget::__private::ReplyProbe::<String>::ANSWERS,
                    ),
                ],
            );
        const __DOGET_ANSWERS_3: &::doget::Answers = &::doget::Answers::NONE
            .within(
                &[
                    ::doget::__private::answers(
                        ::doget::__private::FaultProbe::<u16>::KNOWN,
                        ::doget::__private::ReplyProbe::<u16>::ANSWERS,
                    ),
                    ::doget::__private::NO_SUCH_PART,
                    ::doget::__private::Probe::<String>::REFUSALS,
                ],
            );
        const __DOGET_ANSWERS_4: &::doget::Answers = &::doget::Answers::NONE
            .within(
                &[
                    ::doget::__private::answers(
                        ::doget::__private::FaultProbe::<Vec<u8>>::KNOWN,
                        ::doget::__private::ReplyProbe::<Vec<u8>>::ANSWERS,
                    ),
                    ::doget::__private::NO_SUCH_PART,
                    ::doget::__private::NO_SUCH_PART,
                ],
            );
        const __DOGET_ANSWERS_5: &::doget::Answers = &::doget::Answers::NONE
            .within(
                &[
                    ::doget::__private::answers(
                        ::doget::__private::FaultProbe::<u16>::KNOWN,
                        ::doget::__private::ReplyProbe::<u16>::ANSWERS,
                    ),
                ],
            );
        &[
            ::doget::MethodInfo::new("GET", "do_GET_user")
                .route("/users/{id}")
                .doc("One user.")
                .operation_id("get_user")
                .answers(__DOGET_ANSWERS_1),
            ::doget::MethodInfo::new("HEAD", "do_GET_user")
                .route("/users/{id}")
                .doc("One user.")
                .derived()
                .operation_id("get_user")
                .answers(__DOGET_ANSWERS_1),
            ::doget::MethodInfo::new("GET", "do_GET_me")
                .route("/users/me")
                .operation_id("get_me")
                .answers(__DOGET_ANSWERS_2),
            ::doget::MethodInfo::new("HEAD", "do_GET_me")
                .route("/users/me")
                .derived()
                .operation_id("get_me")
                .answers(__DOGET_ANSWERS_2),
            ::doget::MethodInfo::new("PUT", "do_PUT_user")
                .route("/users/{id}")
                .operation_id("put_user")
                .answers(__DOGET_ANSWERS_3),
            ::doget::MethodInfo::new("GET", "do_GET_file")
                .route("/files/{owner}/{*path}")
                .operation_id("get_file")
                .answers(__DOGET_ANSWERS_4),
            ::doget::MethodInfo::new("HEAD", "do_GET_file")
                .route("/files/{owner}/{*path}")
                .derived()
                .operation_id("get_file")
                .answers(__DOGET_ANSWERS_4),
            ::doget::MethodInfo::new("GET", "do_GET").answers(__DOGET_ANSWERS_5),
            ::doget::MethodInfo::new("HEAD", "do_GET")
                .derived()
                .answers(__DOGET_ANSWERS_5),
            ::doget::MethodInfo::new("OPTIONS", "").derived(),
        ]
    };
    #[inline]
    fn __doget_find<'p>(
        command: &::doget::__private::str,
        path: &'p ::doget::__private::str,
    ) -> ::doget::__private::Option<
        (::doget::__private::usize, [&'p ::doget::__private::str; 2usize]),
    > {
        #[inline(never)]
        fn __doget_search_0<'p>(
            path: &'p ::doget::__private::str,
        ) -> ::doget::__private::Option<
            (::doget::__private::usize, [&'p ::doget::__private::str; 2usize]),
        > {
            if let ::doget::__private::Some(rest0) = path.strip_prefix('/') {
                let (segment0, after0) = ::doget::__private::segment(rest0);
                if ::doget::__private::literal(segment0, "users") {
                    if let ::doget::__private::Some(rest1) = after0 {
                        let (segment1, after1) = ::doget::__private::segment(rest1);
                        if ::doget::__private::literal(segment1, "me") {
                            if after1.is_none() {
                                return ::doget::__private::Some((2usize, ["", ""]));
                            }
                        }
                        if !segment1.is_empty() {
                            if after1.is_none() {
                                return ::doget::__private::Some((0usize, [segment1, ""]));
                            }
                        }
                    }
                }
                if ::doget::__private::literal(segment0, "files") {
                    if let ::doget::__private::Some(rest1) = after0 {
                        let (segment1, after1) = ::doget::__private::segment(rest1);
                        if !segment1.is_empty() {
                            if let ::doget::__private::Some(rest2) = after1 {
                                if !rest2.is_empty() {
                                    return ::doget::__private::Some((
                                        5usize,
                                        [segment1, rest2],
                                    ));
                                }
                            }
                        }
                    }
                }
            }
            return ::doget::__private::Some((7usize, ["", ""]));
        }
        match command.as_bytes() {
            b"GET" | b"HEAD" => {
                match path.len() {
                    9usize => {
                        if path == "/users/me" {
                            return ::doget::__private::Some((2usize, ["", ""]));
                        }
                    }
                    _ => {}
                }
                return __doget_search_0(path);
            }
            b"PUT" => {
                if let ::doget::__private::Some(rest0) = path.strip_prefix('/') {
                    let (segment0, after0) = ::doget::__private::segment(rest0);
                    if ::doget::__private::literal(segment0, "users") {
                        if let ::doget::__private::Some(rest1) = after0 {
                            let (segment1, after1) = ::doget::__private::segment(rest1);
                            if !segment1.is_empty() {
                                if after1.is_none() {
                                    return ::doget::__private::Some((4usize, [segment1, ""]));
                                }
                            }
                        }
                    }
                }
            }
            b"OPTIONS" => {
                return ::doget::__private::Some((9usize, ["", ""]));
            }
            _ => {}
        }
        ::doget::__private::None
    }
    #[automatically_derived]
    impl ::doget::__private::OneHandlerBlockForEachType for Users {}
    #[automatically_derived]
    impl ::doget::Declared for Users {
        const SETTINGS: &'static ::doget::Settings = &{
            let settings = ::doget::Settings::new();
            settings.standard_head(true).standard_log(true).methods(__DOGET_METHODS)
        };
        ::doget::__private::describe! {
            fn describe(api : & mut ::doget::__private::openapi::Api) {
            #[allow(unused_imports)] use ::doget::__private::TakeAlone as _;
            #[allow(unused_imports)] use ::doget::__private::openapi::probe:: { NoInput
            as _, NoOutput as _, NoSchema as _, ViaInput as _, ViaOutput as _, ViaReply
            as _, ViaRequest as _, ViaResult as _, ViaSchema as _, }; let block = api
            .block("Users", "", ::doget::__private::openapi::ErrorBody::Page); { let
            operation = & mut api.operation(::doget::__private::openapi::About { method :
            "GET", function : "do_GET_user", route : "/users/{id}", docs : "One user.",
            tag : "", id : "get_user", deprecated : false, hidden : false, }); let schema
            = (&& ::doget::__private::openapi::probe::Probe:: < u64 > ::NEW)
            .__doget_schema(operation); operation.about("").path_parameter("id", false,
            schema); (&& && ::doget::__private::openapi::probe::Probe:: < doget::Result <
            String > > ::NEW).__doget_output(operation, "doget::Result<String>"); } { let
            operation = & mut api.operation(::doget::__private::openapi::About { method :
            "GET", function : "do_GET_me", route : "/users/me", docs : "", tag : "", id :
            "get_me", deprecated : false, hidden : false, }); (&& &&
            ::doget::__private::openapi::probe::Probe:: < String > ::NEW)
            .__doget_output(operation, "String"); } { let operation = & mut api
            .operation(::doget::__private::openapi::About { method : "PUT", function :
            "do_PUT_user", route : "/users/{id}", docs : "", tag : "", id : "put_user",
            deprecated : false, hidden : false, }); (&& &
            ::doget::__private::openapi::probe::Probe:: < & mut Request < '_ > > ::NEW)
            .__doget_input(operation.about(""), "&mut Request<'_>"); let schema = (&&
            ::doget::__private::openapi::probe::Probe:: < u64 > ::NEW)
            .__doget_schema(operation); operation.about("").path_parameter("id", false,
            schema); (&& & ::doget::__private::openapi::probe::Probe:: < String > ::NEW)
            .__doget_input(operation.about(""), "String"); ::doget::__private::Taker:: <
            String, Self > ::describe(operation); (&& &&
            ::doget::__private::openapi::probe::Probe:: < u16 > ::NEW)
            .__doget_output(operation, "u16"); } { let operation = & mut api
            .operation(::doget::__private::openapi::About { method : "GET", function :
            "do_GET_file", route : "/files/{owner}/{*path}", docs : "", tag : "", id :
            "get_file", deprecated : false, hidden : false, }); let schema = (&&
            ::doget::__private::openapi::probe::Probe:: < & str > ::NEW)
            .__doget_schema(operation); operation.about("").path_parameter("path", true,
            schema); let schema = (&& ::doget::__private::openapi::probe::Probe:: < & str
            > ::NEW).__doget_schema(operation); operation.about("")
            .path_parameter("owner", false, schema); (&& &&
            ::doget::__private::openapi::probe::Probe:: < Vec < u8 > > ::NEW)
            .__doget_output(operation, "Vec<u8>"); } { let operation = & mut api
            .operation(::doget::__private::openapi::About { method : "GET", function :
            "do_GET", route : "", docs : "", tag : "", id : "", deprecated : false,
            hidden : false, }); (&& && ::doget::__private::openapi::probe::Probe:: < u16
            > ::NEW).__doget_output(operation, "u16"); } }
        }
    }
    #[automatically_derived]
    impl ::doget::Handler for Users {
        fn settings(&self) -> &'static ::doget::Settings {
            <Self as ::doget::Declared>::SETTINGS
        }
        fn route(
            &self,
            command: &::doget::__private::str,
            path: &::doget::__private::str,
        ) -> ::doget::Route {
            #[allow(unused_imports)]
            use ::doget::__private::NoSource as _;
            #[allow(unused_imports)]
            use ::doget::__private::TakeAlone as _;
            if let ::doget::__private::Some((entry, _)) = __doget_find(command, path) {
                let (blocking, collect) = match entry {
                    4usize => {
                        (
                            true || ::doget::__private::Taker::<String, Self>::BLOCKS,
                            ::doget::__private::largest(
                                &[::doget::__private::Probe::<String>::COLLECT],
                            ),
                        )
                    }
                    _ => (false, 0),
                };
                return ::doget::Route::new(entry as ::doget::__private::u32)
                    .blocking(blocking)
                    .collect(collect);
            }
            ::doget::Route::UNKNOWN
        }
        fn dispatch(
            &self,
            request: &mut ::doget::Request<'_>,
            response: ::doget::Response<'_>,
        ) -> ::doget::Result<::doget::Sent> {
            #[allow(unused_imports)]
            use ::doget::__private::TakeAlone as _;
            match __doget_find(request.method(), request.path()) {
                ::doget::__private::Some((0usize | 1usize, [captured0, ..])) => {
                    return {
                        let text0 = ::doget::__private::decode(captured0)?;
                        let argument0 = ::doget::__private::found(
                            <u64 as ::doget::FromParam<'_, _>>::from_param(&text0),
                        )?;
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(
                            Self::do_GET_user(self, argument0),
                            unclaimed.1,
                        )
                    };
                }
                ::doget::__private::Some((2usize | 3usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(Self::do_GET_me(self), unclaimed.1)
                    };
                }
                ::doget::__private::Some((4usize, [captured0, ..])) => {
                    return {
                        let text1 = ::doget::__private::decode(captured0)?;
                        let argument1 = ::doget::__private::found(
                            <u64 as ::doget::FromParam<'_, _>>::from_param(&text1),
                        )?;
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        let (argument2, unclaimed) = ::doget::__private::taker::<
                            String,
                            _,
                        >(self)
                            .take(unclaimed)?;
                        let (argument0, unclaimed) = ::doget::__private::Provides::<
                            &mut Request<'_>,
                            _,
                        >::provide(unclaimed)?;
                        unclaimed
                            .finish(
                                Self::do_PUT_user(self, argument0, argument1, argument2),
                            )
                    };
                }
                ::doget::__private::Some((5usize | 6usize, [captured0, captured1])) => {
                    return {
                        let text0 = ::doget::__private::decode(captured1)?;
                        let argument0 = ::doget::__private::found(
                            <&str as ::doget::FromParam<'_, _>>::from_param(&text0),
                        )?;
                        let text1 = ::doget::__private::decode(captured0)?;
                        let argument1 = ::doget::__private::found(
                            <&str as ::doget::FromParam<'_, _>>::from_param(&text1),
                        )?;
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(
                            Self::do_GET_file(self, argument0, argument1),
                            unclaimed.1,
                        )
                    };
                }
                ::doget::__private::Some((7usize | 8usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(Self::do_GET(self), unclaimed.1)
                    };
                }
                ::doget::__private::Some((9usize, _)) => {
                    return ::doget::__private::options(self, request, response);
                }
                _ => {}
            }
            ::doget::__private::refuse(self, request)
        }
        fn allowed(&self, path: &::doget::__private::str, set: &mut ::doget::MethodSet) {
            ::doget::__private::allowed(
                set,
                path,
                &["GET", "HEAD", "PUT"],
                &[true, true, true, true, true, true, true, false, false, false],
                __doget_find,
            );
            set.derive_options();
        }
    }
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::GET> for Users {}
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::HEAD> for Users {}
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::PUT> for Users {}
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::OPTIONS> for Users {}
    const _: () = {
        #[allow(unused_imports)]
        use ::doget::__private::NoReply as _;
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<doget::Result<String>>::FAULT,
        );
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<String>::FAULT,
        );
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<u16>::FAULT,
        );
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<Vec<u8>>::FAULT,
        );
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<u16>::FAULT,
        );
    };
    const _: () = {
        #[allow(unused_imports)]
        use ::doget::__private::NoSource as _;
        const _: () = ::doget::__private::check_fields(
            ::doget::__private::Probe::<String>::PARAMS,
        );
        const _: () = ::doget::__private::check_placeholder(
            ::doget::__private::Probe::<String>::PARAMS,
            "id",
            "/users/{id}",
        );
    };
};
