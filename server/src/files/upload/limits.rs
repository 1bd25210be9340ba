//! [`UploadLimits`]: the bounds of what clients may send, as data.

use crate::http1::limits;

limits! {
    /// Every bound of the files that an [`UploadHandler`](super::UploadHandler) or a
    /// [`DropDirectory`](super::DropDirectory) takes. Those of the server count too: [`Limits`](crate::Limits).
    ///
    /// Beside them a tenth of the disk stays free, or 1 GiB of a large one: beyond it 507.
    ///
    /// ```
    /// use doget::UploadLimits;
    ///
    /// let limits = UploadLimits::new().max_file_size(1 << 20);
    /// assert_eq!(limits.max_uploads, 2);
    /// ```
    #[derive(Clone, Debug)]
    pub struct UploadLimits {
        /// Bytes of one file. Default: 1 GiB; beyond it 413.
        pub max_file_size: u64 = 1 << 30,
        /// Bytes of all files together. Default: 10 GiB; beyond it 507.
        pub max_total_size: u64 = 10 << 30,
        /// Files. Default: 10,000; beyond it 507.
        pub max_files: u64 = 10_000,
        /// Clients that send at the same time. Default: 2; beyond it 503 with `Retry-After: 5`.
        pub max_uploads: usize = 2,
    }
}
