use doget::handler;

pub struct S;

#[handler]
impl S {
    #[get("/users/<id>?<page>")]
    fn user(&self, id: u64, page: u64) -> String {
        format!("{id} {page}")
    }

    #[rocket::post("/users", data = "<body>")]
    fn create(body: String) -> String {
        body
    }

    #[put("/users/{id}")]
    fn do_PUT_user(&self, id: u64) -> String {
        id.to_string()
    }

    #[delete("/users/:id")]
    fn delete_user(&self, id: u64) -> String {
        id.to_string()
    }

    #[patch("/")]
    async fn patch(&self) {}

    #[actix_web::head("/files/{path:.*}")]
    fn head_file(&self) {}

    #[options("/")]
    fn options(&self) {}

    #[route("/either", method = "GET", method = "HEAD")]
    fn either(&self) -> &'static str {
        "either"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
