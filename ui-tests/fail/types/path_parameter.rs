use doget::handler;

pub struct S;

pub struct Page;

#[handler]
impl S {
    #[route("/{page}")]
    fn do_GET_page(&self, page: Page) -> String {
        let Page = page;
        String::new()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
