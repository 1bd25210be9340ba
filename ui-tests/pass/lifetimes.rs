#![deny(warnings)]

use doget::{Error, FromRequest, Request, Response, Result, Sent, handler};

pub struct UserAgent<'c>(&'c str);

impl<'c> FromRequest<'c> for UserAgent<'c> {
    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        request.headers().get("User-Agent").map(UserAgent).ok_or_else(|| Error::new(400))
    }
}

pub struct S;

#[handler]
impl S {
    fn do_GET<'a>(&'a self, agent: UserAgent<'a>, request: &'a mut Request<'_>) -> &'a str {
        let _ = request;
        agent.0
    }

    #[route("/{name}")]
    fn do_PUT_name<'a, 'b: 'a>(&'a self, name: &'b str, rest: &'a Request<'b>) -> &'a str
    where
        'b: 'a,
    {
        let _ = rest;
        name
    }

    fn do_POST<'c, 'd>(self: &Self, request: &mut Request<'c>, response: Response<'d>) -> Result<Sent> {
        response.reply(request.target())
    }
}

fn main() {}
