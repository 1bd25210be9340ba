use doget::Response;
use std::net::IpAddr;

fn answer(address: IpAddr, response: Response<'_>) -> doget::Result<doget::Sent> {
    response
        .send_response(200)
        .send_header("X-Address", address)
        .finish()
}

fn main() {}
