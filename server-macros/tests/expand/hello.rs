//     #[handler]
//     impl Hello {
//         fn do_GET(&self) -> &'static str {
//             "hello"
//         }
//     }

impl Hello {
    #[allow(non_snake_case)]
    fn do_GET(&self) -> &'static str {
        "hello"
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
                        ::doget::__private::FaultProbe::<&'static str>::KNOWN,
                        ::doget::__private::ReplyProbe::<&'static str>::ANSWERS,
                    ),
                ],
            );
        &[
            ::doget::MethodInfo::new("GET", "do_GET").answers(__DOGET_ANSWERS_1),
            ::doget::MethodInfo::new("HEAD", "do_GET")
                .derived()
                .answers(__DOGET_ANSWERS_1),
            ::doget::MethodInfo::new("OPTIONS", "").derived(),
        ]
    };
    #[inline]
    fn __doget_find<'p>(
        command: &::doget::__private::str,
        path: &'p ::doget::__private::str,
    ) -> ::doget::__private::Option<
        (::doget::__private::usize, [&'p ::doget::__private::str; 0usize]),
    > {
        match command.as_bytes() {
            b"GET" | b"HEAD" => {
                return ::doget::__private::Some((0usize, []));
            }
            b"OPTIONS" => {
                return ::doget::__private::Some((2usize, []));
            }
            _ => {}
        }
        ::doget::__private::None
    }
    #[automatically_derived]
    impl ::doget::__private::OneHandlerBlockForEachType for Hello {}
    #[automatically_derived]
    impl ::doget::Declared for Hello {
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
            .block("Hello", "", ::doget::__private::openapi::ErrorBody::Page); { let
            operation = & mut api.operation(::doget::__private::openapi::About { method :
            "GET", function : "do_GET", route : "", docs : "", tag : "", id : "",
            deprecated : false, hidden : false, }); (&& &&
            ::doget::__private::openapi::probe::Probe:: < & 'static str > ::NEW)
            .__doget_output(operation, "&'static str"); } }
        }
    }
    #[automatically_derived]
    impl ::doget::Handler for Hello {
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
            match __doget_find(request.method(), "") {
                ::doget::__private::Some((0usize | 1usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(Self::do_GET(self), unclaimed.1)
                    };
                }
                ::doget::__private::Some((2usize, _)) => {
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
                &["GET", "HEAD"],
                &[false, false, false],
                __doget_find,
            );
            set.derive_options();
        }
    }
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::GET> for Hello {}
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::HEAD> for Hello {}
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::OPTIONS> for Hello {}
    const _: () = {
        #[allow(unused_imports)]
        use ::doget::__private::NoReply as _;
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<&'static str>::FAULT,
        );
    };
};
