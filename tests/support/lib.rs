//! What the black-box tests share: a raw client and a server on a free port.
