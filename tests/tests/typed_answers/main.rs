//! Answers whose status is in their type, errors that say which values were wrong, and bodies of RFC 9457.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod problems;

use doget::{
    Created, Declared, Error, Fault, Handler, Html, InputFault, Log, NoContent, Place, Redirect,
    Reply, Response, Result, Sent, Status, StatusCode, handler, testing,
};
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(data)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the log says of a request, without addresses and dates.
fn logged(handler: &impl Handler, request: &str) -> Vec<String> {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    testing::Exchange::new()
        .log(log.clone())
        .run(handler, request.as_bytes());
    assert!(log.flush(std::time::Duration::from_secs(60)));
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    text.lines()
        .map(|line| line.split_once("] ").unwrap().1.to_owned())
        .collect()
}

struct Faulty;

#[handler]
impl Faulty {
    fn do_GET(&self) -> Result<String> {
        Err(Error::bad_request()
            .fault(Place::Query, "limit", "a number from 1 to 100")
            .fault(Place::Header, "If-Match", "an entity tag, <quoted>"))
    }
}

#[test]
fn several_faults_stand_in_the_page_and_in_the_log() {
    let answer = testing::get("/?limit=secret").send(&Faulty);
    assert_eq!(answer.status(), 400);
    let text = answer.text();
    assert!(
        text.contains(
            "(query limit: a number from 1 to 100; header If-Match: an entity tag, &lt;quoted&gt;)"
        ),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
    let log = logged(&Faulty, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(log[0], "code 400, message Bad Request");
    assert_eq!(
        log[1],
        "faults: query limit: a number from 1 to 100; header If-Match: an entity tag, <quoted>"
    );
}

#[derive(Fault)]
enum ShopError {
    /// The article is sold out.
    ///
    /// More of it, which nobody is sent.
    #[status(409)]
    SoldOut,
    #[status(422, "Only {1} of {{{0}}} are left")]
    TooFew(String, u32),
    /// The stock cannot be read.
    #[status(503)]
    Stock(#[source] std::io::Error),
    /// The order is not one.
    #[status(400)]
    Order(#[faults] Vec<InputFault>),
    #[fault]
    Other(Error),
}

/// A fault without a variant.
#[derive(Fault)]
#[status(410, "It left in {year}")]
struct Left {
    year: u32,
}

#[derive(Reply)]
enum Bought {
    /// The bill.
    Now(Created<String>),
    #[status(202)]
    Later(Html<&'static str>),
    #[status(204)]
    Nothing,
    #[status(402)]
    Unpaid,
}

struct Shop;

#[handler]
impl Shop {
    #[route("/buy/{count}")]
    fn do_POST_buy(&self, count: u32) -> Result<Bought, ShopError> {
        match count {
            0 => Ok(Bought::Nothing),
            1 => Ok(Bought::Now(Created::at("/bills/a b", "a bill".to_owned()))),
            2 => Ok(Bought::Later(Html("later"))),
            3 => Ok(Bought::Unpaid),
            4 => Err(ShopError::SoldOut),
            5 => Err(ShopError::TooFew("tea".to_owned(), 2)),
            6 => {
                let lost = std::io::Error::other("the disk is gone");
                Err(ShopError::Stock(lost))
            }
            7 => Err(Error::forbidden())?,
            _ => {
                let count = InputFault::new(Place::Path, "count", "at most 7");
                Err(ShopError::Order(vec![count]))
            }
        }
    }

    #[route("/old")]
    fn do_GET_old(&self) -> Result<Option<Status<203, String>>, Left> {
        Err(Left { year: 1999 })
    }

    #[route("/bills/{id}")]
    fn do_DELETE_bill(&self, id: u32) -> Option<NoContent> {
        (id == 1).then_some(NoContent)
    }

    #[route("/form")]
    fn do_POST_form(&self, text: String) -> Redirect {
        Redirect::see_other(text)
    }

    #[route("/hand")]
    #[answers(Status<206, Html<&str>>, Status<304, NoContent>)]
    fn do_GET_hand(&self, response: Response<'_>) -> Result<Sent> {
        response.reply(StatusCode::NOT_MODIFIED)
    }

    fn do_PUT(&self) -> Result<&'static str> {
        Ok("anything")
    }
}

#[test]
fn the_status_is_that_of_the_type() {
    let buy = |count: u32| testing::post(&format!("/buy/{count}")).send(&Shop);
    let statuses: Vec<u16> = (0..9).map(|count| buy(count).status().as_u16()).collect();
    assert_eq!(statuses, [204, 201, 202, 402, 409, 422, 503, 403, 400]);
    assert_eq!(buy(0).header("Content-Length"), None);
    let created = buy(1);
    assert_eq!(created.header("Location"), Some("/bills/a%20b"));
    assert_eq!(created.text(), "a bill");
    assert_eq!(
        buy(2).header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
}

#[test]
fn a_fault_says_in_the_page_what_its_documentation_or_its_text_says() {
    let page = |path: &str| testing::post(path).send(&Shop).text().to_owned();
    assert!(
        page("/buy/4").contains("409 - The article is sold out.</p>"),
        "{}",
        page("/buy/4")
    );
    assert!(
        page("/buy/5").contains("422 - Only 2 of {tea} are left.</p>"),
        "{}",
        page("/buy/5")
    );
    let old = testing::get("/old").send(&Shop);
    assert_eq!(old.status(), 410);
    assert!(old.text().contains("It left in 1999"), "{}", old.text());
    let order = page("/buy/8");
    assert!(
        order.contains("The order is not one (path count: at most 7)."),
        "{order}"
    );
    // The cause is not for the client.
    assert!(!page("/buy/6").contains("disk"));
}

#[test]
fn the_log_says_which_fault_it_was_and_why() {
    let log = |count: u32| {
        let request = format!("POST /buy/{count} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        logged(&Shop, &request)
    };
    assert_eq!(
        log(4)[..2],
        [
            "code 409, message Conflict",
            "caused by: ShopError::SoldOut"
        ]
    );
    assert_eq!(
        log(5)[1],
        "caused by: ShopError::TooFew: Only 2 of {tea} are left"
    );
    assert_eq!(
        log(6)[1..3],
        ["caused by: ShopError::Stock", "caused by: the disk is gone"]
    );
    assert_eq!(log(7)[0], "code 403, message Forbidden");
}

/// What a method declares: its statuses, and `open` if there may be others.
fn declared<H: Declared>(function: &str) -> (Vec<u16>, bool) {
    let info = H::METHODS
        .iter()
        .find(|info| info.function == function)
        .unwrap();
    let answers = info.answers.unwrap();
    let statuses = answers.list().iter().map(|answer| answer.status).collect();
    (statuses, answers.is_open())
}

#[test]
fn a_method_declares_what_its_types_answer() {
    let fault = [409, 422, 503, 400];
    let bought = [201, 202, 204, 402];
    let all = bought.into_iter().chain(fault).chain([404]).collect();
    // `ShopError::Other` can be anything.
    assert_eq!(declared::<Shop>("do_POST_buy"), (all, true));
    assert_eq!(declared::<Shop>("do_GET_old"), (vec![203, 404, 410], false));
    assert_eq!(declared::<Shop>("do_DELETE_bill"), (vec![204, 404], false));
    assert_eq!(
        declared::<Shop>("do_POST_form"),
        (vec![303, 307, 308, 400, 413], false)
    );
    assert_eq!(declared::<Shop>("do_GET_hand"), (vec![206, 304], false));
    assert_eq!(declared::<Shop>("do_PUT"), (vec![200], true));
}

#[test]
fn a_declared_answer_has_its_type_its_header_and_its_words() {
    let answers = Bought::ANSWERS.list();
    assert_eq!(answers[0].status, 201);
    assert_eq!(answers[0].header, Some("Location"));
    assert_eq!(answers[0].description, "The bill.");
    assert_eq!(answers[1].media_type, Some("text/html; charset=utf-8"));
    let faults = ShopError::ANSWERS.list();
    assert_eq!(faults[0].description, "The article is sold out.");
    assert!(faults.iter().all(|fault| fault.is_error));
}

/// Answers what it does not declare.
struct Drifting;

#[handler]
impl Drifting {
    #[route("/status")]
    #[answers(Status<202, NoContent>)]
    fn do_GET_status(&self, response: Response<'_>) -> Result<Sent> {
        response.reply(StatusCode::OK)
    }

    #[route("/type")]
    #[answers(Html<String>)]
    fn do_GET_type(&self, response: Response<'_>) -> Result<Sent> {
        response.reply("text")
    }

    #[route("/location")]
    #[answers(Created<String>)]
    fn do_POST_location(&self, response: Response<'_>) -> Result<Sent> {
        response.reply((201, "created, somewhere"))
    }

    #[route("/fault")]
    #[answers(Html<String>)]
    fn do_GET_fault(&self, _: Response<'_>) -> Result<Sent> {
        Err(Error::conflict())
    }

    #[route("/right/{number}")]
    fn do_GET_right(&self, number: u8) -> Result<Status<203, String>, Left> {
        match number {
            0 => Err(Left { year: 2000 }),
            _ => Ok(Status("right".to_owned())),
        }
    }

    #[route("/open")]
    fn do_GET_open(&self) -> Result<String> {
        Err(Error::new(418))
    }
}

#[test]
fn an_answer_that_is_not_declared_is_found() {
    let found = |request: testing::TestRequest| request.send(&Drifting).undeclared();
    let words = [
        (
            testing::get("/status"),
            "do_GET_status answers 200, and declares 202",
        ),
        (
            testing::get("/type?x=1"),
            "do_GET_type answers 200 with text/plain; charset=utf-8, and declares text/html; charset=utf-8",
        ),
        (
            testing::post("/location"),
            "do_POST_location answers 201 without Location, which it declares",
        ),
        (
            testing::get("/fault"),
            "do_GET_fault answers 409, and declares 200",
        ),
        (
            testing::head("/fault"),
            "do_GET_fault answers 409, and declares 200",
        ),
    ];
    for (request, expected) in words {
        assert_eq!(found(request).as_deref(), Some(expected));
    }
    for request in [
        testing::get("/right/1"),
        testing::get("/right/0"),
        testing::get("/right/300"),
        testing::get("/open"),
        testing::get("/none"),
        testing::delete("/status"),
        testing::options("/status"),
    ] {
        assert_eq!(found(request), None);
    }
}
