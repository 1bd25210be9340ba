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
    const __DOGET_METHODS: &[::doget::MethodInfo] = &[
        ::doget::MethodInfo::new("GET", "do_GET"),
    ];
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
            use ::doget::__private::NoSource as _;
            if let ::doget::__private::Some((entry, _)) = __doget_find(command, path) {
                let (blocking, collect) = match entry {
                    0usize => {
                        (
                            false,
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
            match __doget_find(request.method(), "") {
                ::doget::__private::Some((0usize, _)) => {
                    return {
                        let unclaimed = ::doget::__private::Unclaimed(request, response);
                        let (argument1, unclaimed) = ::doget::__private::Provides::<
                            Response<'_>,
                            _,
                        >::provide(unclaimed)?;
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
};
