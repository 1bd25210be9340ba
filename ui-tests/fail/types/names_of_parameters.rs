use doget::{FromRequest, ParamFields, ParamGroup, ParamInfo, ParamKind, Place, Request, Result, handler};

const fn info(name: &'static str) -> ParamInfo {
    ParamInfo::new(name, name, ParamKind::Text)
}

macro_rules! parameter {
    ($name:ident, $place:ident, $fields:expr) => {
        #[derive(Debug)]
        pub struct $name;

        impl<'c> FromRequest<'c> for $name {
            const PARAMS: Option<ParamGroup> = Some(ParamGroup::new(Place::$place, $fields));

            fn from_request(_: &mut Request<'c>) -> Result<Self> {
                Ok($name)
            }
        }
    };
}

const PAGE: ParamFields = ParamFields {
    own: &[info("page")],
    flat: &[],
};
const SEARCH: ParamFields = ParamFields {
    own: &[info("q")],
    flat: &[&PAGE],
};
const TWICE: ParamFields = ParamFields {
    own: &[info("page")],
    flat: &[&SEARCH],
};
const CONDITIONS: ParamFields = ParamFields {
    own: &[info("If-Match"), info("authorization")],
    flat: &[],
};
const TAG: ParamFields = ParamFields {
    own: &[info("IF-MATCH")],
    flat: &[],
};

parameter!(Paging, Query, PAGE);
parameter!(Search, Query, SEARCH);
parameter!(Twice, Query, TWICE);
parameter!(PageInCookie, Cookie, PAGE);
parameter!(Conditions, Header, CONDITIONS);
parameter!(Tag, Header, TAG);

type Searched = doget::Result<Search>;

pub struct S;

#[handler]
impl S {
    #[route("/pages/{page}")]
    fn do_GET_page(&self, page: u32, search: Search, cookie: PageInCookie) -> String {
        format!("{page} {search:?} {cookie:?}")
    }

    fn do_GET(&self, search: Searched, cookie: PageInCookie, paging: Paging) -> String {
        format!("{search:?} {cookie:?} {paging:?}")
    }

    fn do_PUT(&self, first: Conditions, second: Tag) -> String {
        format!("{first:?} {second:?}")
    }

    fn do_PATCH(&self, search: Twice) -> String {
        format!("{search:?}")
    }

    #[route("/same/{q}")]
    fn do_POST_same(&self, q: &str, search: Paging) -> String {
        format!("{q} {search:?}")
    }
}

fn main() {}
