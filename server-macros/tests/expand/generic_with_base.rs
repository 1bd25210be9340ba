//     #[handler(base(self.inner: B), inherits(GET))]
//     impl<'a, B: Handler + 'a> Logged<'a, B>
//     where
//         B: Clone,
//     {
//         fn do_DELETE(&self) -> u16 {
//             204
//         }
//     }

impl<'a, B: Handler + 'a> Logged<'a, B>
where
    B: Clone,
{
    #[allow(non_snake_case)]
    fn do_DELETE(&self) -> u16 {
        204
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
                        ::doget::__private::FaultProbe::<u16>::KNOWN,
                        ::doget::__private::ReplyProbe::<u16>::ANSWERS,
                    ),
                ],
            );
        &[::doget::MethodInfo::new("DELETE", "do_DELETE").answers(__DOGET_ANSWERS_1)]
    };
    #[inline]
    fn __doget_find<'p>(
        command: &::doget::__private::str,
        path: &'p ::doget::__private::str,
    ) -> ::doget::__private::Option<
        (::doget::__private::usize, [&'p ::doget::__private::str; 0usize]),
    > {
        match command.as_bytes() {
            b"DELETE" => {
                return ::doget::__private::Some((0usize, []));
            }
            _ => {}
        }
        ::doget::__private::None
    }
    impl<'a, B: Handler + 'a> Logged<'a, B>
    where
        B: Clone,
    {
        #[doc(hidden)]
        #[inline]
        fn __doget_base(&self) -> &B {
            &self.inner
        }
    }
    #[automatically_derived]
    impl<'a, B: Handler + 'a> ::doget::__private::OneHandlerBlockForEachType
    for Logged<'a, B>
    where
        B: Clone,
        B: ::doget::Declared,
    {}
    #[automatically_derived]
    impl<'a, B: Handler + 'a> ::doget::Declared for Logged<'a, B>
    where
        B: Clone,
        B: ::doget::Declared,
    {
        const SETTINGS: &'static ::doget::Settings = &{
            let settings = *<B as ::doget::Declared>::SETTINGS;
            settings
                .methods(
                    const {
                        &::doget::__private::Registry::union(
                            __DOGET_METHODS,
                            <B as ::doget::Declared>::METHODS,
                            true,
                        )
                    }
                        .methods(),
                )
        };
        ::doget::__private::describe! {
            fn describe(api : & mut ::doget::__private::openapi::Api) {
            #[allow(unused_imports)] use ::doget::__private::TakeAlone as _;
            #[allow(unused_imports)] use ::doget::__private::openapi::probe:: { NoInput
            as _, NoOutput as _, NoSchema as _, ViaInput as _, ViaOutput as _, ViaReply
            as _, ViaRequest as _, ViaResult as _, ViaSchema as _, }; let block = api
            .block("Logged", "", ::doget::__private::openapi::ErrorBody::Page); { let
            operation = & mut api.operation(::doget::__private::openapi::About { method :
            "DELETE", function : "do_DELETE", route : "", docs : "", tag : "", id : "",
            deprecated : false, hidden : false, }); (&& &&
            ::doget::__private::openapi::probe::Probe:: < u16 > ::NEW)
            .__doget_output(operation, "u16"); } api.base(block, < B as ::doget::Declared
            > ::describe); }
        }
    }
    #[automatically_derived]
    impl<'a, B: Handler + 'a> ::doget::Handler for Logged<'a, B>
    where
        B: Clone,
        B: ::doget::Declared,
    {
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
            ::doget::__private::route_base(
                const {
                    &::doget::__private::Registry::union(
                        __DOGET_METHODS,
                        <B as ::doget::Declared>::METHODS,
                        true,
                    )
                },
                Self::__doget_base(self),
                command,
                path,
            )
        }
        fn dispatch(
            &self,
            request: &mut ::doget::Request<'_>,
            response: ::doget::Response<'_>,
        ) -> ::doget::Result<::doget::Sent> {
            match __doget_find(request.method(), "") {
                ::doget::__private::Some((0usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        ::doget::Reply::reply(Self::do_DELETE(self), unclaimed.1)
                    };
                }
                _ => {}
            }
            ::doget::__private::dispatch_base(
                self,
                Self::__doget_base(self),
                request,
                response,
            )
        }
        fn allowed(&self, path: &::doget::__private::str, set: &mut ::doget::MethodSet) {
            ::doget::__private::allowed(set, path, &["DELETE"], &[false], __doget_find);
            ::doget::Handler::allowed(Self::__doget_base(self), path, set);
            set.derive_options();
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => version_string
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => date_time_string
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => log_date_time_string
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => address_string
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => handle_expect_100
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => send_error
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => end_headers
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => responses
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => log_request
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => is_logged
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => log_error
        }
        ::doget::delegate! {
            | self | * Self::__doget_base(self) => log_message
        }
    }
    #[automatically_derived]
    impl<'a, B: Handler + 'a> ::doget::Handles<::doget::method::DELETE> for Logged<'a, B>
    where
        B: Clone,
    {}
    #[automatically_derived]
    impl<'a, B: Handler + 'a> ::doget::Handles<::doget::method::OPTIONS>
    for Logged<'a, B>
    where
        B: Clone,
    {}
    #[automatically_derived]
    impl<'a, B: Handler + 'a> ::doget::Handles<::doget::method::GET> for Logged<'a, B>
    where
        B: Clone,
        B: ::doget::Handles<::doget::method::GET>,
    {}
    const _: () = {
        #[allow(unused_imports)]
        use ::doget::__private::NoReply as _;
        const _: () = ::doget::__private::check_answer(
            ::doget::__private::ReplyProbe::<u16>::FAULT,
        );
    };
};
