//! The protocol core: bytes in, events out; no sockets, no clocks.
