//     #[handler(exact, methods(GET))]
//     impl Hello {
//         fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> doget::Result<Sent> {
//             response.reply(request.target())
//         }
//     }

impl Hello {
    #[allow(non_snake_case)]
    fn do_GET(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
    ) -> doget::Result<Sent> {
        response.reply(request.target())
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
                        ::doget::__private::FaultProbe::<doget::Result<Sent>>::KNOWN,
                        ::doget::__private::ReplyProbe::<doget::Result<Sent>>::ANSWERS,
                    ),
                ],
            );
        &[::doget::MethodInfo::new("GET", "do_GET").answers(__DOGET_ANSWERS_1)]
    };
    #[inline]
    fn __doget_find<'p>(
        command: &::doget::__private::str,
        path: &'p ::doget::__private::str,
    ) -> ::doget::__private::Option<
        (::doget::__private::usize, [&'p ::doget::__private::str; 0usize]),
    > {
        match command.as_bytes() {
            b"GET" => {
                return ::doget::__private::Some((0usize, []));
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
            deprecated : false, hidden : false, }); (&& &
            ::doget::__private::openapi::probe::Probe:: < & mut Request < '_ > > ::NEW)
            .__doget_input(operation.about(""), "&mut Request<'_>"); (&& &
            ::doget::__private::openapi::probe::Probe:: < Response < '_ > > ::NEW)
            .__doget_input(operation.about(""), "Response<'_>");
            ::doget::__private::Taker:: < Response < '_ >, Self > ::describe(operation);
            (&& && ::doget::__private::openapi::probe::Probe:: < doget::Result < Sent > >
            ::NEW).__doget_output(operation, "doget::Result<Sent>"); } }
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
            #[allow(unused_imports)]
            use ::doget::__private::NoSource as _;
            #[allow(unused_imports)]
            use ::doget::__private::TakeAlone as _;
            if let ::doget::__private::Some((entry, _)) = __doget_find(command, path) {
                let (blocking, collect) = match entry {
                    0usize => {
                        (
                            false
                                || ::doget::__private::Taker::<Response<'_>, Self>::BLOCKS,
                            ::doget::__private::largest(
                                &[::doget::__private::Probe::<Response<'_>>::COLLECT],
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
            match __doget_find(request.method(), "") {
                ::doget::__private::Some((0usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        let (argument1, unclaimed) = ::doget::__private::taker::<
                            Response<'_>,
                            _,
                        >(self)
                            .take(unclaimed)?;
                        let (argument0, unclaimed) = ::doget::__private::Provides::<
                            &mut Request<'_>,
                            _,
                        >::provide(unclaimed)?;
                        unclaimed.finish(Self::do_GET(self, argument0, argument1))
                    };
                }
                _ => {}
            }
            ::doget::__private::refuse(self, request)
        }
        fn allowed(&self, path: &::doget::__private::str, set: &mut ::doget::MethodSet) {
            ::doget::__private::allowed(set, path, &["GET"], &[false], __doget_find);
        }
    }
    #[automatically_derived]
    impl ::doget::Handles<::doget::method::GET> for Hello {}
    const _: () = {
        #[allow(unused_imports)]
        use ::doget::__private::NoSource as _;
        const _: () = ::doget::__private::check_no_body(
            ::doget::__private::Probe::<Response<'_>>::BODY,
            "the body of a GET has no meaning, and clients, caches and proxies drop it: take the value from the query, or make it a POST; `#[takes_body]` on the method insists",
        );
    };
    const _: () = {
        #[allow(unused_imports)]
        use ::doget::__private::NoReply as _;
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<doget::Result<Sent>>::FAULT,
        );
    };
};
