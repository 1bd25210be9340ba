use doget::{Authorized, Request, Result, Scheme, Verify, handler};

pub struct Admin;
pub struct User;
pub struct Robot;

type Machine = Option<Authorized<Robot>>;

pub struct S;

impl Verify<Admin> for S {
    const SCHEME: Scheme = Scheme::Basic("admin");

    fn verify(&self, _: &Request<'_>) -> Result<Option<Admin>> {
        Ok(None)
    }
}

impl Verify<User> for S {
    const SCHEME: Scheme = Scheme::Basic("users");

    fn verify(&self, _: &Request<'_>) -> Result<Option<User>> {
        Ok(None)
    }
}

impl Verify<Robot> for S {
    const SCHEME: Scheme = Scheme::Bearer("robots");

    fn verify(&self, _: &Request<'_>) -> Result<Option<Robot>> {
        Ok(None)
    }
}

#[handler(guard(User))]
impl S {
    /// One field for both: they have the same scheme.
    fn do_GET(&self, admin: Authorized<Admin>) -> &'static str {
        drop(admin);
        "admin"
    }

    #[route("/robot")]
    fn do_GET_robot(&self, robot: Machine) -> &'static str {
        drop(robot);
        "the guard wants another"
    }

    #[route("/both")]
    #[open]
    fn do_GET_both(&self, admin: Authorized<Admin>, robot: Authorized<Robot>) -> &'static str {
        drop((admin, robot));
        "nobody can be both"
    }

    #[route("/open")]
    #[open]
    fn do_GET_open(&self, robot: Authorized<Robot>) -> &'static str {
        drop(robot);
        "robot"
    }
}

fn main() {}
