use doget::{Form, Multipart, MultipartLimits, NoContent, Params, Query, Upload, handler};

#[derive(Params)]
pub struct Photo {
    /// The picture.
    pub photo: Upload,
}

#[derive(Params)]
#[params(limits = MultipartLimits::new().max_size(1 << 10))]
pub struct Small {
    /// The picture, larger than all of the body.
    #[param(limit = 2 << 10)]
    pub photo: Upload,
}

pub struct Album;

#[handler]
impl Album {
    #[route("/query")]
    fn do_GET_query(&self, _: Query<Photo>) -> NoContent {
        NoContent
    }

    #[route("/form")]
    fn do_POST_form(&self, _: Option<Form<Photo>>) -> NoContent {
        NoContent
    }

    #[route("/small")]
    fn do_POST_small(&self, _: Multipart<Small>) -> NoContent {
        NoContent
    }

    #[route("/photo")]
    fn do_POST_photo(&self, _: Multipart<Photo>) -> NoContent {
        NoContent
    }
}

fn main() {}
