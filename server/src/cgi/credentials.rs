//! [`CgiCredentials`]: what becomes of `Authorization`.

/// What a script is told of the `Authorization` of a request. A user whom a guard has verified, and whose name
/// [`Verify::user_name`](crate::Verify::user_name) says, is told in any case, as `AUTH_TYPE` and `REMOTE_USER`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CgiCredentials {
    /// Nothing: nobody has verified it, and a script that finds `REMOTE_USER` takes it for verified (RFC 3875 section
    /// 4.1.11).
    #[default]
    Withheld,
    /// `AUTH_TYPE` and, of `Basic`, `REMOTE_USER`, as `http.server` had it. **Anyone can claim any name**: for scripts
    /// that only show it.
    Claimed,
    /// The field as it came, in `HTTP_AUTHORIZATION`: for scripts that verify it themselves.
    Passed,
}
