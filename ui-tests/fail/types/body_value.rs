use doget::Response;

fn answer(number: u64, response: Response<'_>) -> doget::Result<doget::Sent> {
    response.send_response(200).finish_with(number)
}

fn main() {}
