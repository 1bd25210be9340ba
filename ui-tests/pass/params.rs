//! What `#[derive(Params)]` and its attributes take.

use doget::{Cookies, Form, Headers, ParamFaults, Params, Query, handler};
use std::net::IpAddr;
use std::str::FromStr;

mod hostile {
    #![allow(dead_code, non_camel_case_types)]

    // Names that the expansion has to do without.
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct String;
    pub struct Field;
    pub struct Described;
    pub trait Into {}
    pub struct u32;

    #[derive(doget::Params)]
    pub struct Empty {}

    #[derive(doget::Params)]
    pub struct Names {
        source: std::string::String,
        faults: std::option::Option<std::primitive::u32>,
        r#type: std::string::String,
        #[param(default = "x")]
        value: std::string::String,
    }
}

const LARGEST: u32 = 100;
type Maybe<T> = Option<T>;

/// Generic, with a bound in a where clause.
#[derive(Params)]
#[params(exact)]
struct Pair<T, const N: usize>
where
    T: FromStr,
{
    first: T,
    second: Maybe<T>,
    many: Vec<T>,
}

#[derive(Params)]
#[params(check = |value: &Self, faults: &mut ParamFaults| value.check(faults))]
struct All {
    /// Text.
    #[param(name = "a-b", length = ..=LARGEST as usize)]
    text: String,
    #[param(default = LARGEST / 2, range = 1..=LARGEST)]
    limit: u32,
    #[param(default = -1, range = ..0)]
    below: i8,
    #[param(default = computed())]
    computed: u64,
    #[param(default = 0.5, range = 0.0..1.0)]
    part: f32,
    address: Option<IpAddr>,
    #[cfg(any())]
    left_out: NoSuchType,
    #[param(flatten)]
    pair: Pair<u16, 3>,
}

fn computed() -> u64 {
    7
}

impl All {
    fn check(&self, _: &mut ParamFaults) {}
}

struct Site<T>(T);

#[handler]
impl<T: FromStr> Site<T> {
    #[route("/{id}")]
    fn do_GET(
        &self,
        id: u8,
        Query(_): Query<All>,
        Headers(_): Headers<hostile::Names>,
        session: Option<Cookies<hostile::Empty>>,
        #[query(name = "p", default = 1, range = 1..)] page: u32,
        #[header] user_agent: Option<String>,
        #[query] generic: Option<T>,
        #[query] mut list: Vec<u8>,
    ) -> String {
        list.push(id);
        let _ = (session, generic);
        format!("{page} {user_agent:?} {list:?}")
    }

    fn do_POST(&self, Form(_): Form<Pair<T, 1>>, #[cookie] token: String) -> String {
        token
    }
}

fn main() {
    let _ = doget::testing::exchange(&Site(1_u8), b"");
}
