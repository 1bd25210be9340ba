//! [`ArchiveLimits`]: the bounds of archives, as data.

use crate::http1::limits;

limits! {
    /// Every bound of the archives of a [`FileHandler`](crate::FileHandler::archives). An archive that would have more
    /// is 413, or cut if it comes to more while it is sent.
    ///
    /// ```
    /// use doget::ArchiveLimits;
    ///
    /// let limits = ArchiveLimits::new().max_size(100 << 20);
    /// assert_eq!(limits.max_archives, 2);
    /// ```
    #[derive(Clone, Debug)]
    pub struct ArchiveLimits {
        /// Files and directories. Default: 100,000. The names of those that are still to come are kept in memory, some
        /// hundred bytes for each.
        pub max_entries: u64 = 100_000,
        /// Bytes of all files together. Default: 10 GiB.
        pub max_size: u64 = 10 << 30,
        /// Directories within each other. Default: 64.
        pub max_depth: usize = 64,
        /// Archives at the same time, each of which takes a thread. Default: 2; beyond it 503 with `Retry-After`.
        pub max_archives: usize = 2,
    }
}
