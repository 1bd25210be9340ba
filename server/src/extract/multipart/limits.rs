//! [`MultipartLimits`]: the bounds of an upload, as data.

use crate::http1::limits;

limits! {
    /// Bounds on a body of `multipart/form-data`. Each is the most that is accepted.
    ///
    /// ```
    /// use doget::MultipartLimits;
    ///
    /// const VIDEOS: MultipartLimits = MultipartLimits::new().max_file_size(1 << 30).max_size(2 << 30);
    /// assert_eq!(VIDEOS.max_parts, 128);
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MultipartLimits {
        /// Bytes of the whole body. Default: 32 MiB; 413 beyond, before a byte is read if the length is announced.
        pub max_size: u64 = 32 << 20,
        /// Parts. Default: 128; 413 beyond.
        pub max_parts: usize = 128,
        /// Bytes of one part; of a field of `Multipart<T>` its own `limit` counts. Default: 16 MiB; 413 beyond.
        pub max_file_size: u64 = 16 << 20,
        /// Bytes of a part that is read as text. Default: 64 KiB; 413 beyond.
        pub max_text_size: u64 = 64 << 10,
        /// Bytes of the header of a part. Default and most: 8 KiB; 400 beyond.
        pub max_part_header_size: usize = 8 << 10,
        /// Fields in the header of a part. Default: 16; 400 beyond.
        pub max_part_fields: usize = 16,
        /// Bytes of a file that `Multipart<T>` keeps in memory before it writes to a temporary file. Default: 64 KiB.
        pub memory_size: usize = 64 << 10,
        /// The directory of temporary files. Default: [`std::env::temp_dir`].
        pub directory: Option<&'static str> = None,
    }
}
