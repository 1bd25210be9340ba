#![deny(warnings)]
//! Macros and strange tokens inside of bodies.

use std::io::Write;

use doget::{Response, Result, Sent, handler};

macro_rules! answer {
    ($response:expr; $($text:tt)*) => {
        $response.reply(stringify!($($text)*))
    };
}

macro_rules! early {
    ($response:ident) => {
        return $response.reply("early")
    };
}

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        answer!(response; fn do_get(&mut self) { #[handler] impl X {} })
    }

    fn do_PUT(&self, response: Response<'_>) -> Result<Sent> {
        fn do_psot() -> u8 {
            1
        }
        #[allow(dead_code)]
        struct Local {
            do_: u8,
        }
        let mut body = response.send_response(200).end_headers()?;
        'outer: for i in 0..u32::from(do_psot()) {
            while i > 0 {
                continue 'outer;
            }
            write!(body, "{i}")?;
        }
        body.finish()
    }

    fn do_POST(&self, response: Response<'_>) -> Result<Sent> {
        if true {
            return response.reply("returned");
        }
        return response.reply("returned too");
    }

    fn do_DELETE(&self) -> String {
        std::process::exit(1);
    }

    fn do_PATCH(&self, response: Response<'_>) -> Result<Sent> {
        loop {
            break response.reply("broken");
        }
    }

    fn do_TRACE(&self) -> ! {
        panic!("never")
    }

    fn do_LINK(&self, response: Response<'_>) -> Result<Sent> {
        match 1 {
            1 => response.reply("one"),
            _ => response.send_error(404, None, None),
        }
    }

    fn do_LOCK(&self, response: Response<'_>) -> Result<Sent> {
        early!(response)
    }
}

fn main() {}
