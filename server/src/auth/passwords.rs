//! [`Passwords`]: users and the hashes of their passwords.

use crate::auth::secret::same_secret;
use crate::semantics::base64;
use crate::{Error, Result};
use scrypt::Params;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a new hash costs: 32 MiB and some 100 ms (OWASP's first choice for scrypt is 2^17, which is 128 MiB).
const LOG_N: u8 = 15;
const R: u32 = 8;
const P: u32 = 1;

/// The most that a hash of a file may cost: 256 MiB.
const MOST_LOG_N: u8 = 18;

/// Hashes that run at once: each takes its memory. What comes beyond gets 503, and no queue of minutes.
const AT_ONCE: usize = 2;

/// For so long a password that was right is known again without its hash: a page of fifty images is one hash.
const REMEMBERED: Duration = Duration::from_secs(300);

/// So many are remembered.
const MOST_REMEMBERED: usize = 1024;

/// Users and the hashes of their passwords, by scrypt (RFC 7914).
///
/// A name that nobody has takes as long as one that somebody has: it is hashed against a hash that no password has. At
/// most two passwords are hashed at once, and what comes beyond them gets 503. What was right is remembered for five
/// minutes, as a keyed digest, so that not every image of a page costs a hash; what was wrong never is.
///
/// A hash takes some 100 ms, so a [`Verify`](crate::Verify) with it has `BLOCKS`:
///
/// ```
/// use doget::{Authorized, Basic, Passwords, Request, Result, Scheme, Verify, handler, testing};
///
/// struct User(String);
///
/// struct Wiki {
///     passwords: Passwords,
/// }
///
/// impl Verify<User> for Wiki {
///     const SCHEME: Scheme = Scheme::Basic("wiki");
///     const BLOCKS: bool = true;
///
///     fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
///         let Some(basic) = Basic::of(request) else { return Ok(None) };
///         let known = self.passwords.verify(basic.name(), basic.password())?;
///         Ok(known.then(|| User(basic.name().to_owned())))
///     }
/// }
///
/// #[handler]
/// impl Wiki {
///     fn do_GET(&self, user: Authorized<User>) -> String {
///         format!("hello {}", user.0)
///     }
/// }
///
/// let hash = Passwords::hash("engine")?;
/// let wiki = Wiki { passwords: Passwords::new([("ada", hash)])? };
/// let answer = testing::get("/").header("Authorization", "Basic YWRhOmVuZ2luZQ==").send(&wiki);
/// assert_eq!(answer.text(), "hello ada");
/// # Ok::<(), doget::Error>(())
/// ```
pub struct Passwords {
    users: HashMap<String, Hash>,
    /// Stands in for users that there are not.
    nobody: Hash,
    running: AtomicUsize,
    remembered: Mutex<HashMap<[u8; 32], Instant>>,
    /// Makes digests of passwords worthless elsewhere.
    key: [u8; 32],
}

/// A hash, and how it was made.
struct Hash {
    params: Params,
    salt: Vec<u8>,
    digest: [u8; 32],
}

impl Passwords {
    /// Users with the hashes that [`hash`](Self::hash) made of their passwords.
    ///
    /// # Errors
    ///
    /// A text that is no such hash, or one that would cost more than 256 MiB.
    pub fn new<N: Into<String>, T: AsRef<str>>(
        users: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self> {
        let mut known = HashMap::new();
        for (name, text) in users {
            let name = name.into();
            let hash = Hash::parse(text.as_ref()).ok_or_else(|| {
                Error::internal(format!("the hash of {name:?} is none of scrypt"))
            })?;
            known.insert(name, hash);
        }
        // As dear as the dearest, so that it is never quicker than a known name.
        let cost = known.values().map(|hash| hash.params);
        let params = match cost.max_by_key(|params| (params.log_n(), params.r(), params.p())) {
            Some(params) => params,
            None => usual()?,
        };
        Ok(Self {
            users: known,
            nobody: Hash {
                params,
                salt: random::<16>()?.to_vec(),
                digest: random()?,
            },
            running: AtomicUsize::new(0),
            remembered: Mutex::default(),
            key: random()?,
        })
    }

    /// The hash of a password with a new salt, as `$scrypt$ln=15,r=8,p=1$salt$hash`. It takes some 100 ms.
    ///
    /// Without optimization, as in the dev profile, it takes some seconds. These lines in your `Cargo.toml` help:
    ///
    /// ```toml
    /// [profile.dev.package.scrypt]
    /// opt-level = 3
    /// ```
    ///
    /// # Errors
    ///
    /// The system gives no random numbers.
    pub fn hash(password: &str) -> Result<String> {
        let salt = random::<16>()?;
        let params = usual()?;
        let digest = derive(password, &salt, params)?;
        Ok(format!(
            "$scrypt$ln={LOG_N},r={R},p={P}${}${}",
            encode_unpadded(&salt),
            encode_unpadded(&digest)
        ))
    }

    /// Whether this is the password of somebody who is known by this name: both as [`Basic`](crate::Basic) has them,
    /// or as a form brought them. It takes as long as [`hash`](Self::hash), so the method that calls it for a form is
    /// `#[blocking]`:
    ///
    /// ```
    /// use doget::{Error, Form, Passwords, Redirect, Result, handler, testing};
    ///
    /// struct Site {
    ///     passwords: Passwords,
    /// }
    ///
    /// #[handler]
    /// impl Site {
    ///     #[route("/log-in")]
    ///     #[blocking]
    ///     fn do_POST_log_in(&self, form: Form) -> Result<Redirect> {
    ///         let field = |name| form.get(name).unwrap_or_default();
    ///         match self.passwords.verify(&field("user"), &field("password"))? {
    ///             true => Ok(Redirect::see_other("/")), // with the feature `session`: `session.renew()?` and so on
    ///             false => Err(Error::forbidden().explain("wrong user or password")),
    ///         }
    ///     }
    /// }
    ///
    /// let site = Site { passwords: Passwords::new([("ada", Passwords::hash("engine")?)])? };
    /// let log_in = |password| testing::post("/log-in").form([("user", "ada"), ("password", password)]).send(&site);
    /// assert_eq!(log_in("engine").status(), 303);
    /// assert_eq!(log_in("motor").status(), 403);
    /// # Ok::<(), doget::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// 503 while too many others are verified.
    pub fn verify(&self, name: &str, password: &str) -> Result<bool> {
        let digest = self.keyed(name, password);
        if self.is_remembered(&digest) {
            return Ok(true);
        }
        let (hash, is_known) = match self.users.get(name) {
            Some(hash) => (hash, true),
            None => (&self.nobody, false),
        };
        let _place = Place::take(&self.running).ok_or_else(Error::busy)?;
        let derived = derive(password, &hash.salt, hash.params)?;
        // Both are looked at in any case.
        let is_right = same_secret(derived, hash.digest) & is_known;
        if is_right {
            self.remember(digest);
        }
        Ok(is_right)
    }

    /// What is remembered of a name and a password that were right.
    fn keyed(&self, name: &str, password: &str) -> [u8; 32] {
        let length = u64::try_from(name.len()).unwrap_or(u64::MAX);
        let mut digest = Sha256::new();
        digest.update(self.key);
        digest.update(length.to_be_bytes());
        digest.update(name);
        digest.update(password);
        // Once more with the key, so that no text can be put behind what was hashed.
        let inner: [u8; 32] = digest.finalize().into();
        Sha256::new()
            .chain_update(self.key)
            .chain_update(inner)
            .finalize()
            .into()
    }

    fn is_remembered(&self, digest: &[u8; 32]) -> bool {
        let remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A keyed digest is not known to whoever measures, so the time of the look-up tells nothing.
        remembered
            .get(digest)
            .is_some_and(|until| Instant::now() < *until)
    }

    fn remember(&self, digest: [u8; 32]) {
        let now = Instant::now();
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MOST_REMEMBERED {
            remembered.retain(|_, until| now < *until);
        }
        if remembered.len() < MOST_REMEMBERED {
            remembered.insert(digest, now + REMEMBERED);
        }
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("users", &self.users.len())
            .finish_non_exhaustive()
    }
}

impl Hash {
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.trim().split('$').collect();
        let ["", "scrypt", params, salt, digest] = parts[..] else {
            return None;
        };
        let numbers: Vec<&str> = params.split(',').collect();
        let [log_n, r, p] = numbers[..] else {
            return None;
        };
        let log_n: u8 = log_n.strip_prefix("ln=")?.parse().ok()?;
        let r: u32 = r.strip_prefix("r=")?.parse().ok()?;
        let p: u32 = p.strip_prefix("p=")?.parse().ok()?;
        if !(1..=MOST_LOG_N).contains(&log_n) || !(1..=R).contains(&r) || !(1..=16).contains(&p) {
            return None;
        }
        Some(Self {
            params: Params::new(log_n, r, p).ok()?,
            salt: decode_unpadded(salt)?,
            digest: decode_unpadded(digest)?.try_into().ok()?,
        })
    }
}

/// Base64 without its padding, as the format has it.
fn encode_unpadded(bytes: &[u8]) -> String {
    base64::encode(bytes).trim_end_matches('=').to_owned()
}

fn decode_unpadded(text: &str) -> Option<Vec<u8>> {
    if text.contains('=') {
        return None;
    }
    let padding = text.len().next_multiple_of(4) - text.len();
    base64::decode(&(text.to_owned() + &"=".repeat(padding)))
}

fn usual() -> Result<Params> {
    Params::new(LOG_N, R, P).map_err(Error::internal)
}

fn derive(password: &str, salt: &[u8], params: Params) -> Result<[u8; 32]> {
    let mut digest = [0; 32];
    scrypt::scrypt(password.as_bytes(), salt, &params, &mut digest).map_err(Error::internal)?;
    Ok(digest)
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes)
}

