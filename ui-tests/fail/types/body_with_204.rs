use doget::{Created, Html, NoContent, Reply, Response, Result, Sent, Status, handler};

type Nothing = Option<Status<204, Html<&'static str>>>;

#[derive(Reply)]
pub enum Saved {
    #[status(304)]
    Same(String),
    #[status(204)]
    Nothing(NoContent),
}

pub struct S;

#[handler]
impl S {
    fn do_PUT(&self) -> Nothing {
        None
    }

    fn do_PATCH(&self) -> Result<Created<Saved>> {
        Ok(Created::at("/", Saved::Nothing(NoContent)))
    }

    fn do_POST(&self) -> Status<102, NoContent> {
        Status(NoContent)
    }

    #[answers(Status<205, String>)]
    fn do_DELETE(&self, response: Response<'_>) -> Result<Sent> {
        response.reply(NoContent)
    }
}

fn main() {}
