//! What a peer may send at most. Limits are data, so that tests can shrink them and each refusal
//! can name the one it ran into.

/// Declares a struct of limits: each field with its documentation and its default in one place, `new` with the
/// defaults, and for each field a setter of its name. The struct is `non_exhaustive`, so that a limit can be added
/// without breaking anybody.
macro_rules! limits {
    (
        $(#[$of_type:meta])*
        pub struct $Type:ident {
            $( $(#[$of_field:meta])* pub $field:ident: $Field:ty = $default:expr, )*
        }
    ) => {
        $(#[$of_type])*
        #[non_exhaustive]
        pub struct $Type {
            $( $(#[$of_field])* pub $field: $Field, )*
        }

        impl $Type {
            /// The defaults.
            #[must_use]
            pub const fn new() -> Self {
                Self { $( $field: $default, )* }
            }

            $(
                #[doc = concat!(
                    "Sets the field [`", stringify!($field), "`](", stringify!($Type), "#structfield.",
                    stringify!($field), "), which says what is bounded."
                )]
                #[must_use]
                pub const fn $field(mut self, value: $Field) -> Self {
                    self.$field = value;
                    self
                }
            )*
        }

        impl Default for $Type {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

pub(crate) use limits;

limits! {
    /// Bounds on a request head; the default is the strict profile's.
    ///
    /// Each is the most that is accepted: n passes, n + 1 is refused. Lines are counted with their
    /// line end, as Python's `http.server` counts them.
    ///
    /// ```
    /// use doget::{HeadLimits, Limits};
    ///
    /// const LIMITS: Limits = Limits::new().head(HeadLimits::new().max_fields(50));
    /// assert_eq!(LIMITS.head.max_fields, 50);
    /// ```
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct HeadLimits {
        /// Bytes of the method; beyond it 400. Default: 32 (the longest registered has 17).
        pub max_method_size: usize = 32,
        /// Bytes of the request target; beyond it 414. Default: 8 KiB, as nginx and Apache.
        pub max_target_size: usize = 8 * 1024,
        /// Bytes of the whole request line; beyond it 414, or 400 if it is not the target that is
        /// too long. Default: 8,236: the longest method and target with a version and a line end.
        pub max_request_line_size: usize = 32 + 8 * 1024 + " HTTP/1.1\r\n".len() + 1,
        /// Bytes of one field line; beyond it 431. Default: 16 KiB, twice as much as nginx and Apache: the programs on
        /// one host share its cookies, whichever their ports are, so that those of `localhost` heap up.
        pub max_field_line_size: usize = 16 * 1024,
        /// Field lines; beyond it 431. Default: 100, as hyper and Apache. In the lenient profile the
        /// closing blank line counts as well, as with `http.server`.
        pub max_fields: usize = 100,
        /// Bytes of the whole head, leading empty lines included; beyond it 431. Default: 32 KiB.
        pub max_size: usize = 32 * 1024,
        /// Empty lines that are skipped before a request line (RFC 9112 section 2.2). Default: 2.
        pub max_empty_lines: usize = 2,
    }
}

impl HeadLimits {
    /// The bounds of Python's `http.server`: lines of 65,536 bytes, 100 lines, no empty line before a request. It has
    /// no bound on the whole, which comes to 6.5 MB; here it is 1 MiB.
    #[must_use]
    pub const fn lenient() -> Self {
        Self {
            max_method_size: 65_536,
            max_target_size: 65_536,
            max_request_line_size: 65_536,
            max_field_line_size: 65_536,
            max_fields: 100,
            max_size: 1 << 20,
            max_empty_lines: 0,
        }
    }
}

limits! {
    /// Bounds on the framing of a chunked body (RFC 9112 section 7.1); the data itself is bounded
    /// elsewhere. Beyond any of them the body is refused with 400.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ChunkLimits {
        /// Bytes of one chunk-size line, its line end included. Default: 4 KiB.
        pub max_line_size: usize = 4 * 1024,
        /// Bytes of all chunk extensions of one body. Default: 16 KiB, as hyper.
        pub max_extensions_size: usize = 16 * 1024,
        /// Bytes of the trailer section, line ends included. Default: 16 KiB, as hyper.
        pub max_trailer_size: usize = 16 * 1024,
        /// Lines of the trailer section. Default: 32.
        pub max_trailer_fields: usize = 32,
    }
}
