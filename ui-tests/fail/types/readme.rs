use doget::{Response, Result, Sent, handler};

struct Hello;

#[handler]
impl Hello {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        let body = response.send_response(200).end_headers()?;
        body.finish();
    }

    fn do_PUT(&self, response: Response<'_>) -> Result<Sent> {
        response.reply("one")?;
        response.reply("two")
    }

    fn do_POST(&self, response: Response<'_>) -> Result<Sent> {
        let body = response.send_response(200).end_headers()?;
        body.send_header("X-Late", "yes").finish()
    }

    fn do_DELTE(&self) -> &'static str {
        "gone"
    }
}

fn main() {}
