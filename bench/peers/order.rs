//! What comes in and goes out in the scenario `json`, the same for each server.

use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
pub struct Order {
    pub id: u64,
    pub customer: String,
    pub email: String,
    pub items: Vec<Item>,
    pub note: String,
}

#[derive(Deserialize, Serialize)]
pub struct Item {
    pub name: String,
    pub count: u64,
    pub cents: u64,
}

#[derive(Serialize)]
pub struct Receipt {
    pub order: Order,
    pub count: u64,
    pub cents: u64,
}
