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
    clippy::too_many_lines
)]
const _: () = {
    const __DOGET_METHODS: &[::doget::MethodInfo] = &[
        ::doget::MethodInfo::new(
            "DELETE",
            ::doget::__private::None,
            "do_DELETE",
            "",
            false,
        ),
    ];
    #[inline]
    fn __doget_find<'p>(
        command: &str,
        path: &'p str,
    ) -> ::doget::__private::Option<(usize, [&'p str; 0usize])> {
        match command.as_bytes() {
            b"DELETE" => {
                return ::doget::__private::Some((0usize, []));
            }
            _ => {}
        }
        ::doget::__private::None
    }
    #[automatically_derived]
    impl<'a, B: Handler + 'a> ::doget::Handler for Logged<'a, B>
    where
        B: Clone,
    {
        const METHODS: &'static [::doget::MethodInfo] = const {
            &::doget::__private::Registry::union(
                __DOGET_METHODS,
                <B as ::doget::Handler>::METHODS,
                true,
            )
        }
            .methods();
        ::doget::__private::inherit! {
            SERVER_VERSION : B
        }
        ::doget::__private::inherit! {
            SYS_VERSION : B
        }
        ::doget::__private::inherit! {
            PROTOCOL_VERSION : B
        }
        ::doget::__private::inherit! {
            PARSING : B
        }
        ::doget::__private::inherit! {
            ERROR_MESSAGE_FORMAT : B
        }
        ::doget::__private::inherit! {
            ERROR_CONTENT_TYPE : B
        }
        const STANDARD_HEAD: bool = <B as ::doget::Handler>::STANDARD_HEAD;
        fn route(&self, command: &str, path: &str) -> ::doget::Route {
            if let ::doget::__private::Some((entry, _)) = __doget_find(command, path) {
                let (blocking, collect) = (false, 0);
                return ::doget::Route {
                    index: entry as u32,
                    blocking,
                    collect,
                };
            }
            let base: &B = &self.inner;
            ::doget::__private::route_base(
                const {
                    &::doget::__private::Registry::union(
                        __DOGET_METHODS,
                        <B as ::doget::Handler>::METHODS,
                        true,
                    )
                },
                base,
                command,
                path,
            )
        }
        fn dispatch(
            &self,
            request: &mut ::doget::Request<'_>,
            response: ::doget::Response<'_>,
        ) -> ::doget::Result<::doget::Sent> {
            match __doget_find(request.command(), "") {
                ::doget::__private::Some((0usize, _)) => {
                    return {
                        let parts = ::doget::__private::Parts(request, response);
                        parts.finish(Self::do_DELETE(self))
                    };
                }
                _ => {}
            }
            let base: &B = &self.inner;
            ::doget::__private::dispatch_base(self, base, request, response)
        }
        fn allowed(&self, path: &str, set: &mut ::doget::MethodSet) {
            ::doget::__private::allowed(set, path, &["DELETE"], &[false], __doget_find);
            let base: &B = &self.inner;
            ::doget::Handler::allowed(base, path, set);
            set.derive_options();
        }
        ::doget::__private::inherit! {
            version_string(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            date_time_string(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            log_date_time_string(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            address_string(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            handle_expect_100(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            send_error(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            end_headers(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            responses(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            log_request(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            log_error(self) (self.inner) : B
        }
        ::doget::__private::inherit! {
            log_message(self) (self.inner) : B
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
};
