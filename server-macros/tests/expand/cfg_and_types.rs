//     #[handler]
//     impl Cache {
//         #[cfg(feature = "purge")]
//         #[method(PURGE)]
//         fn purge(&self) -> u16 {
//             204
//         }
//
//         #[cfg_attr(unix, inline, cfg(feature = "get"))]
//         fn do_GET(&self) -> String {
//             String::new()
//         }
//
//         #[method("M-SEARCH")]
//         fn search(&self) -> String {
//             String::new()
//         }
//     }

impl Cache {
    #[cfg(feature = "purge")]
    fn purge(&self) -> u16 {
        204
    }
    #[cfg_attr(unix, inline, cfg(feature = "get"))]
    #[allow(non_snake_case)]
    fn do_GET(&self) -> String {
        String::new()
    }
    fn search(&self) -> String {
        String::new()
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
        #[cfg(feature = "purge")]
        const __DOGET_ANSWERS_1: &::doget::Answers = &::doget::Answers::NONE
            .within(
                &[
                    ::doget::__private::answers(
                        ::doget::__private::FaultProbe::<u16>::KNOWN,
                        ::doget::__private::ReplyProbe::<u16>::ANSWERS,
                    ),
                ],
            );
        #[cfg(any(not(unix), feature = "get"))]
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
                        ::doget::__private::FaultProbe::<String>::KNOWN,
                        ::doget::__private::ReplyProbe::<String>::ANSWERS,
                    ),
                ],
            );
        &[
            #[cfg(feature = "purge")]
            ::doget::MethodInfo::new(<PURGE as ::doget::Method>::NAME, "purge")
                .answers(__DOGET_ANSWERS_1),
            #[cfg(any(not(unix), feature = "get"))]
            ::doget::MethodInfo::new("GET", "do_GET").answers(__DOGET_ANSWERS_2),
            #[cfg(any(not(unix), feature = "get"))]
            ::doget::MethodInfo::new("HEAD", "do_GET")
                .derived()
                .answers(__DOGET_ANSWERS_2),
            ::doget::MethodInfo::new("M-SEARCH", "search").answers(__DOGET_ANSWERS_3),
            ::doget::MethodInfo::new("OPTIONS", "").derived(),
        ]
    };
    const __DOGET_INDEX: [::doget::__private::u32; 5usize] = {
        let mut index = [0; 5usize];
        let next = 0;
        index[0usize] = next;
        #[cfg(feature = "purge")]
        let next = next + 1;
        index[1usize] = next;
        #[cfg(any(not(unix), feature = "get"))]
        let next = next + 1;
        index[2usize] = next;
        #[cfg(any(not(unix), feature = "get"))]
        let next = next + 1;
        index[3usize] = next;
        let next = next + 1;
        index[4usize] = next;
        let next = next + 1;
        let _ = next;
        index
    };
    #[inline]
    fn __doget_find<'p>(
        command: &::doget::__private::str,
        path: &'p ::doget::__private::str,
    ) -> ::doget::__private::Option<
        (::doget::__private::usize, [&'p ::doget::__private::str; 0usize]),
    > {
        #[cfg(feature = "purge")]
        const __DOGET_METHOD_0: &[::doget::__private::u8] = <PURGE as ::doget::Method>::NAME
            .as_bytes();
        match command.as_bytes() {
            #[cfg(feature = "purge")]
            __DOGET_METHOD_0 => {
                return ::doget::__private::Some((0usize, []));
            }
            #[cfg(any(not(unix), feature = "get"))]
            b"GET" | b"HEAD" => {
                return ::doget::__private::Some((1usize, []));
            }
            b"M-SEARCH" => {
                return ::doget::__private::Some((3usize, []));
            }
            b"OPTIONS" => {
                return ::doget::__private::Some((4usize, []));
            }
            _ => {}
        }
        ::doget::__private::None
    }
    #[automatically_derived]
    impl ::doget::__private::OneHandlerBlockForEachType for Cache {}
    #[automatically_derived]
    impl ::doget::Declared for Cache {
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
            .block("Cache", "", ::doget::__private::openapi::ErrorBody::Page);
            #[cfg(feature = "purge")] { let operation = & mut api
            .operation(::doget::__private::openapi::About { method : < PURGE as
            ::doget::Method > ::NAME, function : "purge", route : "", docs : "", tag :
            "", id : "", deprecated : false, hidden : false, }); (&& &&
            ::doget::__private::openapi::probe::Probe:: < u16 > ::NEW)
            .__doget_output(operation, "u16"); } #[cfg(any(not(unix), feature = "get"))]
            { let operation = & mut api.operation(::doget::__private::openapi::About {
            method : "GET", function : "do_GET", route : "", docs : "", tag : "", id :
            "", deprecated : false, hidden : false, }); (&& &&
            ::doget::__private::openapi::probe::Probe:: < String > ::NEW)
            .__doget_output(operation, "String"); } { let operation = & mut api
            .operation(::doget::__private::openapi::About { method : "M-SEARCH", function
            : "search", route : "", docs : "", tag : "", id : "", deprecated : false,
            hidden : false, }); (&& && ::doget::__private::openapi::probe::Probe:: <
            String > ::NEW).__doget_output(operation, "String"); } }
        }
    }
    #[automatically_derived]
    impl ::doget::Handler for Cache {
        fn settings(&self) -> &'static ::doget::Settings {
            <Self as ::doget::Declared>::SETTINGS
        }
        fn route(
            &self,
            command: &::doget::__private::str,
            path: &::doget::__private::str,
        ) -> ::doget::Route {
            if let ::doget::__private::Some((entry, _)) = __doget_find(command, path) {
                let (blocking, collect) = (false, 0);
                return ::doget::Route::new(__DOGET_INDEX[entry])
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
            match __doget_find(request.method(), "") {
                #[cfg(feature = "purge")]
                ::doget::__private::Some((0usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(Self::purge(self), unclaimed.1)
                    };
                }
                #[cfg(any(not(unix), feature = "get"))]
                ::doget::__private::Some((1usize | 2usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(Self::do_GET(self), unclaimed.1)
                    };
                }
                ::doget::__private::Some((3usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(Self::search(self), unclaimed.1)
                    };
                }
                ::doget::__private::Some((4usize, _)) => {
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
                &[
                    #[cfg(feature = "purge")]
                    <PURGE as ::doget::Method>::NAME,
                    #[cfg(any(not(unix), feature = "get"))]
                    "GET",
                    #[cfg(any(not(unix), feature = "get"))]
                    "HEAD",
                    "M-SEARCH",
                ],
                &[false, false, false, false, false],
                __doget_find,
            );
            set.derive_options();
        }
    }
    #[cfg(feature = "purge")]
    #[automatically_derived]
    impl ::doget::Handles<PURGE> for Cache {}
    #[cfg(any(not(unix), feature = "get"))]
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::GET> for Cache {}
    #[cfg(any(not(unix), feature = "get"))]
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::HEAD> for Cache {}
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::OPTIONS> for Cache {}
    const _: () = {
        #[allow(unused_imports)]
        use ::doget::__private::NoReply as _;
        #[cfg(feature = "purge")]
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<u16>::FAULT,
        );
        #[cfg(any(not(unix), feature = "get"))]
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<String>::FAULT,
        );
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<String>::FAULT,
        );
    };
};
