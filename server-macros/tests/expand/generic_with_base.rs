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
        B: ::doget::Handler,
    {}
    #[automatically_derived]
    impl<'a, B: Handler + 'a> ::doget::Handler for Logged<'a, B>
    where
        B: Clone,
        B: ::doget::Handler,
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
        const STANDARD_HEAD: ::doget::__private::bool = <B as ::doget::Handler>::STANDARD_HEAD;
        const STANDARD_LOG: ::doget::__private::bool = <B as ::doget::Handler>::STANDARD_LOG;
        fn route(
            &self,
            command: &::doget::__private::str,
            path: &::doget::__private::str,
        ) -> ::doget::Route {
            if let ::doget::__private::Some((entry, _)) = __doget_find(command, path) {
                let (blocking, collect) = (false, 0);
                return ::doget::Route {
                    index: entry as ::doget::__private::u32,
                    blocking,
                    collect,
                };
            }
            ::doget::__private::route_base(
                const {
                    &::doget::__private::Registry::union(
                        __DOGET_METHODS,
                        <B as ::doget::Handler>::METHODS,
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
        ::doget::__private::inherit! {
            version_string(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            date_time_string(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            log_date_time_string(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            address_string(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            handle_expect_100(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            send_error(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            end_headers(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            responses(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            log_request(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            log_error(self) (* Self::__doget_base(self)) : B
        }
        ::doget::__private::inherit! {
            log_message(self) (* Self::__doget_base(self)) : B
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
