#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| doget_fuzz::websocket(data));
