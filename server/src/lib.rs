//! doget
pub mod http1;