/// One of the places for hashes that run at once.
struct Place<'p>(&'p AtomicUsize);

impl<'p> Place<'p> {
    fn take(running: &'p AtomicUsize) -> Option<Self> {
        let more = |count| (count < AT_ONCE).then_some(count + 1);
        let taken = running.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.is_ok().then(|| Self(running))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    /// Quick to make, for tests alone.
    fn hash(password: &str) -> String {
        let params = Params::new(4, 8, 1).unwrap();
        let digest = derive(password, b"salt", params).unwrap();
        let (salt, digest) = (encode_unpadded(b"salt"), encode_unpadded(&digest));
        format!("$scrypt$ln=4,r=8,p=1${salt}${digest}")
    }

    fn known() -> Passwords {
        Passwords::new([("ada", hash("engine")), ("bob", hash(""))]).unwrap()
    }

    #[test]
    fn a_password_is_that_of_its_user() {
        let known = known();
        for (name, password, is_right) in [
            ("ada", "engine", true),
            ("bob", "", true),
            ("ada", "", false),
            ("bob", "engine", false),
            ("ada", "engine ", false),
            ("Ada", "engine", false),
            ("eve", "engine", false),
            ("", "", false),
        ] {
            for _ in 0..2 {
                let verified = known.verify(name, password).unwrap();
                assert_eq!(verified, is_right, "{name} {password}");
            }
        }
        assert_eq!(known.remembered.lock().unwrap().len(), 2);
    }

    /// Traefik answered unknown users faster, three times within a year, last by the cache that was to help: so an
    /// unknown name takes the same way, and what was wrong is not remembered.
    #[test]
    fn an_unknown_name_costs_what_a_known_one_costs() {
        let known = known();
        let cost = |hash: &Hash| (hash.params.log_n(), hash.params.r(), hash.params.p());
        assert_eq!(cost(&known.nobody), cost(known.users.get("ada").unwrap()));
        assert!(known.verify("ada", "engine").unwrap());
        // With no place for a hash it shows who needs one.
        known.running.store(AT_ONCE, Ordering::Relaxed);
        let status = |name: &str, password: &str| {
            let verified = known.verify(name, password);
            verified.map_err(|error| error.status().as_u16())
        };
        assert_eq!(status("ada", "engine"), Ok(true), "remembered");
        assert_eq!(status("ada", "other"), Err(503));
        assert_eq!(status("eve", "other"), Err(503));
        assert_eq!(status("eve", "engine"), Err(503));
    }

    #[test]
    fn what_is_no_hash_is_an_error_at_the_start() {
        let good = hash("a");
        assert!(Passwords::new([("a", &good)]).is_ok());
        for bad in [
            "",
            "engine",
            "$2y$05$abc",
            &good.replace("ln=4", "ln=19"),
            &good.replace("ln=4", "ln=0"),
            &good.replace("p=1", "p=100"),
            &good.replace("$scrypt$", "$argon2id$"),
            good.trim_end_matches(|c| c != '$'),
            &good.replace('4', "_"),
        ] {
            assert!(Passwords::new([("a", bad)]).is_err(), "{bad}");
        }
    }

    /// RFC 7914 section 12, the first of the longer ones.
    #[test]
    fn hashes_are_those_of_the_rfc() {
        let params = Params::new(10, 8, 16).unwrap();
        let digest = derive("password", b"NaCl", params).unwrap();
        assert_eq!(
            &digest[..8],
            [0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34, 0x72, 0x00]
        );
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let known = known();
        for number in 0..2_000_u32 {
            let mut digest = [0; 32];
            digest[..4].copy_from_slice(&number.to_be_bytes());
            known.remember(digest);
        }
        assert_eq!(known.remembered.lock().unwrap().len(), MOST_REMEMBERED);
    }
}
