//! 示例数据: an organisation, its people and their cases, all made up and always the same.
//!
//! The past is made by the same acts that make the present, at another clock: so its history, ledger and chain of
//! events are what the product itself would have written. The one number from outside is the manual's own example.
mod after;
mod begin;
mod cases;
mod changes;
mod dictionaries;
mod drafts;
mod enrolments;
mod glyphs;
mod ground;
mod history;
mod judging;
mod notices;
mod orgs;
mod payments;
mod people;
mod picture;

use huzhu_domain::permission::Role;

pub use begin::{DemoError, begin};
pub use cases::fill;
pub use ground::{Ground, PLANS, lay};

/// The password of every demonstration user.
pub const PASSWORD: &str = "huzhu-demo";

/// A user of the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct DemoAccount {
    /// Sign-in name.
    pub username: &'static str,
    /// The name that is shown.
    pub name: &'static str,
    /// Role.
    pub role: Role,
    /// Code of the node of the organisation.
    pub org_code: &'static str,
    /// Its name.
    pub branch: &'static str,
}

const fn account(
    username: &'static str,
    name: &'static str,
    role: Role,
    org_code: &'static str,
    branch: &'static str,
) -> DemoAccount {
    DemoAccount { username, name, role, org_code, branch }
}

/// Who can sign in to the demonstration.
pub const ACCOUNTS: [DemoAccount; 8] = [
    account("unit", "周敏", Role::UnitOperator, "23010001", "1121测试"),
    account("handler", "李思远", Role::Handler, "2301", "哈尔滨代办处"),
    account("review", "王春梅", Role::FirstReviewer, "2300", "黑龙江办事处"),
    account("review2", "赵立新", Role::SecondReviewer, "2300", "黑龙江办事处"),
    account("cashier", "孙晓燕", Role::Cashier, "2300", "黑龙江办事处"),
    // Who makes a batch of payments may not release it: it takes two.
    account("cashier2", "马丽华", Role::Cashier, "2300", "黑龙江办事处"),
    account("admin", "钱进", Role::Admin, "0000", "总会"),
    // Who proposes a plan version may not publish it: it takes two.
    account("admin2", "沈岚", Role::Admin, "0000", "总会"),
];
